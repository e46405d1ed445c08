import pytest
from pydantic import ValidationError

from textgen_core.decoding.sampling import features_of, in_order
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
        ({"min_p": -0.1}, "min_p"),
        ({"min_p": 1.1}, "min_p"),
        ({"typical_p": 0}, "typical_p"),
        ({"epsilon_cutoff": 1}, "epsilon_cutoff"),
        ({"eta_cutoff": 1}, "eta_cutoff"),
        ({"top_n_sigma": 0}, "top_n_sigma"),
        ({"top_n_sigma": float("inf")}, "top_n_sigma"),
        ({"top_h": 0}, "top_h"),
        ({"xtc_threshold": 0}, "xtc_threshold"),
        ({"xtc_threshold": 0.1, "xtc_probability": 2}, "xtc_probability"),
        ({"xtc_probability": 0.5}, "without xtc_threshold; set that, too"),
        ({"dry_base": 2.0}, "without dry_multiplier; set that, too"),
        ({"loop_repeats": 3}, "without loop_length; set that, too"),
        ({"strategy": "beam", "typical_p": 0.5}, "strategy beam does not use typical_p"),
        ({"strategy": "greedy", "order": ["top_p"]}, "strategy greedy does not use order"),
        ({"order": ["top_p", "topk"]}, "order has topk, but the truncations are temperature, top_n_sigma"),
        ({"order": ["xtc_probability"]}, "order has xtc_probability"),
        ({"order": "top_p top_p"}, "must name a truncation once"),
        ({"top_k": 3, "min_p": 0.1, "order": ["top_k", "top_p"]}, "it lacks min_p"),
        ({"order": 3}, "order"),
        ({"order": [3]}, "order"),
        ({"strategy": "contrastive"}, "strategy"),
        ({"strategy": "beam", "top_k": 5}, "top_k"),
        ({"strategy": "greedy", "temperature": 0.5}, "temperature"),
        ({"beams": 3}, "beams"),
        ({"strategy": "beam", "beams": 2, "n_best": 3}, "n_best"),
        ({"strategy": "beam", "beams": 129}, "beams"),
        ({"strategy": "beam", "early_stopping": "never"}, "early_stopping"),
        ({"early_stopping": "full"}, "strategy sample does not use early_stopping"),
        ({"strategy": "stochastic_beam", "temperature": 0}, "nothing to draw at temperature 0"),
        ({"strategy": "stochastic_beam", "n_best": 2}, "strategy stochastic_beam does not use n_best"),
        ({"strategy": "stochastic_beam", "xtc_threshold": 0.1}, "does not use xtc_threshold"),
        ({"strategy": "stochastic_beam", "order": "xtc_threshold"}, "order has xtc_threshold"),
        ({"topk": 5}, "topk"),
    ],
)
def test_the_impossible_is_one_clear_error(values, named):
    with pytest.raises(SettingsError, match=named):
        validated(SamplerSettings, values, "a sampler")


def test_a_row_replaces_only_what_its_strategy_uses():
    assert SamplerSettings(top_k=5).replaced(temperature=0.5, beams=2) == SamplerSettings(top_k=5, temperature=0.5)
    assert SamplerSettings(strategy="greedy").replaced(top_k=3) == SamplerSettings(strategy="greedy")
    best = SamplerSettings(best_of=8, n_best=2, length_penalty=0.5)
    assert best.replaced(best_of="1") == SamplerSettings(best_of=1) and best.replaced(n_best=3).n_best == 3
    assert SamplerSettings().replaced(length_penalty=0.5) == SamplerSettings()
    ordered = SamplerSettings(top_p=0.9, order="top_p temperature").replaced(temperature=2)
    assert ordered.steps[:2] == ordered.order == ("top_p", "temperature")
    with pytest.raises(ValidationError, match="it lacks top_k"):
        ordered.replaced(top_k=3)
    assert SamplerSettings(xtc_threshold=0.2, xtc_probability=0.1).replaced(xtc_threshold=1).xtc_threshold == 1


def test_features_are_what_is_on():
    assert features_of(SamplerSettings()) == {"draw"}
    assert features_of(SamplerSettings(temperature=0, top_k=3)) == set()
    assert features_of(SamplerSettings(top_k=3, top_p=0.9)) == {"draw", "top_k", "top_p"}
    assert features_of(SamplerSettings(top_n_sigma=1, xtc_threshold=0.1)) == {"draw", "top_n_sigma", "xtc_threshold"}
    assert features_of(SamplerSettings(strategy="beam")) == set()
    assert features_of(SamplerSettings(strategy="stochastic_beam", top_k=3)) == {"draw", "top_k"}


def test_a_program_has_the_features_in_the_order_of_the_row():
    needed = frozenset({"draw", "temperature", "top_p", "top_k"})
    assert in_order(needed, SamplerSettings()) == ("draw", "temperature", "top_k", "top_p")
    assert in_order(needed, SamplerSettings(order="top_p temperature")) == ("draw", "top_p", "temperature", "top_k")
    assert in_order(frozenset(), SamplerSettings()) == ()


def test_shapes_follow_from_the_row():
    lengths = (1, 50, 51, 114, 115, 486, 499, 900, 1011)
    assert [capacity_class(n, 14, grows=True) for n in lengths] == [64, 64, 128, 128, 192, 512, 640, 1024, 1280]
    assert capacity_class(1000, 1000, grows=False) == 0
    assert [prompt_bucket(n, None) for n in (1, 16, 17, 33)] == [16, 16, 32, 64]
    assert prompt_bucket(33, 40) == 40
    assert [budget_bucket(n) for n in (1, 16, 17)] == [16, 16, 32]
