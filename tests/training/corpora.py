"""Tokenization directories, by hand but for pairs, so that these tests need no other stage; short trainings of them."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from tests.tokenization.documents import write_documents
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.schemas import SCHEMA_VERSION, SEQUENCES
from textgen_core.datasets.stage import run_stage
from textgen_core.progress import silent
from textgen_core.tokenization.char import CharTokenizer
from textgen_core.tokenization.interface import SPECIALS
from textgen_core.tokenization.settings import CharSettings, OpeningPairs, TokenizationSettings
from textgen_core.tokenization.stage import tokenize
from textgen_core.tokenization.tokenizers import dump
from textgen_core.training.settings import TrainingSettings

LETTERS = "abcdefgh .,"
SPELLING = ["spelling_bits_train", "spelling_bits_validation"]


def tokenized(directory: Path, train: list[str], validation: list[str] = (), letters: str = LETTERS) -> Path:
    """A finished directory with a character tokenizer's ids of these texts."""
    splits = {"train": list(train), "validation": list(validation)}
    rows = [
        {"doc_id": f"{split}-{n}", "split": split, "token_ids": ids(text, letters), "n_tokens": len(text)}
        for split, texts in splits.items()
        for n, text in enumerate(texts)
    ]

    def body(partial: Path):
        tokenizer = CharTokenizer(characters="".join(sorted(letters)), fallback="unknown")
        (partial / "tokenizer.json").write_bytes(dump(tokenizer))
        with PartWriter(partial / "sequences" / "part-00000.parquet", SEQUENCES) as part:
            part.write(pa.Table.from_pylist(rows, schema=SEQUENCES))
        chars = {f"chars_{split}": sum(map(len, texts)) for split, texts in splits.items()}
        return {"vocab_size": SPECIALS + 1 + len(letters), **chars, **dict.fromkeys(SPELLING, 0)}

    key = RunKey(
        stage="tokenization",
        code_version=1,
        schema_version=SCHEMA_VERSION,
        settings={"texts": splits},
        inputs={},
        numerics={},
    )
    run_stage(key, directory, body)
    return directory


def paired(directory: Path, train: list[str], validation: list[str]) -> Path:
    """The tokens of pairs: the first word of a text, and the rest of it."""
    texts = [("train", text) for text in train] + [("validation", text) for text in validation]
    corpus = write_documents(directory.with_name("corpus"), texts)
    options = {"tokenizer": CharSettings(), "pairs": OpeningPairs(words=1)}
    tokenize(TokenizationSettings(**options, corpus=corpus, output=directory), silent)
    return directory


def ids(text: str, letters: str = LETTERS) -> list[int]:
    return [SPECIALS + 1 + sorted(letters).index(letter) for letter in text]


def babble(documents: int, length: int, seed: int = 0) -> list[str]:
    """Texts with something to learn: letters follow each other in alphabetical order most of the time."""
    generator = np.random.default_rng(seed)
    jumps = generator.random((documents, length)) < 0.1
    steps = np.where(jumps, generator.integers(0, len(LETTERS), jumps.shape), 1)
    return ["".join(LETTERS[place] for place in row % len(LETTERS)) for row in np.cumsum(steps, axis=1)]


def tiny(tokens: Path, output: Path, family: str = "transformer", **options) -> TrainingSettings:
    """The tiny preset. The Transformer compiles soonest, so it stands for all where the family plays no part."""
    model = {"family": family} | options.pop("model", {})
    return TrainingSettings(**{"preset": "tiny", "model": model, "tokens": tokens, "output": output} | options)
