"""Models of so many weights, of which no other width comes nearer."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from textgen_core.comparison.sizing import bearable, sized, widened
from textgen_core.errors import SettingsError
from textgen_core.models.settings import ModelSettings
from textgen_core.models.sizes import size_of

ADAPTER = TypeAdapter(ModelSettings)
MODELS = [
    {"family": "rnn", "cell": "gru", "tied": False},
    {"family": "rnn", "cell": "lstm", "layers": 2},
    {"family": "cnn", "layers": 3},
    {"family": "transformer", "layers": 3, "heads": 4},
    {"family": "transformer", "heads": 2, "norm": "layer", "positions": "learned", "activation": "gelu"},
]


def test_every_family_that_is_trained_has_a_width():
    for kind in get_args(get_args(ModelSettings)[0]):
        assert kind.model_fields["family"].default == "ngram" or kind.width_setting in kind.model_fields


@pytest.mark.parametrize("model", MODELS, ids=str)
@given(weights=st.integers(50_000, 5_000_000), vocab_size=st.integers(30, 500))
def test_no_other_width_comes_nearer(model, weights, vocab_size):
    settings = ADAPTER.validate_python(model)
    found = sized(settings, vocab_size, weights)
    width = getattr(found, found.width_setting)
    step = 2 * found.heads if found.family == "transformer" else 2
    away = abs(size_of(found, vocab_size).parameters - weights)
    for other in (width - step, width + step):
        if other > 0:
            assert away <= abs(size_of(widened(settings, other), vocab_size).parameters - weights)
    assert found.model_dump(exclude={found.width_setting}) == settings.model_dump(exclude={found.width_setting})
    assert away < weights * 0.35, "a step of the width is not more than that"


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_wider_models_learn_at_lower_rates_and_narrower_ones_at_the_same(model):
    known = widened(ADAPTER.validate_python(model), 128)
    rates = [bearable(0.01, known, widened(known, width)) for width in (64, 128, 256, 512)]
    assert rates == [0.01, 0.01, 0.005, 0.0025]


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_what_no_width_has_is_one_clear_error(model):
    with pytest.raises(
        SettingsError, match=r"a model of 10,000 weights must be possible; received: .* over 50,000 tok"
    ):
        sized(ADAPTER.validate_python(model), 50_000, 10_000)
    with pytest.raises(SettingsError, match="smaller vocabulary"):
        sized(ADAPTER.validate_python(model), 100, 10**14)
