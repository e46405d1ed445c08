"""``textgen score``: the figures of evaluation for any text, and one clear error for what is none."""

import io
import json
import math
import sys

import pyarrow.parquet as pq
import pytest

from flows.cli import score as module
from flows.cli.common import Common
from flows.cli.score import read_text, score
from textgen_core.errors import DatasetError, InputError


def test_its_sums_are_those_of_evaluation(trained, settings_for, tmp_path, capsys):
    from textgen_core.evaluation.stage import evaluate
    from textgen_core.progress import silent

    facts = evaluate(settings_for(tmp_path / "out", copied_span=False), silent).facts
    documents = pq.read_table(trained / "corpus" / "documents").to_pandas()
    held_out = documents[documents.split == "validation"].text
    (tmp_path / "held-out.txt").write_text("\n".join(held_out))
    score(str(trained / "model"), str(tmp_path / "held-out.txt"), lines=True, common=Common(json=True))
    rows = json.loads(capsys.readouterr().out)
    assert [row["chars"] for row in rows] == list(held_out.str.len())
    tokens, nats = sum(row["tokens"] for row in rows), -sum(row["logprob"] for row in rows)
    assert math.exp(nats / tokens) == pytest.approx(facts["perplexity"], rel=1e-6)
    bits = sum(row["bits_per_char"] * row["chars"] for row in rows)
    assert bits / sum(row["chars"] for row in rows) == pytest.approx(facts["bits_per_char"], rel=1e-6)


def test_a_long_text_has_the_sum_of_its_steps_and_shows_its_progress(trained, tmp_path, capsys):
    (tmp_path / "long.txt").write_text("no green bottle ☂ " * 500)
    score(str(trained / "model"), str(tmp_path / "long.txt"), common=Common(json=True))
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert (found["chars"], found["tokens"]) == (9000, 9001)
    assert found["perplexity"] == pytest.approx(math.exp(-found["logprob"] / 9001))
    assert found["bits_per_char"] > -found["logprob"] / math.log(2) / 9000  # the umbrella had to be spelt
    assert "scoring" in printed.err


def test_of_a_text_as_good_as_impossible_the_perplexity_is_infinite(trained, tmp_path, monkeypatch, capsys):
    from textgen_core.evaluation import scoring

    (tmp_path / "text.txt").write_text("green")
    monkeypatch.setattr(scoring, "score_texts", lambda *_, **__: [scoring.TextScore(n_tokens=6, logprob=-6000.0)])
    score(str(trained / "model"), str(tmp_path / "text.txt"), common=Common())
    assert "inf" in capsys.readouterr().out.split()
    score(str(trained / "model"), str(tmp_path / "text.txt"), common=Common(json=True))
    assert json.loads(capsys.readouterr().out)["perplexity"] is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "must not be empty"),
        (b" \n\t\n", "must not be empty"),
        (b"\xef\xbb\xbf", "must not be empty"),
        (b"fine\nna\xefve\n", "line 2: byte 0xef"),
        ("wide".encode("utf-16"), "line 1: byte 0xff"),
        (b"x" * 101, "at most 100 bytes"),
    ],
)
def test_what_is_no_text_is_one_clear_error(tmp_path, monkeypatch, content, words):
    monkeypatch.setattr(module, "LIMIT", 100)
    (tmp_path / "file.txt").write_bytes(content)
    with pytest.raises(InputError, match=words) as raised:
        read_text(str(tmp_path / "file.txt"))
    assert "file.txt" in str(raised.value) and raised.value.remedy


def test_what_is_no_file_or_no_model_is_one_clear_error(tmp_path):
    for name in (str(tmp_path), str(tmp_path / "missing")):
        with pytest.raises(InputError, match="must be a file"):
            read_text(name)
    (tmp_path / "a.txt").write_text("a")
    with pytest.raises(DatasetError, match="manifest"):
        score(str(tmp_path), str(tmp_path / "a.txt"))


def test_standard_input_and_a_byte_order_mark(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfna\xc3\xafve")))
    assert read_text("-") == "naïve"
