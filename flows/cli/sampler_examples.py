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
Knobs = dict[str, Any]
SHOWN: dict[str, tuple[float, ...]] = {"temperature": (0.7, 1.0), "top_k": (20,), "top_p": (0.9,)}
"""Values to show where the middle of a knob's grid would tell less."""
OF_GREEDY: tuple[Knobs, ...] = (
    {"repetition_penalty": 1.2},
    {"frequency_penalty": 0.5},
    {"presence_penalty": 1.0},
    {"dry_multiplier": 0.8},
    {"no_repeat_ngram": 3},
    {"banned_phrases": (" string", " object")},
    {"logit_bias": {" string": -3, " number": 3}},
    {"loop_length": 20, "loop_repeats": 2},
)
"""Processors, shown in greedy decoding: each difference from plain greedy is their own."""
OF_DRAWS: tuple[Knobs, ...] = ({"min_new_tokens": 20}, {"best_of": 8})
"""What is shown of drawing at temperature 1, beside the truncations."""
CONSTRAINT = r"( [a-z]+){4}\."
"""Four words and a full stop: what a model of this size seldom says by itself."""


def shown_samplers() -> dict[str, SamplerSettings]:
    """Greedy, alone and with each processor; each truncation at a value from the middle of its grid; the searches."""
    processors = {knob for knobs in OF_GREEDY for knob in knobs}
    swept = [knob for knob in KNOBS if knob in SWEEPS and knob not in processors]
    middle = {knob: SHOWN.get(knob, (SWEEPS[knob][len(SWEEPS[knob]) // 2],)) for knob in swept}
    turned = [(knob, value) for knob, values in middle.items() for value in values]
    return (
        {"greedy": SamplerSettings(strategy="greedy")}
        | {f"greedy, {_said(knobs)}": SamplerSettings(strategy="greedy", **knobs) for knobs in OF_GREEDY}
        | {sampler_name(knob, value): sampler_of(knob, value) for knob, value in turned}
        | {_said(knobs): SamplerSettings(**knobs) for knobs in OF_DRAWS}
        | {"stochastic_beam": SamplerSettings(strategy="stochastic_beam", beams=3)}
    )


def _said(knobs: Knobs) -> str:
    return ", ".join(f"{knob}={value}" for knob, value in knobs.items())


def stored() -> dict[str, Any]:
    """The model in words, and the texts by sampler, one a prompt."""
    document: dict[str, Any] = json.loads(STORED.read_text())
    return document


def store(model: Path) -> None:
    """Make the texts anew."""
    home = stage_directory(model)
    texts = _made(home, shown_samplers()) | {
        f"greedy, regex={CONSTRAINT}": _made(home, {"greedy": SamplerSettings(strategy="greedy")}, CONSTRAINT)["greedy"]
    }
    document = {"model": _in_words(home), "prompts": PROMPTS, "texts": texts}
    STORED.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _made(model: Path, samplers: dict[str, SamplerSettings], regex: str | None = None) -> dict[str, list[str]]:
    """What each sampler says after each prompt; several continuations of one are one text."""
    from textgen_core.generation.settings import GenerationSettings
    from textgen_core.generation.stage import generate
    from textgen_core.progress import silent

    options: dict[str, Any] = {"samplers": samplers, "max_new_tokens": NEW_TOKENS, "regex": regex}
    with tempfile.TemporaryDirectory() as folder:
        seeds, output = Path(folder) / "seeds.txt", Path(folder) / "made"
        seeds.write_text("".join(f"{prompt}\n" for prompt in PROMPTS))
        generate(GenerationSettings(model=model, seeds=seeds, output=output, **options), silent)
        rows = read_table(output / "generations", ["sampler", "prompt", "text"]).to_pylist()
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["sampler"], row["prompt"]), []).append(row["text"] or "")
    return {name: [" // ".join(found[name, prompt]) for prompt in PROMPTS] for name in samplers}


def _in_words(home: Path) -> str:
    facts = read_manifest(home).facts
    return (
        f"a {facts['family']} of {facts['parameters']:,} parameters, trained for {facts['steps']} steps "
        f"({facts['training_seconds'] / 60:.0f} minutes) on Python's documentation"
    )
