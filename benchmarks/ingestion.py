"""Ingestion's speed beside the least that any program must do, its memory, and the duplicates' bytes a document.

    python -m benchmarks.ingestion [--large]

The peer reads the same file with pyarrow, takes its SHA-256 and writes one string column to Parquet with the same
compression: no document ids, no hashes, no counts, no deduplication, no checks. ``--large`` adds 1 GB.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
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
        while written < size:
            text = f"{number} {pool[draw.randrange(len(pool))]}"
            number += 1
            line = json.dumps({"text": text}) + "\n" if path.suffix == ".jsonl" else text + separator
            written += file.write(line)


def peer(path: Path, separator: str, output: Path) -> float:
    """Seconds to read, hash and write the text as one column."""
    began = time.perf_counter()
    schema = pa.schema([("text", pa.string())])
    digest, rest = hashlib.sha256(), b""
    with path.open("rb") as file, pq.ParquetWriter(output, schema, compression="zstd") as writer:
        while block := file.read(8 << 20):
            digest.update(block)
            whole, _, rest = (rest + block).rpartition(separator.encode())
            if path.suffix == ".jsonl":
                texts = pa.json.read_json(pa.BufferReader(whole)).column("text").combine_chunks()
            else:
                texts = pc.split_pattern(pa.array([whole.decode()]), separator).flatten()
            writer.write_table(pa.table([texts], schema=schema))
    return time.perf_counter() - began


def ours(path: Path, unit: str, output: Path) -> dict[str, float]:
    """Seconds, rows, peak memory and bytes of the duplicates' table, of a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.ingestion", "--one", str(path), unit, str(output)],
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def one(path: str, unit: str, output: str) -> None:
    """Ingest one file and print the figures as JSON."""
    import resource

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
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    manifest = ingest(IngestionSettings(inputs=(path,), unit=unit, output=Path(output)))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    table = sets[0]
    figures = {
        "seconds": seconds,
        "documents": manifest.facts["documents"],
        "idle_mb": idle / 1000,
        "peak_mb": peak / 1000,
        "bytes_a_document": table.nbytes / max(1, len(table)),
    }
    print(json.dumps(figures))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also 1 GB")
    parser.add_argument("--one", nargs=3, metavar=("PATH", "UNIT", "OUTPUT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(*arguments.one)
        return
    cases = [
        ("txt, 500 bytes a paragraph", "x.txt", 10**8, 500, "\n\n", "paragraph"),
        ("txt, 50 bytes a line", "x.txt", 10**8, 50, "\n", "line"),
        ("jsonl, 500 bytes a row", "x.jsonl", 10**8, 500, "\n", "line"),
    ]
    if arguments.large:
        cases.append(("txt, 500 bytes a paragraph", "x.txt", 10**9, 500, "\n\n", "paragraph"))
    print(
        f"{'case':<28}{'MB':>6}{'MB/s':>7}{'peer':>7}{'ratio':>7}{'documents':>11}{'peak MB':>9}{'idle':>6}{'B/doc':>7}"
    )
    for label, name, size, document, separator, unit in cases:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            generate(path, size, document, separator)
            megabytes = path.stat().st_size / 1e6
            theirs = min(peer(path, separator, Path(folder) / "peer.parquet") for _ in range(2))
            figures = min((ours(path, unit, Path(folder) / f"out{n}") for n in range(2)), key=lambda f: f["seconds"])
            print(
                f"{label:<28}{megabytes:>6.0f}{megabytes / figures['seconds']:>7.0f}{megabytes / theirs:>7.0f}"
                f"{theirs / figures['seconds']:>7.2f}{figures['documents']:>11,.0f}{figures['peak_mb']:>9.0f}"
                f"{figures['idle_mb']:>6.0f}{figures['bytes_a_document']:>7.1f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
