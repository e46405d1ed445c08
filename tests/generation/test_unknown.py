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


def continued(model, sampler, bank=None, count=20):
    engine = Engine(model, WORDS, [sampler], ["banned_phrases"], lanes=1, bank=bank)
    prompt = (END, *WORDS.encode(["a few"])[0])
    return list(engine.run(Request(str(number), prompt, sampler, 12) for number in range(count)))


@pytest.mark.parametrize("name", SAMPLERS)
def test_no_strategy_says_it_and_the_rest_is_as_if_it_were_banned(model, monkeypatch, name):
    found = continued(model, SAMPLERS[name])
    assert not any(UNKNOWN in each.tokens or "\ufffd" in each.text for each in found)
    free = Bank(model.vocab_size, [], of_rows=True)
    assert not any(UNKNOWN in each.tokens for each in continued(model, SAMPLERS[name], free))
    monkeypatch.setattr(type(WORDS), "unknown_id", None)
    assert any(UNKNOWN in each.tokens for each in continued(model, SAMPLERS[name]))
    banned = continued(model, SAMPLERS[name].replaced(banned_phrases=(f"id:{UNKNOWN}",)))
    assert sorted((each.request.key, each.tokens, each.logprobs) for each in banned) == sorted(
        (each.request.key, each.tokens, each.logprobs) for each in found
    )


def test_what_is_shown_of_samplers_leaves_it_out(model):
    found = explain(model, WORDS, "a few", SAMPLERS, count=WORDS.vocab_size)
    likeliest = found.candidates[0]
    assert likeliest.token == UNKNOWN and likeliest.probability > 0.5
    assert set(likeliest.after.values()) == {0}
    assert found.kept["sample"] == WORDS.vocab_size - 2  # with the end, without PAD and it


def test_a_prompt_in_the_hand_goes_on_without_it(model):
    text = "".join(continue_prompt(model, WORDS, "a few", GenerationOptions(max_new_tokens=30)))
    assert text and "\ufffd" not in text
