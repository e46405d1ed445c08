"""docs/samplers.md is made of the settings, and shows whatever there is to choose from."""

import xml.etree.ElementTree as ElementTree

import pytest

from flows.cli import sampler_plots
from flows.cli.sampler_examples import CONSTRAINT, shown_samplers, stored
from flows.cli.sampler_reference import IMAGES, PATH, page, pictures, truncations
from textgen_core.decoding.processors import PROCESSORS
from textgen_core.decoding.settings import KNOBS, USED_BY, SamplerSettings
from textgen_core.decoding.truncations import TRUNCATIONS

REMEDY = "run: python -m flows.cli.sampler_reference"


def test_the_page_is_current():
    assert PATH.read_text() == page(), REMEDY


def test_the_plots_are_current():
    assert {path: path.read_text() for path in IMAGES.glob("*.svg")} == pictures(), REMEDY


@pytest.mark.parametrize("knob", dict.fromkeys(KNOBS))
def test_every_knob_is_on_the_page(knob):
    assert f"| `{knob}` |" in PATH.read_text()


def test_every_strategy_and_every_truncation_is_shown():
    text = PATH.read_text()
    assert all(f"| {strategy} |" in text for strategy in USED_BY)
    assert all(f"(images/samplers/{knob}.svg)" in text for knob in truncations())


def test_the_stored_texts_are_those_of_todays_samplers():
    found = stored()
    assert found["texts"].keys() == {*shown_samplers(), f"greedy, regex={CONSTRAINT}"}, f"{REMEDY} MODEL"
    assert {len(texts) for texts in found["texts"].values()} == {len(found["prompts"])}


@pytest.mark.parametrize("knob", [*PROCESSORS, *TRUNCATIONS, "loop_length", "best_of"])
def test_a_text_shows_what_the_knob_does(knob):
    off = SamplerSettings.model_fields[knob].default
    assert any(getattr(sampler, knob) != off for sampler in shown_samplers().values())


@pytest.mark.parametrize("path", sorted(IMAGES.glob("*.svg")), ids=lambda path: path.stem)
def test_a_plot_is_whole_and_its_bars_stay_on_the_paper(path):
    root = ElementTree.fromstring(path.read_text())
    width, height = float(root.get("width")), float(root.get("height"))
    bars = [each for each in root.iter() if each.tag.endswith("rect")]
    assert len(bars) > sampler_plots.TOKENS
    for bar in bars:
        x, y, wide, high = (float(bar.get(name)) for name in ("x", "y", "width", "height"))
        assert x >= 0 and x + wide <= width and y >= 0 and y + high <= height


def test_a_knob_that_nobody_foresaw_has_values_within_its_range(monkeypatch):
    monkeypatch.setattr(sampler_plots, "PLOTTED", {})
    monkeypatch.setattr(sampler_plots, "SWEEPS", {})
    assert sampler_plots.values_of("top_p") == pytest.approx((1 / 3, 2 / 3))
    for knob in truncations():
        for value in sampler_plots.values_of(knob):
            sampler_plots.sampler_of(knob, value)
