"""``textgen score``: how likely a model finds a text."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows.cli.common import Common
from flows.cli.model import Loaded, loaded
from flows.cli.output import print_json, print_table
from textgen_core.errors import InputError
from textgen_core.numerics import Device


def score(
    model: str,
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    lines: Annotated[bool, Parameter(negative=())] = False,
    registry: str | None = None,
    device: Device = "auto",
    common: Common | None = None,
) -> int:
    """Log-probability, perplexity and bits per character of any text.

    Args:
        model: a model directory; or `champion`, `previous` or a version as `v3`, with --registry.
        file: a UTF-8 text file; - reads standard input.
        lines: score each line as a text of its own.
        registry: where champions are looked up.
        device: auto takes a GPU where there is one.
    """
    common = common or Common()
    common.start_logging()
    text = read_text(file)
    texts = [line for line in text.splitlines() if line] if lines else [text]
    with loaded(model, registry, device) as hand:
        rows = scored(hand, texts)
    if common.json:
        print_json(rows if lines else rows[0])
    else:
        columns = list(rows[0])
        print_table(columns, ([row[name] for name in columns] for row in rows))
    return 0


def scored(hand: Loaded, texts: list[str]) -> list[dict[str, Any]]:
    """The figures of each text. Bits count what spelling unknown words costs, and the end of the text."""
    from textgen_core.evaluation.scoring import score_texts

    spelling = hand.tokenizer.spelling_bits(texts)
    return [
        {
            "text": " ".join(text.split())[:60],
            "chars": len(text),
            "tokens": found.n_tokens,
            "logprob": found.logprob,
            "perplexity": math.exp(-found.logprob / found.n_tokens),
            "bits_per_char": (-found.logprob / math.log(2) + bits) / len(text),
        }
        for text, found, bits in zip(texts, score_texts(hand.model, hand.tokenizer, texts), spelling, strict=True)
    ]


def read_text(file: str) -> str:
    """A file's text.

    Raises:
        InputError: it can't be read, is no UTF-8, or is empty.
    """
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise InputError("the text must be readable", f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError("the text must be UTF-8", f"{file}: {error}", "Convert it, e.g. with iconv") from None
    if not text.strip():
        raise InputError("the text must not be empty", file)
    return text
