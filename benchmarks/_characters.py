"""Character corpora for the benchmarks: ingested and tokenized by the project itself, models trained by its command."""

from __future__ import annotations

import os
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


def trained(tokens: Path, output: Path, *options: str) -> float:
    """Seconds that ``textgen train`` takes, from the start of its process to the end: imports and compiling included.

    Its progress goes to stderr.
    """
    command = [str(Path(sys.executable).with_name("textgen")), "train", str(tokens), "--output", str(output), *options]
    state = {"TEXTGEN_STATE": str(output.with_name("state"))}  # no server of the user's is found there
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | state)
    return time.monotonic() - began
