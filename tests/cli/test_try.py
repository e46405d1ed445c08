"""A model in the hand: a continuation, the choices behind it, and one line for what can't be."""

import json
from types import SimpleNamespace

import pytest

from textgen_core.errors import InputError


@pytest.fixture
def model(finished_run):
    return finished_run[0] / "out" / "tiny" / "model"


def test_the_prompt_and_its_continuation_are_printed_and_the_same_again(textgen, model):
    code, out, _ = textgen("try", model, "one green", "--max-new-tokens", 12)
    assert code == 0 and out.startswith("one green") and out.endswith("\n")
    assert textgen("try", model, "one green", "--max-new-tokens", 12)[1] == out
    document = json.loads(textgen("try", model, "one green", "--max-new-tokens", 12, "--json")[1])
    assert document["prompt"] + document["text"] + "\n" == out


def test_explaining_shows_probabilities_and_what_samplers_keep(textgen, model):
    code, out, _ = textgen("try", model, "one green", "--explain", "--top-k", 3, "--json")
    document = json.loads(out)
    assert code == 0 and document["kept"]["yours"] == 3
    probabilities = [each["probability"] for each in document["candidates"]]
    _, out, _ = textgen("try", model, "one green", "--explain", "--min-p", 1, "--order", "min_p temperature", "--json")
    assert json.loads(out)["kept"]["yours"] == 1
    assert probabilities == sorted(probabilities, reverse=True) and 0 < sum(probabilities) <= 1


def test_what_is_streamed_obeys_the_constraint(textgen, model):
    code, out, _ = textgen("try", model, "one ", "--choices", "tulip", "--choices", "two", "--max-new-tokens", 12)
    assert code == 0 and out in ("one tulip\n", "one two\n")
    _, out, _ = textgen("try", model, "", "--regex", "[a-c]{4}", "--max-new-tokens", 12, "--json")
    assert len(json.loads(out)["text"]) == 4


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--max-new-tokens", "-1"], "--max-new-tokens"),
        (["--seed", "-1"], "--seed"),
        (["--stop", ""], "--stop"),
        (["--top-k", "0"], "--top-k"),
        (["--typical-p", "0"], "--typical-p"),
        (["--min-p", "0.1", "--order", "top_q"], "order has top_q"),
        (["--regex", "("], "the flags together: a regular expression"),
        (["--regex", "a", "--choices", "a"], "one constraint"),
        (["--regex", "a", "--explain"], "--explain"),
        (["--explain", "--attention"], "--explain and --attention"),
        (["--page", "x.html"], "--page alone"),
        (["--attention", "--page", "absent/x.html"], "absent/x.html"),
        (["--strategy", "beam", "--typical-p", "0.5"], "strategy beam does not use typical_p"),
    ],
)
def test_what_is_impossible_is_one_line_before_anything_is_printed(textgen, model, arguments, named):
    code, out, err = textgen("try", model, "one", *arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1) and named in err


def test_what_the_model_refuses_is_one_line_before_the_prompt_is_echoed(textgen, model):
    code, out, err = textgen("try", model, "one", "--prefix", "two")
    assert (code, out, len(err.splitlines())) == (InputError.exit_code, "", 1) and "model of pairs" in err


def test_only_an_encoder_decoder_pays_attention_to_its_prompt_which_is_told_before_it_is_loaded(
    textgen, model, monkeypatch
):
    monkeypatch.setattr("textgen_core.models.directory.load_model", None)
    code, out, err = textgen("try", model, "one", "--attention")
    assert (code, out, len(err.splitlines())) == (InputError.exit_code, "", 1)
    assert "encoder-decoder" in err and "received: LSTM, 1 x " in err


def test_a_model_of_pairs_is_refused_by_score_before_it_is_loaded(textgen, model, tmp_path, monkeypatch):
    (tmp_path / "text.txt").write_text("one")
    monkeypatch.setattr("textgen_core.models.directory.load_model", None)
    monkeypatch.setattr("flows.cli.score.read_config", lambda directory: SimpleNamespace(pairs=True))
    code, out, err = textgen("score", model, tmp_path / "text.txt")
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert "model of pairs" in err and "textgen evaluate" in err


def test_a_name_that_is_nearly_right_is_recognised(textgen, model):
    code, _, err = textgen("try", model.with_name("modell"))
    assert code == 4 and f"Did you mean {model}?" in err
    code, _, err = textgen("try", model.parent)
    assert code == 4 and "Name one of what lies in it: " in err and "model" in err
