"""Texts for docs/samplers.md: the same prompts continued by every sampler, made once of a trained model and stored."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from textgen_core.datasets.manifest import read_manifest, stage_directory
from textgen_core.datasets.parts import read_table
from textgen_core.decoding.settings import KNOBS, SamplerSettings
from textgen_core.frontier.settings import SWEEPS, sampler_name, sampler_of

STORED = Path(__file__).parents[2] / "docs" / "samplers.json"
PROMPTS = ("The function returns", "Return a list of", "If the argument is not")
NEW_TOKENS = 40
SHOWN: dict[str, tuple[float, ...]] = {"temperature": (0.7, 1.0), "top_k": (20,), "top_p": (0.9,)}
"""Values to show where the middle of a knob's grid would tell less."""


def shown_samplers() -> dict[str, SamplerSettings]:
    """Greedy, each knob that has a grid at a value from the middle of it, and a stochastic beam."""
    middle = {knob: SHOWN.get(knob, (SWEEPS[knob][len(SWEEPS[knob]) // 2],)) for knob in KNOBS if knob in SWEEPS}
    turned = [(knob, value) for knob, values in middle.items() for value in values]
    return (
        {"greedy": SamplerSettings(strategy="greedy")}
        | {sampler_name(knob, value): sampler_of(knob, value) for knob, value in turned}
        | {"stochastic_beam": SamplerSettings(strategy="stochastic_beam", beams=3)}
    )


def stored() -> dict[str, Any]:
    """The model in words, and the texts by sampler, one a prompt."""
    document: dict[str, Any] = json.loads(STORED.read_text())
    return document


def store(model: Path) -> None:
    """Make the texts anew."""
    from textgen_core.generation.settings import GenerationSettings
    from textgen_core.generation.stage import generate
    from textgen_core.progress import silent

    home = stage_directory(model)
    samplers = shown_samplers()
    with tempfile.TemporaryDirectory() as folder:
        seeds, output = Path(folder) / "seeds.txt", Path(folder) / "made"
        seeds.write_text("".join(f"{prompt}\n" for prompt in PROMPTS))
        generate(
            GenerationSettings(model=home, seeds=seeds, output=output, samplers=samplers, max_new_tokens=NEW_TOKENS),
            silent,
        )
        rows = read_table(output / "generations", ["sampler", "prompt", "text"]).to_pylist()
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["sampler"], row["prompt"]), []).append(row["text"] or "")
    texts = {name: [" // ".join(found[name, prompt]) for prompt in PROMPTS] for name in samplers}
    document = {"model": _in_words(home), "prompts": PROMPTS, "texts": texts}
    STORED.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _in_words(home: Path) -> str:
    facts = read_manifest(home).facts
    return (
        f"a {facts['family']} of {facts['parameters']:,} parameters, trained for {facts['steps']} steps "
        f"({facts['training_seconds'] / 60:.0f} minutes) on Python's documentation"
    )
