"""The token for unknown words is learned and never said: no sampler draws it, none shows it, and it weighs nothing."""

import numpy as np
import pytest

from textgen_core.decoding.constraints.bank import Bank
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.toys import MarkovModel
from textgen_core.generation.explanation import explain
from textgen_core.generation.preview import continue_prompt
from textgen_core.generation.settings import GenerationOptions
from textgen_core.tokenization.interface import END
from textgen_core.tokenization.settings import WordSettings
from textgen_core.tokenization.tokenizers import fit_tokenizer

WORDS = fit_tokenizer(WordSettings(min_count=1), iter([["a few words, of which none is seldom"]]))
UNKNOWN = WORDS.unknown_id
SAMPLERS = {
    "greedy": SamplerSettings(strategy="greedy"),
    "sample": SamplerSettings(),
    "cut": SamplerSettings(top_p=0.7, repetition_penalty=1.2),
    "absolute": SamplerSettings(epsilon_cutoff=0.05),
    "beam": SamplerSettings(strategy="beam", beams=3),
    "stochastic_beam": SamplerSettings(strategy="stochastic_beam", beams=3),
}


@pytest.fixture(scope="module")
def model():
    """After every word the unknown one is by far the likeliest."""
    table = np.random.default_rng(0).normal(size=(WORDS.vocab_size,) * 2)
    table[:, UNKNOWN] = 4
    table[:, END] = -9
    return MarkovModel(table)


def continued(model, samplers, bank=None, count=20):
    """Tokens, text and log-probabilities by sampler, seed and index."""
    engine = Engine(model, WORDS, samplers.values(), ["banned_phrases"], lanes=1, bank=bank)
    prompt = (END, *WORDS.encode(["a few"])[0])
    asked = (Request(str(n), prompt, own, 12, tag=name) for n in range(count) for name, own in samplers.items())
    said = ((each.request.tag, each.request.key, each.sample_index, each) for each in engine.run(asked))
    return {tuple(key): (each.tokens, each.text, each.logprobs) for *key, each in said}


def test_no_strategy_says_it_and_the_rest_is_as_if_it_were_banned(model, monkeypatch):
    found = continued(model, SAMPLERS)
    assert {name for name, *_ in found} == set(SAMPLERS)
    assert not any(UNKNOWN in tokens or "\ufffd" in text for tokens, text, _ in found.values())
    free = Bank(model.vocab_size, [], of_rows=True)
    assert not any(UNKNOWN in tokens for tokens, *_ in continued(model, SAMPLERS, free).values())
    monkeypatch.setattr(type(WORDS), "unknown_id", None)
    said = {name for (name, *_), (tokens, *_) in continued(model, SAMPLERS).items() if UNKNOWN in tokens}
    assert said == set(SAMPLERS), "each would say it"
    barred = {name: own.replaced(banned_phrases=(f"id:{UNKNOWN}",)) for name, own in SAMPLERS.items()}
    assert continued(model, barred) == found


def test_what_is_shown_of_samplers_leaves_it_out(model):
    found = explain(model, WORDS, "a few", SAMPLERS, count=WORDS.vocab_size)
    likeliest = found.candidates[0]
    assert likeliest.token == UNKNOWN and likeliest.probability > 0.5
    assert set(likeliest.after.values()) == {0}
    assert found.kept["sample"] == WORDS.vocab_size - 2  # with the end, without PAD and it


def test_a_prompt_in_the_hand_goes_on_without_it(model):
    text = "".join(continue_prompt(model, WORDS, "a few", GenerationOptions(max_new_tokens=30)))
    assert text and "\ufffd" not in text
