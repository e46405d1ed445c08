"""What can be swept: customary grids of the knobs there are, and what is said in a flag."""

import pytest

from textgen_core.decoding.settings import KNOBS, USED_BY
from textgen_core.errors import SettingsError
from textgen_core.frontier.settings import SWEEPS, FrontierOptions, sampler_of
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
