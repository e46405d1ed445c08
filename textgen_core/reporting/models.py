"""The models beside each other: what they are, what they cost, and how well they know held-out text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textgen_core.datasets.manifest import read_manifest
from textgen_core.reporting.metrics import Value, held_out
from textgen_core.reporting.settings import ModelRun

TOKENS = ("kind", "vocab_size", "chars_per_token")
TRAINING = ("family", "parameters", "steps", "tokens_seen", "training_seconds", "tokens_per_second", "device")
"""The facts shown of each, where they are stated."""
NAMES = {"kind": "tokenizer", "vocab_size": "vocabulary", "tokens_seen": "tokens seen"}


def model_rows(runs: Sequence[ModelRun], values: Sequence[Value]) -> list[dict[str, Any]]:
    """One row a model: its name, its facts, and its figures on held-out text."""
    return [
        {
            "name": run.name,
            "facts": _facts(run),
            "held_out": held_out(values, number),
        }
        for number, run in enumerate(runs)
    ]


def _facts(run: ModelRun) -> dict[str, Any]:
    tokens, training = read_manifest(run.tokens).facts, read_manifest(run.model).facts
    chosen = [(name, tokens[name]) for name in TOKENS if name in tokens]
    chosen += [(name, training[name]) for name in TRAINING if name in training]
    return {NAMES.get(name, name.replace("_", " ")): value for name, value in chosen}


def verdict(names: Sequence[str], values: Sequence[Value]) -> str:
    """Which model knows held-out text best, in a sentence; empty where nothing was measured."""
    figures = [(held_out(values, number).get("bits_per_char"), name) for number, name in enumerate(names)]
    ranked = sorted((value.value, name, value) for value, name in figures if value is not None)
    if not ranked:
        return ""
    bits, name, best = ranked[0]
    sentence = f"{name} spells held-out text in {bits:.3f} bits a character"
    if len(ranked) == 1:
        return sentence + "."
    other_bits, other, second = ranked[1]
    sentence += f", {(1 - bits / other_bits):.1%} fewer than {other}"
    apart = best.high is not None and second.low is not None and best.high < second.low
    return sentence + ("." if apart else "; their intervals overlap.")
