"""``textgen score``: how likely a model finds a text."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows.cli.common import Common, Directory, Switch
from flows.cli.model import Loaded, loaded
from flows.cli.output import print_json, print_table
from textgen_core.errors import InputError
from textgen_core.figures import saturated
from textgen_core.models.config import read_config
from textgen_core.numerics import Device
from textgen_core.progress import Progress, silent

LIMIT = 64_000_000
"""Bytes scored at once: they take some gigabytes of memory, and minutes."""


def score(
    model: str,
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    lines: Switch = False,
    registry: Directory | None = None,
    device: Device = "auto",
    common: Common | None = None,
) -> int:
    """Log-probability, perplexity and bits per character of any text.

    Args:
        model: A model directory; or `champion`, `previous` or a version as `v3`, with --registry.
        file: A UTF-8 text file; - reads standard input.
        lines: Score each line as a text of its own.
        registry: Directory in which `champion` and the like are looked up.
        device: Where to compute; auto takes a GPU where there is one.
    """
    common = common or Common()
    common.start_logging()
    text = read_text(file)
    texts = [line for line in text.splitlines() if line] if lines else [text]
    with loaded(model, registry, device, _check) as hand:
        rows = scored(hand, texts, common.progress())
    if common.json:
        told = [{name: None if value == math.inf else value for name, value in row.items()} for row in rows]
        print_json(told if lines else told[0])  # JSON has no infinity
    else:
        columns = list(rows[0])
        print_table(columns, ([row[name] for name in columns] for row in rows))
    return 0


def _check(directory: Path) -> None:
    from textgen_core.evaluation.scoring import check_reads_text

    check_reads_text(read_config(directory).pairs)


def scored(hand: Loaded, texts: list[str], progress: Progress = silent) -> list[dict[str, Any]]:
    """The figures of each text. Bits count what spelling unknown words costs, and the end of the text."""
    from textgen_core.evaluation.scoring import score_texts
    from textgen_core.tokenization.spelling import text_bits

    spelling = hand.tokenizer.spelling_bits(texts)
    scores = score_texts(hand.model, hand.tokenizer, texts, progress=progress)
    return [
        {
            "text": " ".join(text.split())[:60],
            "chars": len(text),
            "tokens": found.n_tokens,
            "logprob": found.logprob,
            "perplexity": saturated(math.exp, -found.logprob / found.n_tokens),
            "bits_per_char": text_bits(-found.logprob, bits) / len(text),
        }
        for text, found, bits in zip(texts, scores, spelling, strict=True)
    ]


def read_text(file: str) -> str:
    """A file's text.

    Raises:
        InputError: it can't be read, is too long, is no UTF-8, or is empty.
    """
    content = read_bytes(file)
    if len(content) > LIMIT:
        raise InputError(
            f"a text to score has at most {LIMIT:,} bytes",
            f"{file} with more",
            "For more, ingest it, tokenize it with the model's tokenizer and evaluate",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"{file}, line {line}: byte 0x{content[error.start]:02x} where {error.reason}"
        raise InputError("the text must be UTF-8", found, "Convert it, e.g. with iconv") from None
    if not text.strip():
        raise InputError("the text must not be empty", file, "Name a file with text in it")
    return text


def read_bytes(file: str) -> bytes:
    """Up to LIMIT + 1 bytes of a file, or of standard input."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(LIMIT + 1)
        with Path(file).open("rb") as source:
            return source.read(LIMIT + 1)
    except OSError as error:
        raise InputError("the text must be a file that can be read", f"{file}: {error.strerror}", "Name one") from None
