"""What each truncation does to one and the same made-up distribution, as SVG files with colours of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from textgen_core.decoding.settings import SamplerSettings
from textgen_core.frontier.settings import SWEEPS, sampler_name, sampler_of

PLOTTED: dict[str, tuple[float, ...]] = {
    "temperature": (0.5, 2.0),
    "top_k": (4, 10),
    "top_p": (0.6, 0.9),
    "min_p": (0.3, 0.1),
    "typical_p": (0.3, 0.8),
    "epsilon_cutoff": (0.06, 0.03),
    "eta_cutoff": (0.4, 0.1),
    "top_n_sigma": (1.0, 2.0),
    "top_h": (0.4, 0.8),
    "xtc_threshold": (0.1, 0.05),
}
"""Values that change a distribution of so few tokens visibly, of the truncations known today."""

TOKENS = 20
RANKS = np.arange(1, TOKENS + 1)
PROBABILITIES = (1 / RANKS) / (1 / RANKS).sum()
"""Zipf's law, which words follow: the second likeliest token is half as probable as the likeliest, and so on."""

BAR, GAP, PANEL, HIGH, FOOT, HEAD = 10, 3, 280, 90, 8, 20
STYLE = (
    "<style>text{font:12px system-ui,sans-serif;fill:#4d5b6a}.own{fill:#c9d1da}.after{fill:#0a66c2;fill-opacity:.8}"
    "@media(prefers-color-scheme:dark){text{fill:#aab6c4}.own{fill:#3d4856}.after{fill:#6cb2ff}}</style>"
)


def plots(knobs: Sequence[str]) -> dict[str, str]:
    """An SVG of each knob, by its name: two values of it side by side, the model's own distribution behind them."""
    return {knob: _plot(knob) for knob in knobs}


def values_of(knob: str) -> tuple[float, ...]:
    """Two values of a knob that are worth a look: those above, else the ends of its grid, else a third of its range."""
    if knob in PLOTTED:
        return PLOTTED[knob]
    if knob in SWEEPS:
        return SWEEPS[knob][0], SWEEPS[knob][-1]
    schema = SamplerSettings.model_json_schema()["properties"][knob]
    ends = (_bound(schema, "inimum", 0.0), _bound(schema, "aximum", 3.0))
    between = [ends[0] + share * (ends[1] - ends[0]) for share in (1 / 3, 2 / 3)]
    return tuple(map(round, between) if "integer" in str(schema) else between)


def _bound(schema: dict[str, Any], name: str, otherwise: float) -> float:
    members = [schema, *schema.get("anyOf", ())]
    return float(next((value for each in members for key, value in each.items() if key.endswith(name)), otherwise))


def _plot(knob: str) -> str:
    values = values_of(knob)
    panels = "".join(_panel(knob, value, number * PANEL) for number, value in enumerate(values))
    size = f'width="{PANEL * len(values)}" height="{HEAD + HIGH + FOOT}"'
    box = f'viewBox="0 0 {PANEL * len(values)} {HEAD + HIGH + FOOT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img">{STYLE}{panels}</svg>\n'


def _panel(knob: str, value: float, left: int) -> str:
    from textgen_core.generation.explanation import remade

    own = np.concatenate([[0.0], PROBABILITIES])  # the first id is no token: it fills rows
    after = remade(own, sampler_of(knob, value))[1:]
    highest = max(PROBABILITIES.max(), after.max())
    kept = int((after > 0).sum())
    title = f'<text x="{left}" y="13">{sampler_name(knob, value)}: {kept} of {TOKENS} tokens stay</text>'
    bars = "".join((*_bars(PROBABILITIES, highest, left, "own", 0), *_bars(after, highest, left, "after", 2)))
    return title + bars


def _bars(probabilities: Any, highest: float, left: int, kind: str, inset: int) -> Iterator[str]:
    for rank, share in enumerate(probabilities):
        if high := round(HIGH * float(share / highest), 1):
            x, y = left + rank * (BAR + GAP) + inset, round(HEAD + HIGH - high, 1)
            yield f'<rect class="{kind}" x="{x}" y="{y}" width="{BAR - 2 * inset}" height="{high}"/>'
