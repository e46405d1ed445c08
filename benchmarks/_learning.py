"""Models trained by ``textgen train``, as whole processes timed from start to end, and how well they learned."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from textgen_core.datasets.manifest import read_manifest
from textgen_core.datasets.parts import read_table
from textgen_core.evaluation.reading import ModelReader
from textgen_core.evaluation.scoring import token_logprobs
from textgen_core.models.config import read_config
from textgen_core.models.directory import load_model

TRIAL = 30
"""Least steps of a trial: enough for a median of their seconds."""
TRIAL_RATE = 1 / 6
"""Steps of a trial a second that is planned: the pace of half a minute, extended to half an hour, was a tenth off."""
POINTS = 10
"""Of a curve. Each costs the time that 20,000 tokens take to be read."""
SPARE = 0.96
"""Share of the time that is planned with: evaluations and writing take the rest."""
HARDLY_EVALUATED = {"evaluate-tokens": 20_000, "patience": "none", "samples": 0}


def trained(tokens: Path, output: Path, *options: str) -> dict[str, float]:
    """Run ``textgen train``, its progress on stderr.

    Returns:
        wall_seconds from the start of its process to the end, imports and compiling included, and the
        processor_seconds it used, which tell more where others share the machine.
    """
    command = [str(Path(sys.executable).with_name("textgen")), "train", str(tokens), "--output", str(output), *options]
    state = {"TEXTGEN_STATE": str(output.with_name("state"))}  # no server of the user's is found there
    began, used = time.monotonic(), _used()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | state)
    return {"wall_seconds": round(time.monotonic() - began, 1), "processor_seconds": round(_used() - used, 1)}


def learned(
    tokens: Path, output: Path, options: Mapping[str, Any], seconds: float, points: int = POINTS
) -> dict[str, Any]:
    """Train for about so many seconds; what it cost, and the curve of its loss on a part of the held-out text.

    How many steps that allows follows from a trial. It does not count, as those trials don't from which others know
    how many steps to take. A family that is counted takes the time that it takes.

    Args:
        options: of ``textgen train``, by flag.
        points: of the curve. The weights kept are those of the lowest; with 1 of them the last.

    Returns:
        model, steps, wall_seconds, processor_seconds, and curve: (seconds, nats a token) pairs. Seconds are those of
        the process, and so later than the history's by what it took to begin and to end.
    """
    plan = dict(options)
    if options.get("family") != "ngram":
        plan |= HARDLY_EVALUATED
        steps = affordable(tokens, output.with_name(f"{output.name}-trial"), plan, seconds)
        plan |= {"steps": steps, "evaluate-every": max(1, steps // points)}
    cost = trained(tokens, output, *_flags(plan))
    rows = read_table(output / "history", ["step", "seconds", "split", "loss"]).to_pylist()
    besides = cost["wall_seconds"] - rows[-1]["seconds"]
    curve = [
        (round(row["seconds"] + besides, 1), round(row["loss"], 4)) for row in rows if row["split"] == "validation"
    ]
    facts = read_manifest(output).facts
    figures = {"parameters": facts["parameters"], "steps": facts["steps"]}
    return {"model": read_config(output).model.label, **figures, **cost, "curve": curve}


def affordable(tokens: Path, output: Path, plan: Mapping[str, Any], seconds: float) -> int:
    """The steps that so many seconds are enough for, from the first to the last of the process."""
    trial = max(TRIAL, int(TRIAL_RATE * seconds))
    cost = trained(tokens, output, *_flags({**plan, "steps": trial, "evaluate-every": trial}))
    facts = read_manifest(output).facts
    step = facts["tokens_seen"] / facts["steps"] / facts["tokens_per_second"]
    besides = cost["wall_seconds"] - trial * step
    return max(1, int(SPARE * (seconds - besides) / step))


def _flags(options: Mapping[str, Any]) -> list[str]:
    switches = {True: "--{}", False: "--no-{}"}
    return [
        switches[value].format(name) if isinstance(value, bool) else f"--{name}={value}"
        for name, value in options.items()
    ]


def held_out_nats(directory: Path, stream: np.ndarray) -> float:
    """Mean nats a token over a held-out text, each with all the context that the model can use. Ends are left out."""
    (logprobs,) = token_logprobs(ModelReader(load_model(directory)), [stream.tolist()])
    return -float(np.mean(logprobs[1:-1], dtype=np.float64))


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime
