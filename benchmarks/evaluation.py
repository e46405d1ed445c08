"""Speed of what evaluation does to every generation: its metrics, and its longest span copied from the training text.

    python -m benchmarks evaluation [--large]

Samples of 500 characters are looked up in an index of 1 MB of text (--large: of 20 MB too, the default limit). Peers:
for the search, a textbook's binary search over the same suffix array with ``bisect``; for its building, a textbook's
prefix doubling with numpy; for the metrics, ``re.findall`` of words and marks alone, the least that any must do.
CPU time (all of it is single-threaded), medians of several runs; each size in a process of its own, which tells its
peak memory. Prints one JSON object a line: megabytes a second, and how many times the peer's those are.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import re
import resource
import statistics
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks._corpora import DATA
from textgen_core.evaluation.copied_spans import SpanIndex
from textgen_core.evaluation.metrics import METRICS
from textgen_core.evaluation.samples import Samples
from textgen_core.suffix_array import suffix_array

SAMPLE = 500


def corpus(size: int) -> str:
    """Real text where it is at hand, words of a Zipf distribution for the rest."""
    texts = [path.read_text("utf-8", "replace") for path in sorted(DATA.glob("*.txt")) if "coco" not in path.name]
    text = "\n\n".join(texts)[:size]
    draw = random.Random(0)
    words = ["".join(draw.choices("etaoinshrdlu", k=draw.randint(1, 9))) for _ in range(30_000)]
    shares = [1 / rank for rank in range(1, len(words) + 1)]
    return text + " ".join(draw.choices(words, shares, k=max(0, size - len(text)) // 5))[: size - len(text)]


def seconds(work: Callable[[], Any], runs: int) -> float:
    """Median of several runs."""
    taken = []
    for _ in range(runs):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def prefix_doubling(text: str) -> np.ndarray[Any, Any]:
    """The textbook's suffix array: every round sorts all suffixes."""
    rank = np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.int64)
    width = 1
    while True:
        following = np.zeros(len(rank), np.int64)
        following[: max(0, len(rank) - width)] = rank[width:] + 1
        keys = rank * (max(len(rank), 0x110000) + 1) + following
        order = np.argsort(keys, kind="stable")
        new = np.concatenate([[0], (np.diff(keys[order]) != 0).cumsum()])
        rank[order] = new
        width *= 2
        if new[-1] == len(rank) - 1:
            return order


def binary_search(text: str, order: list[int], wanted: str) -> int:
    """The textbook's longest span: a binary search from every character of what is looked up."""
    best = 0
    for start in range(len(wanted)):
        rest = wanted[start:]
        at = bisect_left(order, rest, key=lambda suffix: text[suffix : suffix + len(rest)])
        for suffix in order[max(0, at - 1) : at + 1]:
            both = zip(rest, text[suffix : suffix + len(rest)], strict=False)
            best = max(best, sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], both)))
    return best


def one(size: int) -> None:
    """Print the figures of one size as JSON."""
    whole = corpus(size + SAMPLE * 200)
    text, rest = whole[:size], whole[size:]
    samples = [rest[first : first + SAMPLE] for first in range(0, len(rest), SAMPLE)]
    megabytes = len(rest) / 1e6
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    began = time.process_time()
    training = SpanIndex(["all"], [text])
    build = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - idle
    search = seconds(lambda: training.longest(samples), 5)
    order = suffix_array(text).tolist()
    few = samples[:20]
    spans = [span for span, _ in training.longest(few)]
    assert spans == [binary_search(text, order, sample) for sample in few]
    textbook = seconds(lambda: [binary_search(text, order, sample) for sample in few], 3) * len(samples) / len(few)
    doubling = seconds(lambda: prefix_doubling(text), 1)
    figures = {"build": size / 1e6 / build, "build_ratio": doubling / build, "bytes_a_character": peak / size}
    figures |= {"search": megabytes / search, "search_ratio": textbook / search}
    print(json.dumps(figures))


def metrics() -> None:
    """Print the speed of all row metrics together."""
    text = corpus(1_000_000)
    texts = [text[first : first + SAMPLE] for first in range(0, len(text), SAMPLE)]
    lengths = np.array([len(text) for text in texts])

    def ours() -> None:
        samples = Samples(texts, lengths, -1.0 * lengths, lengths > 0, lengths)
        for metric in METRICS.values():
            metric(samples)

    words = re.compile(r"\w+|[^\w\s]")
    speed, limit = (
        len(text) / 1e6 / seconds(work, 5) for work in (ours, lambda: [words.findall(text) for text in texts])
    )
    found = {"row metrics": speed, "finding the words alone": limit, "ratio": speed / limit}
    print(json.dumps(_rounded(found)), flush=True)


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(figure, 2) for name, figure in figures.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="also an index of 20 MB")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one)
        return
    metrics()
    for size in (1_000_000, 20_000_000) if arguments.large else (1_000_000,):
        command = [sys.executable, "-m", "benchmarks.evaluation", "--one", str(size)]
        figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(json.dumps({"index_mb": size / 1e6, **_rounded(figures)}), flush=True)


if __name__ == "__main__":
    main()
