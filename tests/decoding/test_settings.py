import pytest

from textgen_core.decoding.sampling import features_of
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.decoding.shapes import budget_bucket, capacity_class, prompt_bucket
from textgen_core.errors import SettingsError
from textgen_core.settings import validated


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"top_k": 0}, "top_k"),
        ({"temperature": -1}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"top_p": 1.1}, "top_p"),
        ({"strategy": "contrastive"}, "strategy"),
        ({"strategy": "beam", "top_k": 5}, "top_k"),
        ({"strategy": "greedy", "temperature": 0.5}, "temperature"),
        ({"beams": 3}, "beams"),
        ({"strategy": "beam", "beams": 2, "n_best": 3}, "n_best"),
        ({"strategy": "beam", "beams": 65}, "beams"),
        ({"topk": 5}, "topk"),
    ],
)
def test_the_impossible_is_one_clear_error(values, named):
    with pytest.raises(SettingsError, match=named):
        validated(SamplerSettings, values, "a sampler")


def test_a_row_replaces_only_what_its_strategy_uses():
    assert SamplerSettings(top_k=5).replaced(temperature=0.5, beams=2) == SamplerSettings(top_k=5, temperature=0.5)
    assert SamplerSettings(strategy="greedy").replaced(top_k=3) == SamplerSettings(strategy="greedy")


def test_features_are_what_is_on():
    assert features_of(SamplerSettings()) == {"draw"}
    assert features_of(SamplerSettings(temperature=0, top_k=3)) == set()
    assert features_of(SamplerSettings(top_k=3, top_p=0.9)) == {"draw", "top_k", "top_p"}
    assert features_of(SamplerSettings(strategy="beam")) == set()


def test_shapes_follow_from_the_row():
    assert [capacity_class(n, 14, 500) for n in (1, 50, 51, 114, 115, 486)] == [64, 64, 128, 128, 256, 500]
    assert capacity_class(1000, 1000, None) == 0
    assert [prompt_bucket(n, None) for n in (1, 16, 17, 33)] == [16, 16, 32, 64]
    assert prompt_bucket(33, 40) == 40
    assert [budget_bucket(n) for n in (1, 16, 17)] == [16, 16, 32]
