"""The model card: README.md of a model directory."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from textgen_core.datasets.manifest import RunKey
from textgen_core.training.settings import TrainingSettings

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def model_card(
    settings: TrainingSettings, key: RunKey, facts: Mapping[str, Any], samples: Iterable[tuple[str, str]]
) -> str:
    """Markdown. samples: (prompt, continuation) pairs; their text is shown as text, whatever it holds."""
    family = settings.model.family
    return "\n".join(
        [
            f"# A language model of the {family} family",
            "",
            f"{facts['parameters']:,} weights, trained on {facts['tokens_seen']:,} tokens.",
            "",
            "## Figures",
            "",
            *_table(facts),
            "",
            *_samples(list(samples)),
            "## Settings",
            "",
            *fenced(json.dumps(key.settings, indent=1, sort_keys=True)),
            "",
            "## Data",
            "",
            *_table(key.inputs),
            "",
            "## Use",
            "",
            '    textgen try THIS_DIRECTORY "To be"',
            "    textgen generate --model THIS_DIRECTORY --seeds SEEDS --output GENERATIONS",
            "",
            "It repeats what its training text says, right or wrong, and may quote it word for word.",
            "",
        ]
    )


def _table(values: Mapping[str, Any]) -> list[str]:
    rows = [f"| {escaped(name)} | {escaped(value)} |" for name, value in values.items()]
    return ["| | |", "|---|---|", *rows]


def _samples(samples: list[tuple[str, str]]) -> list[str]:
    if not samples:
        return []
    lines = ["## Samples", "", "The prompt, then what the model made of it.", ""]
    for prompt, text in samples:
        lines += [*fenced(f"{prompt}▸{text}"), ""]
    return lines


def escaped(value: Any) -> str:
    """One line of Markdown that shows value as it is."""
    text = html.escape(CONTROL.sub("\ufffd", str(value)).replace("\n", " "))
    return re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", text)


def fenced(text: str) -> list[str]:
    """A block that shows text as it is; its fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", CONTROL.sub("\ufffd", text), fence]
