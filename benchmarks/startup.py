"""What starting costs: the programs that a job of 1,000 seeds compiles, and how much of its time that takes.

    python -m benchmarks startup [--model DIR] [--seeds 1000] [--new 100]

Runs the generation stage in a process of its own, three times: as it is, then with a folder in which XLA keeps
what it has compiled, which is empty the first time. Prints a JSON object each: programs, seconds that their first runs
took (added up over lanes, so more than their share of the clock where two compile at once), share of the whole,
and a digest of the generated texts, which must be the same. Without --model: random weights, 4 layers of 128.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

CACHE = "--tf_xla_persistent_cache_directory="


def job(given: argparse.Namespace) -> dict[str, Any]:
    """One job in this process."""
    import pandas as pd

    from benchmarks._models import directory
    from textgen_core.decoding.settings import SamplerSettings
    from textgen_core.generation.settings import GenerationSettings
    from textgen_core.generation.stage import generate
    from textgen_core.models.settings import TransformerSettings
    from textgen_core.progress import silent

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "seeds.txt").write_text("".join(f"the number {row}\n" for row in range(given.seeds)), "utf-8")
        settings = GenerationSettings(
            model=given.model or directory(folder / "model", TransformerSettings(layers=4, width=128)),
            seeds=folder / "seeds.txt",
            output=folder / "out",
            samplers={"sample": SamplerSettings()},
            max_new_tokens=given.new,
        )
        began = time.monotonic()
        facts = generate(settings, silent).facts
        seconds = time.monotonic() - began
        rows = pd.read_parquet(folder / "out" / "generations")
    return {
        "seeds": given.seeds,
        "programs": facts["programs"],
        "seconds": round(seconds, 2),
        "compiling": facts["compile_seconds"],
        "share": round(facts["compile_seconds"] / seconds, 2),
        "texts": hashlib.sha256("\0".join(rows["text"]).encode()).hexdigest()[:12],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a training directory")
    parser.add_argument("--seeds", type=int, default=1000, help="prompts of the job")
    parser.add_argument("--new", type=int, default=100, help="tokens of a continuation at most")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        print(json.dumps(job(given)))
        return
    with tempfile.TemporaryDirectory() as cache:
        cached = {"TF_XLA_FLAGS": CACHE + cache, "TF_CPP_MIN_LOG_LEVEL": "3"}
        for method, own in {"as it is": {}, "cache, empty": cached, "cache, filled": cached}.items():
            command = [sys.executable, "-m", "benchmarks.startup", "--here", *sys.argv[1:]]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | own)
            print(json.dumps({"method": method, **json.loads(done.stdout)}), flush=True)


if __name__ == "__main__":
    main()
