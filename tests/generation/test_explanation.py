"""What is shown of a sampler is what it does: its exact distribution, also of what it does by chance."""

import numpy as np
import pytest

from tests.decoding import exact
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.generation.explanation import explain
from textgen_core.models.directory import load_model
from textgen_core.tokenization.tokenizers import load_tokenizer

SAMPLERS = {name: SamplerSettings.model_validate({name: step.example}) for name, step in exact.STEPS.items()}
SAMPLERS |= {
    "greedy": SamplerSettings(strategy="greedy"),
    "seldom": SamplerSettings(xtc_threshold=0.004, xtc_probability=0.25),
    "late": SamplerSettings(temperature=3, min_p=0.2, order="min_p temperature"),
}
WORLDS = {
    **{name: ({name: step.example}, list(exact.STEPS)) for name, step in exact.STEPS.items()},
    "greedy": ({"top_k": 1}, ["top_k"]),
    "seldom": ({"xtc_threshold": 0.004, "chance": 0.25}, ["xtc_threshold"]),
    "late": ({"temperature": 3, "min_p": 0.2}, ["min_p", "temperature"]),
}


@pytest.fixture(scope="module")
def explanation(rnn):
    model, tokenizer = load_model(rnn), load_tokenizer(rnn)
    return explain(model, tokenizer, "to be", SAMPLERS, count=tokenizer.vocab_size)


@pytest.mark.parametrize("name", WORLDS)
def test_probabilities_are_those_of_the_exact_distribution(explanation, name):
    knobs, order = WORLDS[name]
    own = np.zeros(len(explanation.candidates))
    found = np.zeros(len(explanation.candidates))
    for candidate in explanation.candidates:
        own[candidate.token], found[candidate.token] = candidate.probability, candidate.after[name]
    expected = exact.distribution(np.log(own), knobs, order)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert not np.allclose(own, expected, atol=1e-4)
    assert explanation.kept[name] == (expected > 0).sum()
    assert explanation.mass[name] == pytest.approx(own[expected > 0].sum())
