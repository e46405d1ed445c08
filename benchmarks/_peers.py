"""What benchmarks beside peers share: peers in processes of their own Python, the options, and the contest itself."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._contest import LIMIT, Contestant, Setting, compared, keep, table, tune, tuned, turns
from benchmarks._models import Endless, Silent
from benchmarks._shapes import Recurrent, Transformer, steps_a_token
from textgen_core.decoding.engine import Engine
from textgen_core.decoding.request import Request
from textgen_core.decoding.settings import TILE, SamplerSettings
from textgen_core.models.interface import LanguageModel

FOLDER = Path(__file__).parent / "peers"
MOST_ROWS = 1024
"""Of the largest batches that peers are tuned to, one for each worker."""


@dataclass(frozen=True)
class Peer:
    """A script of ``peers``, the settings it may choose from, what it is told once, and the share of the rows that
    makes one of its turns: less than all for slow ones, whose batches all take the same time."""

    script: str
    settings: Sequence[Setting]
    told: Setting = field(default_factory=dict)
    rows: float = 1.0


def ct2(precision: str, batches: Sequence[int]) -> Peer:
    """CTranslate2, with its two cores on one batch each or both on one."""
    ways = [{"batch": batch, "workers": w, "threads": t} for w, t in ((2, 1), (1, 2)) for batch in batches]
    return Peer("ct2.py", ways, {"precision": precision})


GEMM = Peer("gemm.py", [{"batch": batch, "workers": w} for w in (2, 1) for batch in (64, 128, 256)], rows=0.25)
"""The limit of all."""


@contextlib.contextmanager
def process(name: str, peer: Peer, python: str, told: Setting, rows: int) -> Iterator[Contestant]:
    """A peer in a process of its own, which does a run for each line it is sent."""
    command = [python, str(FOLDER / peer.script), json.dumps({**told, **peer.told})]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "HF_HUB_OFFLINE": "1"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environment, **pipes) as running:
        assert running.stdin and running.stdout
        sent, came = running.stdin, running.stdout

        def answer() -> dict[str, Any]:
            line = came.readline()
            if not line:
                sys.exit(f"{name} gave no answer: see what it wrote above")
            result: dict[str, Any] = json.loads(line)
            return result

        def run(setting: Setting) -> dict[str, float]:
            print(json.dumps(setting), file=sent, flush=True)
            return answer()

        yield Contestant(name, run, peer.settings, max(1, round(rows * peer.rows)), answer())


def ours(model: LanguageModel, sampler: SamplerSettings, prompts: np.ndarray, new: int, rows: int) -> Contestant:
    """The engine, in this process. Its workers are lanes, its batches tiles."""
    engine = Engine(Endless(model), Silent(), [sampler])

    def run(setting: Setting) -> dict[str, float]:
        engine.lanes = setting["workers"]
        chosen = enumerate(prompts[: setting["rows"]].tolist())
        requests = [Request(str(row), tuple(prompt), sampler, new) for row, prompt in chosen]
        began, used = time.perf_counter(), time.process_time()
        tokens = sum(len(completion.tokens) for completion in engine.run(requests))
        return {"tokens": tokens, "seconds": time.perf_counter() - began, "processor": time.process_time() - used}

    tile = TILE // sampler.beams if sampler.strategy == "beam" else TILE
    return Contestant("ours", run, [{"workers": lanes, "batch": tile} for lanes in (2, 1)], rows)


def parser(description: str) -> argparse.ArgumentParser:
    """The options that all of them have."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--python", default=os.environ.get("PEERS_PYTHON"), help="a Python that has the peers")
    options.add_argument("--rows", type=int, default=256, help="prompts to continue in a turn; of slow peers fewer")
    options.add_argument("--runs", type=int, default=5, help="turns, besides one that is not counted")
    options.add_argument("--only", default="", help="only peers whose name contains this")
    options.add_argument("--tune", type=Path, metavar="FILE", help="find the best settings, add them to FILE, and end")
    options.add_argument("--tuned", type=Path, metavar="FILE", help="take the settings from FILE")
    options.add_argument("--quick", action="store_true", help="each with the first of its settings, which is not tuned")
    return options


Prepare = Callable[[str, Path], object]
"""Makes what the peers load: in their Python, in a folder."""


def contest(
    shape: Transformer | Recurrent,
    peers: Mapping[str, Peer],
    model: LanguageModel,
    sampler: SamplerSettings,
    given: argparse.Namespace,
    prepare: Prepare = lambda python, folder: None,
    **told: Any,
) -> None:
    """Tune the peers and ours, let them take turns, print a JSON object for each, and a table on stderr.

    Args:
        peers: the limit among them.
        told: what peers are told besides the shape's products, prompts and new tokens.
    """
    if not given.python:
        print(json.dumps({"skipped": "name a Python that has the peers: see --help"}))
        return
    chosen = {name: peer for name, peer in peers.items() if name == LIMIT or given.only.lower() in name.lower()}
    prompts = np.random.default_rng(0).integers(2, shape.vocab, (max(given.rows, MOST_ROWS), shape.prompt))
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as processes:
        folder = Path(name)
        np.save(folder / "prompts.npy", prompts)
        prepare(given.python, folder)
        told |= {"model": name, "prompts": str(folder / "prompts.npy"), "new": shape.new, "products": shape.products}
        entrants = [
            processes.enter_context(process(name, peer, given.python, told, given.rows))
            for name, peer in chosen.items()
        ]
        entrants.append(ours(model, sampler, prompts, shape.new, given.rows))
        if given.tune:
            _tune(entrants, given)
        else:
            lines = turns(entrants, tuned(entrants, given.tuned, given.quick), given.runs)
            _tell(compared(lines, steps_a_token(shape)))


def _tune(entrants: Sequence[Contestant], given: argparse.Namespace) -> None:
    for entrant in entrants:
        if given.only.lower() in entrant.name.lower():
            setting = tune(entrant)
            keep({entrant.name: setting}, given.tune)
            print(f"{entrant.name}: {dict(setting)}", file=sys.stderr, flush=True)  # no figure: the file has it


def _tell(lines: Sequence[Mapping[str, Any]]) -> None:
    for line in lines:
        print(json.dumps(line))
    print(table(lines), file=sys.stderr)
