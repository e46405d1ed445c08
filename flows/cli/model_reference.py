"""docs/models.md, from the settings and the measured speeds: ``python -m flows.cli.model_reference`` rewrites it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from flows.cli.model_speeds import Speeds
from flows.cli.models import CHARACTERS, COLUMNS, SPEEDS, about, families, remarks, sized
from flows.cli.pages import own_table, own_text
from flows.cli.samplers import accepts, shown_default
from textgen_core.figures import figure

PATH = Path(__file__).parents[2] / "docs" / "models.md"
WORDS = 8_192
"""A usual vocabulary of subwords."""

HEAD = """\
# Models

Written by `python -m flows.cli.model_reference` from the settings; change those. `textgen models` prints the lists,
with `--vocab-size` for any vocabulary.

A model is a family and its settings. Each is a flag of [`textgen train`](commands.md#textgen-train) and a key under
`model` in the YAML; what is left out comes from the preset. Every family trains, decodes and is compared by the same
commands, at the level of characters, words, bytes and subwords. What learned from pairs is measured by
`textgen evaluate`, not by `score` and `frontier`.
"""


def page() -> str:
    """The page."""
    speeds = Speeds()
    listed = [{"family": f"[{name}](#{name})", "what it is": own_text(text)} for name, text in about().items()]
    presets = [f"With {count:,} different tokens:\n\n{_sizes(count, speeds)}" for count in (CHARACTERS, WORDS)]
    sections = [
        HEAD,
        own_table(listed),
        "## Presets\n\nBy `--preset`, with `--family` for another than the RNN.",
        *presets,
        *remarks(speeds),
        *(f"## {name}\n\n{_options(kind)}" for name, kind in families().items()),
    ]
    return "\n\n".join(section.strip() for section in sections) + "\n"


def _sizes(vocab_size: int, speeds: Speeds) -> str:
    rows = (asdict(row).values() for row in sized(vocab_size, speeds))
    return own_table([dict(zip((*COLUMNS, *SPEEDS), map(figure, row), strict=True)) for row in rows])


def _options(kind: Any) -> str:
    properties = kind.model_json_schema()["properties"]
    rows = [
        {
            "setting": f"`{name}`",
            "accepts": accepts(properties[name]),
            "default": _default(properties[name]),
            "what it does": own_text(field.description),
        }
        for name, field in kind.model_fields.items()
        if name != "family"
    ]
    return own_table(rows)


def _default(schema: Mapping[str, Any]) -> str:
    value = schema.get("default")
    return "`none`" if value is None else f"`{shown_default(value)}`"


if __name__ == "__main__":
    PATH.write_text(page())
