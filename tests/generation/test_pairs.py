"""A model of pairs: the prompt is its source, a row's prefix begins the target."""

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.generation.conftest import SETTINGS, train
from tests.generation.jobs import settings_of
from textgen_core.errors import InputError
from textgen_core.generation.plan import Plan, Planned
from textgen_core.generation.preview import continue_prompt, request_for
from textgen_core.generation.refusal import Refusal
from textgen_core.generation.seeds import Seed, key_of_prompt, read_seeds
from textgen_core.generation.settings import GenerationOptions
from textgen_core.generation.stage import generate
from textgen_core.generation.survey import survey
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.tokenization.byte import ByteTokenizer
from textgen_core.tokenization.interface import END, SEPARATOR

TOKENIZER = ByteTokenizer()
texts = st.text(st.characters(codec="ascii"), max_size=30)


def ids(text):
    return tuple(TOKENIZER.encode([text])[0])


def planned(seed, pairs=True, max_context=None, reads_source=False, **options):
    options = GenerationOptions(**{"max_new_tokens": 10, **options})
    plan = Plan(options, TOKENIZER, max_context, "", pairs, reads_source)
    return plan.of([seed])[0]


@given(texts, st.none() | texts)
def test_a_request_is_source_separator_and_prefix(prompt, prefix):
    seed = Seed("k", prompt, {}, {"prefix": prefix}, prefix)
    (request,) = planned(seed).requests
    assert request.tokens == (END, *ids(prompt), SEPARATOR, *ids(prefix or ""))
    assert planned(seed).columns["prefix"] == prefix
    (request,) = planned(seed, pairs=False).requests
    assert request.tokens == (END, *ids(prompt))


@given(texts, texts, st.integers(12, 60), st.booleans())
def test_only_the_source_is_cut_to_the_models_room(prompt, prefix, limit, reads_source):
    """At its end for an encoder-decoder, as training and evaluation cut it; what goes on from its end keeps that."""
    found = planned(Seed("k", prompt, {}, {}, prefix), max_context=limit, reads_source=reads_source)
    room = limit - 10 - 1 - len(prefix)
    if room < 1:
        assert isinstance(found, Refusal) and found.code == "bad-knob"
        return
    assert isinstance(found, Planned)
    whole = (END, *ids(prompt))
    used = whole[:room] if reads_source else whole[-room:]
    assert found.requests[0].tokens == (*used, SEPARATOR, *ids(prefix))
    assert found.columns["prompt_cut"] == (len(whole) > room)


def test_a_prefix_that_is_no_text_is_refused_where_it_means_something(tmp_path):
    path = tmp_path / "seeds.jsonl"
    path.write_text('{"prompt": "a", "prefix": 7}\n{"prompt": "b", "prefix": null}\n{"prompt": "c"}\n')
    options = GenerationOptions()
    seeds = list(read_seeds(path, survey(path, options), options))
    found = [planned(seed) for seed in seeds]
    assert found[0].code == "no-text" and "prefix must be text; received: int" in found[0].message
    assert [plan.requests[0].tokens for plan in found[1:]] == [(END, *ids(text), SEPARATOR) for text in "bc"]
    assert planned(seeds[0], pairs=False).requests[0].tokens == (END, *ids("a"))
    assert [seed.own["prefix"] for seed in seeds] == [7, None, None]


def test_a_job_and_a_model_in_the_hand_say_the_same(tmp_path):
    model = train(tmp_path / "model", SETTINGS["rnn"], pairs=True)
    sampler = {"top-p": {"top_p": 0.9}}
    content = "prompt,prefix\none,and so\none,\nanother,007\n"
    settings = settings_of(tmp_path, model, content, samplers=sampler, samples=1)
    generate(settings, silent)
    rows = pq.read_table(settings.output / "generations").to_pylist()
    assert [row["prefix"] for row in rows] == ["and so", "", "007"]
    assert len({row["text"] for row in rows}) == 3
    options = GenerationOptions(samplers=sampler, max_new_tokens=12)
    for row in (row for row in rows if row["seed_id"] == key_of_prompt(row["prompt"], 0)):
        said = continue_prompt(load_model(model), TOKENIZER, row["prompt"], options, prefix=row["prefix"])
        assert "".join(said) == row["text"]


def test_a_prefix_of_a_model_that_continues_text_is_an_error(rnn):
    with pytest.raises(InputError, match="prefix begins the target"):
        request_for(load_model(rnn), TOKENIZER, "a", GenerationOptions(), "b")


def test_a_prefix_that_only_passes_through_is_warned_of(rnn, tmp_path, caplog):
    generate(settings_of(tmp_path, rnn, "prompt,prefix\nto be,or\n"), silent)
    assert "column prefix only passes through" in caplog.text
