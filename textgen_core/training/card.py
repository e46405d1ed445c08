"""The model card: README.md of a model directory (Mitchell et al. 2019), for whoever finds it without its makers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from textgen_core.datasets.manifest import RunKey
from textgen_core.figures import saturated
from textgen_core.markdown import fenced, inline, table
from textgen_core.tokenization.sequences import in_a_pass
from textgen_core.training.settings import TrainingSettings

TRY = """\
textgen try MODEL "To be"              # a continuation, as you watch; --explain shows what it weighed
"""
SCORE = """\
textgen score MODEL FILE               # perplexity and bits a character of any text
"""
CURVE = 8
"""Rows of the learning curve: its shape; every point is in history."""


class Story(NamedTuple):
    """What a card tells."""

    settings: TrainingSettings
    key: RunKey
    facts: Mapping[str, Any]
    """The training's figures."""
    tokens: Mapping[str, Any]
    """The tokenization's facts."""
    history: Sequence[Mapping[str, Any]]
    samples: Sequence[tuple[str, str]]
    """(prompt, continuation) pairs; their text is shown as text."""


def model_card(story: Story) -> str:
    """The Markdown."""
    sections = [_head, _figures, _samples, _use, _curve, _data, _limits, _reproduction]
    return "\n".join(line for section in sections for line in (*section(story), "")).rstrip() + "\n"


def _head(story: Story) -> list[str]:
    facts, kind = story.facts, story.tokens.get("kind", "token")
    passes = facts["tokens_seen"] / max(1, in_a_pass(story.tokens))
    return [
        f"# {inline(story.settings.model.label)}, {inline(kind)} level",
        "",
        f"A language model of {facts['parameters']:,} weights over {story.tokens['vocab_size']:,} different tokens.",
        *_pairs(story),
        f"It read {facts['tokens_seen']:,} tokens, {passes:.2g} passes over its training text, in "
        f"{facts['training_seconds']:,.0f} s, at {facts['tokens_per_second']:,} tokens/s.",
    ]


def _pairs(story: Story) -> list[str]:
    if "pairs" not in story.tokens:
        return []
    cut = story.facts.get("pairs_cut")
    lost = f" {cut:,} of them lost the end of a side that was longer than the window." if cut else ""
    said = f"It writes targets from sources; it learned from {_count(story, 'pairs', 'train'):,} pairs"
    return [f"{said}, made by {inline(story.tokens['pairs'])}.{lost} Held-out figures are those of targets alone."]


def _figures(story: Story) -> list[str]:
    facts = story.facts
    loss, bits = facts["validation_loss"], facts["bits_per_char"]
    rows = [
        ("Held-out loss, nats a token", loss),
        ("Held-out perplexity a token", None if loss is None else f"{saturated(math.exp, loss):,.2f}"),
        ("Held-out bits a character, unknowns spelt", bits),
        *_course(story),
    ]
    return [
        "## Figures",
        "",
        table([{"": name, "value": value} for name, value in rows if value is not None], figures=True),
    ]


def _course(story: Story) -> list[tuple[str, Any]]:
    facts = story.facts
    if story.settings.counted:
        return [("Loss on the text that it was counted on", facts["train_loss"])]
    ended = "stopped early, no better" if facts["stopped_early"] else "all that were planned"
    return [
        (f"Training loss, mean over the last {story.settings.closing_steps:,} steps", facts["train_loss"]),
        ("Steps", f"{facts['steps']:,} ({ended})"),
        ("Weights kept are those of step", f"{facts['best_step']:,}"),
    ]


def _samples(story: Story) -> list[str]:
    if not story.samples:
        return []
    blocks = [line for prompt, text in story.samples for line in (fenced(f"{prompt}▸{text}", limit=None), "")]
    return [
        "## What it writes",
        "",
        "Before ▸ the prompt, if there is one; nothing is chosen by hand.",
        "",
        *blocks[:-1],
    ]


def _use(story: Story) -> list[str]:
    commands = TRY if "pairs" in story.tokens else TRY + SCORE
    commands += "textgen generate MODEL SEEDS -o OUT    # a continuation of every prompt in a file, as Parquet"
    if not story.settings.counted:
        alike = " and the same --pairs" if "pairs" in story.tokens else ""
        again = "textgen train TOKENS -o OUT --warm-start MODEL --preset finetune"
        commands += f"\n{again}   # go on, with text tokenized by --reuse MODEL{alike}"
    return ["## Use", "", "With MODEL the directory of this file:", "", fenced(commands, None, "sh")]


def _curve(story: Story) -> list[str]:
    rows = [row for row in story.history if row["split"] == "validation"]
    if not rows:
        return []
    kept = sorted({round(n * (len(rows) - 1) / max(1, CURVE - 1)) for n in range(CURVE)})
    points = [
        {
            "step": row["step"],
            "tokens": row["tokens_seen"],
            "seconds": f"{row['seconds']:,.0f}",
            "held-out loss": f"{row['loss']:.4f}",
        }
        for row in (rows[n] for n in kept)
    ]
    return ["## Learning curve", "", table(points, figures=True)]


def _data(story: Story) -> list[str]:
    names = {"documents": "documents", "characters": "chars", "tokens": "tokens", "unknown tokens": "unknown"}
    names |= {"pairs": "pairs"} if "pairs" in story.tokens else {}
    rows = [
        {"split": split, **{shown: _count(story, name, split) for shown, name in names.items()}}
        for split in ("train", "validation", "test")
        if _count(story, "chars", split)
    ]
    inputs = [f"- {inline(name)}: {inline(digest)}" for name, digest in story.key.inputs.items()]
    return ["## Data", "", table(rows, figures=True), "", "Digests of what it was made from:", "", *inputs]


def _limits(story: Story) -> list[str]:
    does = "writes targets" if "pairs" in story.tokens else "continues text"
    return [
        "## Limits",
        "",
        f"{story.settings.model.reach} It {does}; it doesn't follow instructions. It knows nothing but its",
        "training text, repeats what that says, right or wrong, fair or not, and may quote it word for word:",
        "`textgen evaluate` finds such passages.",
    ]


def _reproduction(story: Story) -> list[str]:
    return [
        "## Settings",
        "",
        "The same settings, data and software on the same kind of device give the same model.",
        "",
        fenced(
            json.dumps({"settings": story.key.settings, "numerics": story.key.numerics}, indent=1, sort_keys=True),
            None,
            "json",
        ),
    ]


def _count(story: Story, name: str, split: str) -> int:
    return int(story.tokens.get(f"{name}_{split}", 0))
