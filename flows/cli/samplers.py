"""``textgen samplers``: what there is to choose from, told by the settings themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flows.cli.common import Common
from flows.cli.output import print_json, print_table, say
from textgen_core.decoding.settings import KNOBS, USED_BY, SamplerSettings
from textgen_core.figures import figure

KINDS = {"integer": "whole number", "number": "number", "array": "list", "object": "mapping", "string": "text"}
KINDS |= {"boolean": "yes or no"}


@dataclass(frozen=True, slots=True)
class Knob:
    """One knob as people read it.

    Attributes:
        strategies: those that read it.
        accepts: its kind and range in words.
        default: what it is where it is left out, in words.
        about: what it does.
    """

    name: str
    strategies: tuple[str, ...]
    accepts: str
    default: str
    about: str


def samplers(*, common: Common | None = None) -> int:
    """List strategies and knobs, with their ranges, their defaults and what they do, in the order in which they act."""
    common = common or Common()
    if common.json:
        strategies = {name: list(knobs) for name, knobs in USED_BY.items()}
        print_json({"strategies": strategies, "about": strategy_text(), "knobs": [asdict(knob) for knob in knobs()]})
        return 0
    say(f"Strategies: {strategy_text()}")
    print_table(("strategy", "knobs it reads"), ((name, ", ".join(read) or "none") for name, read in USED_BY.items()))
    say("Knobs, from the first to act to the last:")
    rows = ((knob.name, ", ".join(knob.strategies), knob.accepts, knob.default, knob.about) for knob in knobs())
    print_table(("knob", "strategies", "accepts", "left out", "what it does"), rows)
    say("Each is a flag of `textgen generate`, a key in the YAML, and a column of a seed file for its row alone.")
    say("Which to use on a model of yours: textgen frontier MODEL SEEDS -o OUT")
    return 0


def strategy_text() -> str:
    """What the strategies are."""
    return _about(SamplerSettings.model_fields["strategy"].description)


def knobs() -> list[Knob]:
    """All knobs in the order in which they act, each once."""
    properties = SamplerSettings.model_json_schema()["properties"]
    return [
        Knob(
            name,
            tuple(strategy for strategy, read in USED_BY.items() if name in read),
            accepts(properties[name]),
            shown_default(properties[name].get("default")),
            _about(SamplerSettings.model_fields[name].description),
        )
        for name in SamplerSettings.model_fields
        if name in KNOBS
    ]


def accepts(schema: Mapping[str, Any]) -> str:
    """A JSON schema's kind and range in words: ``whole number, 1 or more``."""
    member = next((each for each in schema.get("anyOf", ()) if each.get("type") != "null"), schema)
    if choices := member.get("enum"):
        return ", ".join(choices)
    kind = KINDS.get(member.get("type", ""), "value")
    span = _span(member)
    return f"{kind}, {span}" if span else kind


def _span(schema: Mapping[str, Any]) -> str:
    above, least = schema.get("exclusiveMinimum"), schema.get("minimum")
    below, most = schema.get("exclusiveMaximum"), schema.get("maximum")
    start = f"above {figure(above)}" if above is not None else figure(least) if least is not None else ""
    if most is None and below is None:
        return f"{start} or more" if least is not None else start
    end = f"{figure(most)}" if most is not None else f"below {figure(below)}"
    return f"{start} to {end}" if start else f"up to {end}"


def shown_default(value: object) -> str:
    """A default in words."""
    if value in (None, (), [], {}):
        return "off"
    if isinstance(value, (list, tuple)):
        return " ".join(json.dumps(each) for each in value)  # a line break is seen, and breaks no table
    return figure(value)


def _about(text: str | None) -> str:
    return " ".join((text or "").split())
