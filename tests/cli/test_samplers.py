"""The list of samplers is told by the settings: every knob is on it, with a range that pydantic holds."""

import json
from typing import Literal

import pytest
from pydantic import Field, create_model

from flows.cli.samplers import accepts, knobs
from textgen_core.decoding.settings import KNOBS, USED_BY, SamplerSettings


def test_every_knob_is_listed_once_in_the_order_of_the_settings(textgen):
    code, out, _ = textgen("samplers", "--json")
    found = json.loads(out)
    names = [knob["name"] for knob in found["knobs"]]
    assert code == 0 and set(names) == set(KNOBS) and len(names) == len(set(names))
    assert names == [name for name in SamplerSettings.model_fields if name in names]
    assert found["strategies"] == {strategy: list(read) for strategy, read in USED_BY.items()}
    assert all(knob["about"] and knob["accepts"] and knob["default"] for knob in found["knobs"])


def test_people_read_the_same(textgen):
    code, out, _ = textgen("samplers")
    assert code == 0 and all(knob.name in out for knob in knobs())


@pytest.mark.parametrize(
    ("kind", "limits", "words"),
    [
        (float, {"ge": 0, "le": 1}, "number, 0 to 1"),
        (float, {"gt": 0, "lt": 1}, "number, above 0 to below 1"),
        (int | None, {"ge": 1}, "whole number, 1 or more"),
        (float, {"gt": 0}, "number, above 0"),
        (float, {"le": 2}, "number, up to 2"),
        (tuple[str, ...], {}, "list"),
        (dict[str, float], {}, "mapping"),
        (bool, {}, "yes or no"),
        (str, {}, "text"),
        (Literal["a", "b"], {}, "a, b"),
    ],
)
def test_a_range_in_words(kind, limits, words):
    model = create_model("Model", knob=(kind, Field(**limits)))
    assert accepts(model.model_json_schema()["properties"]["knob"]) == words
