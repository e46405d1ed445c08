"""Ingestion's speed beside the least that any program must do, its memory, and the duplicates' bytes a document.

    python -m benchmarks ingestion [--large]

The peer reads the same file with pyarrow, takes its SHA-256, checks that it is UTF-8 and writes one string column to
Parquet with the same compression: no document ids, no hashes, no counts, no deduplication, no reading back. The two
take turns, and the best of three turns counts, since others may use the machine; so the CPU seconds of each are
shown too. Peaks are of resident memory (VmHWM), of a process of its own. ``--large`` adds 1 GB.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

WORD = 6
"""Bytes a word of the generated text takes, its space included."""


def generate(path: Path, size: int, document: int, separator: str) -> None:
    """About `size` bytes of distinct documents of about `document` bytes."""
    draw = random.Random(0)
    words = [f"w{number}" for number in range(20_000)]
    pool = [" ".join(draw.choices(words, k=max(1, document // WORD))) for _ in range(2000)]
    written = number = 0
    with path.open("w") as file:
        if path.suffix == ".csv":
            written += file.write("text,n\n")
        while written < size:
            text = f"{number} {pool[draw.randrange(len(pool))]}"
            number += 1
            written += file.write(LINES.get(path.suffix, str)(text) + separator)


LINES: dict[str, Callable[[str], str]] = {
    ".jsonl": lambda text: json.dumps({"text": text, "n": len(text)}),
    ".csv": lambda text: f'"{text}, said ""she""",{len(text)}',
}
"""How a format writes a document."""


def peer(path: Path, separator: str, output: Path) -> None:
    """Read, hash, check and write the text as one column."""
    schema = pa.schema([("text", pa.string())])
    digest, rest = hashlib.sha256(), b""
    with path.open("rb") as file, pq.ParquetWriter(output, schema, compression="zstd") as writer:
        while block := file.read(8 << 20):
            digest.update(block)
            whole, _, rest = (rest + block).rpartition(separator.encode())
            writer.write_table(pa.table([BARE.get(path.suffix, _split)(whole, separator)], schema=schema))


def _split(whole: bytes, separator: str) -> pa.Array:
    return pc.split_pattern(pa.array([whole.decode()]), separator).flatten()


BARE: dict[str, Callable[[bytes, str], pa.Array]] = {
    ".jsonl": lambda whole, separator: pa.json.read_json(pa.BufferReader(whole)).column("text").combine_chunks(),
    ".csv": lambda whole, separator: (
        pa.csv.read_csv(pa.BufferReader(whole), pa.csv.ReadOptions(column_names=["text", "n"]))
        .column("text")
        .combine_chunks()
    ),
}
"""How pyarrow alone reads a format."""


def timed(*arguments: str) -> dict[str, float]:
    """The figures that a process of its own prints."""
    command = [sys.executable, "-m", "benchmarks.ingestion", "--one", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def peak_mb() -> float:
    """The most memory that was resident. Unlike getrusage's figure it does not begin with that of the parent."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def one(what: str, path: str, argument: str, output: str) -> None:
    """Ingest one file, or have the peer copy it, and print the figures as JSON."""
    figures: dict[str, float] = {}
    work = (
        ours(path, argument, Path(output), figures) if what == "ours" else partial(peer, Path(path), argument, output)
    )
    figures["idle_mb"] = peak_mb()
    began, cpu = time.perf_counter(), time.process_time()
    work()
    figures |= {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "peak_mb": peak_mb()}
    print(json.dumps(figures))


def ours(path: str, unit: str, output: Path, figures: dict[str, float]) -> Callable[[], None]:
    """A function that ingests, with all that it needs imported."""
    from textgen_core.ingestion import corpus, supply
    from textgen_core.ingestion.settings import IngestionSettings
    from textgen_core.ingestion.stage import ingest

    sets: list[corpus.HashSet] = []

    class Watched(corpus.HashSet):
        def __init__(self) -> None:
            super().__init__()
            sets.append(self)

    corpus.HashSet = Watched  # type: ignore[misc]
    assert supply.READERS

    def work() -> None:
        manifest = ingest(IngestionSettings(inputs=(path,), unit=unit, output=output))
        figures["documents"] = manifest.facts["documents"]
        figures["bytes_a_document"] = sets[0].nbytes / max(1, len(sets[0]))

    return work


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 1 GB")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(*arguments.one)
        return
    cases = CASES + (LARGE if arguments.large else [])
    print(
        f"{'':<28}{'':>6}{'MB/s':>14}{'':>7}{'CPU seconds':>14}{'':>11}{'peak MB':>14}{'':>7}\n"
        f"{'case':<28}{'MB':>6}{'ours':>7}{'peer':>7}{'ratio':>7}{'ours':>7}{'peer':>7}"
        f"{'documents':>11}{'ours':>7}{'before':>7}{'B/doc':>7}"
    )
    for label, name, size, document, separator, unit in cases:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            generate(path, size, document, separator)
            report(label, path, separator, unit, Path(folder))
    many_files()


def many_files() -> None:
    """Files of two paragraphs each: how many a second, all of them and then ten new ones beside them."""
    from textgen_core.ingestion.settings import IngestionSettings
    from textgen_core.ingestion.stage import ingest

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for turn, added in enumerate((10_000, 10)):
            for number in range(added):
                path = root / "in" / str(number % 100) / f"{turn}-{number}.txt"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"Document {number} of turn {turn}.\n\nIts second paragraph, {number}.\n")
                os.utime(path, (0, 0))
            earlier = root / "0" if turn else None
            settings = IngestionSettings(inputs=(str(root / "in"),), output=root / str(turn), previous=earlier)
            began, cpu = time.perf_counter(), time.process_time()
            facts = ingest(settings).facts
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            print(
                f"{facts['sources']:,} files, {facts['sources_read']:,} of them read: {seconds:.1f} s (CPU {cpu:.1f}), "
                f"{facts['sources'] / seconds:,.0f} files/s"
            )


def report(label: str, path: Path, separator: str, unit: str, folder: Path) -> None:
    """One line of the table."""
    turns = [
        (
            timed("peer", str(path), separator, str(folder / "peer.parquet")),
            timed("ours", str(path), unit, str(folder / f"out{turn}")),
        )
        for turn in range(TURNS)
    ]
    theirs, figures = (min(side, key=lambda figures: figures["seconds"]) for side in zip(*turns, strict=True))
    megabytes = path.stat().st_size / 1e6
    print(
        f"{label:<28}{megabytes:>6.0f}{megabytes / figures['seconds']:>7.0f}{megabytes / theirs['seconds']:>7.0f}"
        f"{theirs['seconds'] / figures['seconds']:>7.2f}{figures['cpu']:>7.1f}{theirs['cpu']:>7.1f}"
        f"{figures['documents']:>11,.0f}{figures['peak_mb']:>7.0f}{figures['idle_mb']:>7.0f}"
        f"{figures['bytes_a_document']:>7.1f}",
        flush=True,
    )


TURNS = 3
CASES = [
    ("txt, 500 bytes a paragraph", "x.txt", 10**8, 500, "\n\n", "paragraph"),
    ("txt, 50 bytes a line", "x.txt", 10**8, 50, "\n", "line"),
    ("jsonl, 500 bytes a row", "x.jsonl", 10**8, 500, "\n", "line"),
    ("csv, 500 bytes a row", "x.csv", 10**8, 500, "\n", "line"),
]
LARGE = [("txt, 500 bytes a paragraph", "x.txt", 10**9, 500, "\n\n", "paragraph")]

if __name__ == "__main__":
    main()
