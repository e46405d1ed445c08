"""Character corpora for the benchmarks: ingested and tokenized by the project itself, models trained by its command."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from textgen_core.datasets.manifest import read_manifest
from textgen_core.ingestion.settings import IngestionSettings, SplitSettings
from textgen_core.ingestion.stage import ingest
from textgen_core.progress import silent
from textgen_core.tokenization.settings import CharSettings, TokenizationSettings
from textgen_core.tokenization.stage import tokenize
from textgen_core.training.tokens import token_stream

DATA = Path(os.environ.get("TEXTGEN_DATA", "../shared/data"))


def tokens_of(corpus: Path, folder: Path, encoding: str = "utf-8") -> Path:
    """The corpus as one document, its last tenth held out, one token a character."""
    split = SplitSettings(method="tail")
    reading = {"inputs": (str(corpus),), "unit": "file", "encoding": encoding, "split": split}
    ingest(IngestionSettings.model_validate(reading | {"output": folder / "documents"}), silent)
    tokenizer = CharSettings(fallback="unknown")
    tokenize(TokenizationSettings(tokenizer=tokenizer, corpus=folder / "documents", output=folder / "tokens"), silent)
    return folder / "tokens"


def streams_of(tokens: Path, folder: Path) -> dict[str, np.ndarray]:
    """The ids of both splits."""
    vocab_size = read_manifest(tokens).facts["vocab_size"]
    return {split: token_stream(tokens / "sequences", split, vocab_size, folder) for split in ("train", "validation")}


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


def _used() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime
