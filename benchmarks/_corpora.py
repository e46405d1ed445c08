"""Corpora for the benchmarks, ingested and tokenized by the project itself. Their splits are frozen: tests pin them."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from textgen_core.datasets.manifest import read_manifest
from textgen_core.ingestion.settings import IngestionSettings, SplitSettings
from textgen_core.ingestion.stage import ingest
from textgen_core.progress import silent
from textgen_core.tokenization.settings import CharSettings, TokenizationSettings, WordSettings
from textgen_core.tokenization.stage import tokenize
from textgen_core.training.tokens import token_stream

DATA = Path(os.environ.get("TEXTGEN_DATA", "../shared/data"))


def present(corpus: Path) -> Path:
    """The corpus; where it is not at hand this benchmark ends: it is left out."""
    if not corpus.exists():
        print(json.dumps({"skipped": f"{corpus} is not there: name the folder of corpora in $TEXTGEN_DATA"}))
        sys.exit(0)
    return corpus


def characters_of(corpus: Path, folder: Path, encoding: str = "utf-8") -> Path:
    """The corpus as one document, its last tenth held out, one token a character."""
    present(corpus)
    split = SplitSettings(method="tail")
    reading = {"inputs": (str(corpus),), "unit": "file", "encoding": encoding, "split": split}
    ingest(IngestionSettings.model_validate(reading | {"output": folder / "documents"}), silent)
    tokenizer = CharSettings(fallback="unknown")
    tokenize(TokenizationSettings(tokenizer=tokenizer, corpus=folder / "documents", output=folder / "tokens"), silent)
    return folder / "tokens"


def words_of(folder: Path, **options: Any) -> Path:
    """WikiText-2's smaller files by words: train on valid.txt, judged on test.txt, each one document.

    Options of tokenization go along, such as pairs.
    """
    splits = {"train": "valid.txt", "validation": "test.txt"}
    present(DATA / "wikitext2")
    rows = [{"split": split, "text": (DATA / "wikitext2" / name).read_text()} for split, name in splits.items()]
    folder.mkdir()
    (folder / "wikitext2.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    reading = {"inputs": (str(folder / "wikitext2.jsonl"),), "split": {"method": "column"}}
    ingest(IngestionSettings.model_validate(reading | {"output": folder / "documents"}), silent)
    places = {"corpus": folder / "documents", "output": folder / "tokens"}
    tokenize(TokenizationSettings.model_validate({"tokenizer": WordSettings(), **options, **places}), silent)
    return folder / "tokens"


def streams_of(tokens: Path, folder: Path) -> dict[str, np.ndarray]:
    """The ids of both splits."""
    vocab_size = read_manifest(tokens).facts["vocab_size"]
    return {split: token_stream(tokens / "sequences", split, vocab_size, folder) for split in ("train", "validation")}
