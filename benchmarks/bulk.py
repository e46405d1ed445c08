"""The generation stage from a thousand seeds to a million: tokens a second and memory, which should both stay flat.

    python -m benchmarks bulk [--full] [--seeds N] [--new 8]

Each size in a process of its own: a text file of seeds in, one of 200 longer than the others, Parquet parts out, a tiny
recurrent model, so that what surrounds the model is what is measured. Prints a JSON object each: tokens a second, the
share of compiling, the highest resident memory, and bytes a row above the smallest size. --full: a million seeds, too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LONGER = ", and one of another shape"
SIZES, FULL = (1_000, 10_000, 100_000), 1_000_000


def highest_memory() -> int:
    """Bytes of this process that were resident at most."""
    status = Path("/proc/self/status").read_text("utf-8")
    return 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def job(seeds: int, new: int) -> dict[str, Any]:
    """One job in this process."""
    from benchmarks._models import directory
    from textgen_core.decoding.settings import SamplerSettings
    from textgen_core.generation.settings import GenerationSettings
    from textgen_core.generation.stage import generate
    from textgen_core.models.settings import RNNSettings
    from textgen_core.progress import silent

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "seeds.txt").open("w") as file:
            file.writelines(f"seed {number:07}{LONGER * (number % 200 == 7)}\n" for number in range(seeds))
        settings = GenerationSettings(
            model=directory(folder / "model", RNNSettings(units=16)),
            seeds=folder / "seeds.txt",
            output=folder / "out",
            samplers={"sample": SamplerSettings()},
            max_new_tokens=new,
        )
        began = time.monotonic()
        facts = generate(settings, silent).facts
        seconds = time.monotonic() - began
    return {
        "seeds": seeds,
        "seconds": round(seconds, 1),
        "seeds/s": round(seeds / seconds),
        "tokens/s": facts["tokens_per_second"],
        "of which compiling": round(facts["compile_seconds"] / seconds, 2),
        "peak_mb": round(highest_memory() / 1e6, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="a million seeds, too")
    parser.add_argument("--seeds", type=int, help="this size alone")
    parser.add_argument("--new", type=int, default=8, help="tokens of a continuation at most")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        print(json.dumps(job(given.seeds, given.new)))
        return
    first: dict[str, Any] = {}
    for size in [given.seeds] if given.seeds else [*SIZES, *[FULL] * given.full]:
        command = [sys.executable, "-m", "benchmarks.bulk", "--here", "--seeds", str(size), "--new", str(given.new)]
        line = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        first = first or line
        if size > first["seeds"]:
            line["bytes a row"] = round(1e6 * (line["peak_mb"] - first["peak_mb"]) / (size - first["seeds"]))
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
