"""What a benchmark found, kept as JSON: the figures, and the day and the machine that they hold for."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from textgen_core.numerics import numerics

FOLDER = Path(__file__).parent / "results"
SAME = {"--python", "--nanogpt", "--tuned", "--runs", "--repeats", "--rows"}
"""Options that change nothing of what is measured: where the peers are, and how often it is repeated."""
INSTRUCTIONS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")


def machine() -> dict[str, Any]:
    """The processor, the cores that may be used, the vector instructions, memory, and what else runs."""
    described = Path("/proc/cpuinfo").read_text("utf-8")
    model = next((line.split(": ")[1] for line in described.splitlines() if line.startswith("model name")), "unknown")
    return {
        "processor": model,
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "instructions": [name for name in INSTRUCTIONS if name in described.split()],
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "load_before": round(os.getloadavg()[0], 2),
    }


def results(lines: Sequence[str]) -> list[Any]:
    """The JSON objects among the lines that a benchmark printed, without those that say what was left out.

    Of one that prints no JSON, such as a table, all lines.
    """
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return [each for each in found if "skipped" not in each] if found else [line.rstrip("\n") for line in lines]


def left_out(lines: Sequence[str]) -> list[str]:
    """What to name a run by in which a peer was left out: it does not replace one that has it."""
    return ["--without-peers"] if any(line.startswith("{") and "skipped" in json.loads(line) for line in lines) else []


def record(name: str, options: Sequence[str], found: Sequence[Any], on: Mapping[str, Any]) -> Path | None:
    """Write what was found into FOLDER, unless there is nothing to write: the last run with the same task is replaced.

    Of paths among the options the last part is kept.

    Args:
        on: the machine as it was before.
    """
    if not found:
        return None
    versions = {"python": platform.python_version(), **numerics("cpu")}
    options = [Path(option).name if "/" in option else option for option in options]
    report = {
        "benchmark": name,
        "options": options,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": on,
        "versions": versions,
        "results": found,
    }
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{task(name, options)}.json"
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    return path


def task(name: str, options: Sequence[str]) -> str:
    """What was measured, as a file's name: a part of the cases or another budget does not replace the whole."""
    asked: list[list[str]] = []
    for word in (word for option in options for word in option.split("=")):
        asked += [[]] if word.startswith("--") or not asked else []
        asked[-1].append(word)
    words = [name, *(word for group in sorted(asked) if group[0] not in SAME for word in group)]
    return re.sub(r"[^\w.-]", "_", "-".join(words).replace("---", "--"))
