"""What can be swept: customary grids of the knobs there are, and what is said in a flag."""

import pytest

from textgen_core.decoding.settings import KNOBS, USED_BY
from textgen_core.errors import SettingsError
from textgen_core.frontier.settings import SWEEPS, FrontierOptions, sampler_name, sampler_of
from textgen_core.settings import validated


def options(**values):
    return validated(FrontierOptions, values, "test")


def test_left_out_means_every_knob_with_a_grid():
    assert list(options().sweeps) == [knob for knob in dict.fromkeys(KNOBS) if knob in SWEEPS]


@pytest.mark.parametrize("knob", [knob for knob in dict.fromkeys(KNOBS) if knob in SWEEPS])
def test_each_value_of_a_grid_is_a_sampler_that_reads_it(knob):
    for value in SWEEPS[knob]:
        sampler = sampler_of(knob, value)
        assert getattr(sampler, knob) == value and knob in USED_BY[sampler.strategy]


@pytest.mark.parametrize(("said", "meant"), [("0.8:0.9", (0.8, 0.9)), ("0.5", (0.5,)), (0.5, (0.5,)), ([1, 1], (1.0,))])
def test_values_are_parted_by_colons(said, meant):
    assert options(sweeps={"top_p": said}).sweeps == {"top_p": meant}


@pytest.mark.parametrize(
    ("sweeps", "named"),
    [
        ({"top_p": "1.5"}, "top_p=1.5"),
        ({"top_k": "2.5"}, "top_k=2.5"),
        ({"top_q": "1"}, "top_q is no knob"),
        ({"top_p": "0.8:x"}, "sweeps.top_p"),
        ({"top_p": []}, "sweeps.top_p"),
        ({}, "sweeps"),
        ("top_p", "sweeps"),
    ],
)
def test_what_is_impossible_is_named(sweeps, named):
    with pytest.raises(SettingsError) as error:
        options(sweeps=sweeps)
    assert named in str(error.value)


@pytest.mark.parametrize(("knob", "strategy"), [("top_p", "sample"), ("length_penalty", "beam"), ("n_best", "beam")])
def test_a_knob_is_turned_in_a_strategy_that_reads_it_without_another(knob, strategy):
    assert sampler_of(knob, 1).strategy == strategy
    assert options(sweeps={knob: "1"}).sweeps == {knob: (1.0,)}


def test_different_values_have_different_names():
    assert [sampler_name("top_k", value) for value in (5.0, 1_000_000, 1_000_001)] == [
        "top_k=5",
        "top_k=1000000",
        "top_k=1000001",
    ]
    assert sampler_name("temperature", 0.1) == "temperature=0.1"
