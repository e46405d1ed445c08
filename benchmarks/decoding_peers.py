"""Tokens a second of the engine beside those of its peers, on the same shape and prompts, in one run.

    python -m benchmarks.decoding_peers --python PYTHON_WITH_PEERS [--top-k 50] [--only ct2] [--json OUT] [--quick]

$PEERS_PYTHON does the same. Make that Python an environment of its own:

    python -m venv PEERS && PEERS/bin/pip install -r benchmarks/peers/requirements.txt

All draw 112 tokens for each of 256 prompts of 16, from 6 layers of 384 and a vocabulary of 8,192, at temperature 1 and
without truncation (--top-k: with one), and none may end early. Peers load one random GPT-2; ours is its own
architecture, with as many multiplications a token. Every contestant first tries its settings (the better of two runs
each, the first of which may compile); then the best ones take turns, reading the prompts included. Prints a table of
medians. "of limit" is the share of the speed at which the matrix products alone would do the same work, measured in the
same turns. "a processor second" tells more than "tokens/s" where others share the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._contest import Contestant, Shape, table, tune
from benchmarks.decoding import Endless, Silent
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.models.families import build_model
from textgen_core.models.settings import TransformerSettings

SHAPE = Shape(layers=6, width=384, heads=6, vocab=8192, prompt=16, new=112)
FOLDER = Path(__file__).parent / "peers"

PEERS: dict[str, tuple[str, dict[str, Any], list[dict[str, Any]]]] = {
    "CTranslate2 float32": (
        "ct2.py",
        {"precision": "float32"},
        [{"batch": batch, "workers": w, "threads": t} for w, t in ((2, 1), (1, 2)) for batch in (64, 32, 128)],
    ),
    "CTranslate2 int8": (
        "ct2.py",
        {"precision": "int8"},
        [{"batch": batch, "workers": w, "threads": t} for w, t in ((2, 1), (1, 2)) for batch in (64, 32, 128)],
    ),
    "transformers": (
        "huggingface.py",
        {},
        [{"batch": batch, "workers": workers} for workers in (1, 2) for batch in (128, 64, 256)],
    ),
    "KerasHub": ("kerashub.py", {}, [{"batch": batch, "xla": xla} for xla in (False, True) for batch in (64, 128)]),
    "matrix products alone": (
        "gemm.py",
        {},
        [{"batch": batch, "workers": workers} for workers in (2, 1) for batch in (64, 128, 256)],
    ),
}
"""Script, what it is told once, and the settings it may choose from: the first of them where there is no time."""

LIMIT = "matrix products alone"


def ours(prompts: np.ndarray, top_k: int) -> Contestant:
    """The engine, in this process."""
    sampler = SamplerSettings(top_k=top_k or None)
    settings = TransformerSettings(
        layers=SHAPE.layers, width=SHAPE.width, heads=SHAPE.heads, context=SHAPE.prompt + SHAPE.new
    )
    engine = Engine(Endless(build_model(settings, SHAPE.vocab)), Silent(), [sampler])

    def run(setting: Mapping[str, Any]) -> dict[str, float]:
        engine.lanes = setting["lanes"]
        requests = [Request(str(i), tuple(row), sampler, SHAPE.new) for i, row in enumerate(prompts.tolist())]
        began, used = time.perf_counter(), time.process_time()
        tokens = sum(len(completion.tokens) for completion in engine.run(requests))
        return {"tokens": tokens, "seconds": time.perf_counter() - began, "processor": time.process_time() - used}

    return Contestant("ours", run, [{"lanes": 2}, {"lanes": 1}], {})


@contextlib.contextmanager
def peer(name: str, python: str, told: Mapping[str, Any]) -> Iterator[Contestant]:
    """A peer in a process of its own, which does a run for each line it is sent."""
    script, own, settings = PEERS[name]
    command = [python, str(FOLDER / script), json.dumps({**told, **own})]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "HF_HUB_OFFLINE": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin and process.stdout
        sent, came = process.stdin, process.stdout

        def run(setting: Mapping[str, Any]) -> dict[str, float]:
            print(json.dumps(setting), file=sent, flush=True)
            answer: dict[str, float] = json.loads(came.readline())
            return answer

        yield Contestant(name, run, settings, json.loads(came.readline()))


def contest(given: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """One line a contestant, fastest last."""
    prompts = np.random.default_rng(0).integers(2, SHAPE.vocab, (given.rows, SHAPE.prompt))
    np.save(folder / "prompts.npy", prompts)
    shape = {name: getattr(SHAPE, name) for name in ("layers", "width", "heads", "vocab")}
    shape["context"] = SHAPE.prompt + SHAPE.new
    subprocess.run([given.python, FOLDER / "random_gpt2.py", json.dumps(shape), folder], check=True)
    told = {
        "model": str(folder),
        "prompts": str(folder / "prompts.npy"),
        "new": SHAPE.new,
        "top_k": given.top_k,
        "products": SHAPE.products,
        "tokens": 64 * SHAPE.new,
    }
    with contextlib.ExitStack() as processes:
        names = [name for name in PEERS if name == LIMIT or given.only.lower() in name.lower()]
        entrants = [processes.enter_context(peer(name, given.python, told)) for name in names]
        entrants.append(ours(prompts, given.top_k))
        chosen = [(entrant, entrant.settings[0] if given.quick else tune(entrant)) for entrant in entrants]
        rounds = [[entrant.run(setting) for entrant, setting in chosen] for _ in range(given.runs + 1)]
    return [
        {"name": entrant.name, "setting": setting, **_medians(runs[1:]), **entrant.facts}
        for (entrant, setting), runs in zip(chosen, zip(*rounds, strict=True), strict=True)
    ]


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    """Tokens a second by the clock and by the processors; of the clock also the slowest and the fastest run."""
    speeds = sorted(run["tokens"] / run["seconds"] for run in runs)
    return {
        "tokens/s": statistics.median(speeds),
        "lowest": speeds[0],
        "highest": speeds[-1],
        "a processor second": statistics.median(run["tokens"] / run["processor"] for run in runs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=os.environ.get("PEERS_PYTHON"))
    parser.add_argument("--rows", type=int, default=256, help="prompts to continue")
    parser.add_argument("--runs", type=int, default=5, help="turns, besides one that is not counted")
    parser.add_argument("--top-k", type=int, default=0, help="draw among so many tokens; 0: among all")
    parser.add_argument("--only", default="", help="only peers whose name contains this")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument("--quick", action="store_true", help="each with the first of its settings, which is not tuned")
    given = parser.parse_args()
    if not given.python:
        print(json.dumps({"skipped": "name a Python that has the peers: see --help"}))
        return
    with tempfile.TemporaryDirectory() as name:
        lines = contest(given, Path(name))
    report = {"shape": SHAPE.facts, "rows": given.rows, "runs": given.runs, "top_k": given.top_k, "results": lines}
    print(table(lines, SHAPE, LIMIT))
    if given.json:
        given.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
