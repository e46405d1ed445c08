"""The tokenization stage: documents -> tokenizer.json and sequences/."""

from __future__ import annotations

import importlib.metadata
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey, stage_directory
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage
from textgen_core.errors import InputError
from textgen_core.numerics import wording
from textgen_core.progress import Counter, Progress
from textgen_core.tokenization.settings import TokenizationSettings

if TYPE_CHECKING:
    from textgen_core.tokenization.corpus import Corpus
    from textgen_core.tokenization.interface import Tokenizer
    from textgen_core.tokenization.settings import PairSettings

CODE_VERSION = 5
MOST_CUT = 1 / 3
"""Of sentences those that a line's end alone ends: half or more in a novel with broken lines, 3% without; of Python's
documentation 69% and 28%, for headings and code stay."""

log = logging.getLogger(__name__)


def tokenization_key(settings: TokenizationSettings) -> RunKey:
    """All that decides the tokens.

    Raises:
        DatasetError: corpus is no finished ingestion directory, or reuse holds no tokenizer.
    """
    inputs = {"documents": digest_of(stage_directory(settings.corpus), "documents")}
    if settings.reuse is not None:
        inputs["tokenizer.json"] = digest_of(stage_directory(settings.reuse), "tokenizer.json")
    return RunKey(
        stage="tokenization",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs=inputs,
        numerics={"tokenizers": importlib.metadata.version("tokenizers"), **wording()},
    )


def tokenize(settings: TokenizationSettings, progress: Progress) -> Manifest:
    """Learn the tokenizer from the train split, then encode every document.

    Raises:
        InputError: the train split has no text, or no pair; or the documents lack the columns that pairs are made of.
        DatasetError: corpus is missing or damaged, or output holds another run.
    """

    def body(partial: Path) -> Mapping[str, Any]:
        return _tokenize(settings, partial, progress)

    return run_stage(tokenization_key(settings), settings.output, body)


def _tokenize(settings: TokenizationSettings, partial: Path, progress: Progress) -> dict[str, Any]:
    from textgen_core.tokenization.corpus import Corpus
    from textgen_core.tokenization.pairs import check_columns
    from textgen_core.tokenization.sequences import write_sequences

    corpus = Corpus(settings.corpus)
    if settings.pairs is not None:
        check_columns(settings.pairs, corpus.columns())
        _look_at_lines(settings.pairs, corpus)
    tokenizer = _learnt(settings, corpus, partial, progress)
    advance = Counter(progress, "tokenization", corpus.rows, "documents")
    began = time.monotonic()
    counts = write_sequences(corpus, tokenizer, partial, advance, settings.pairs)
    seconds = time.monotonic() - began
    facts = _facts(tokenizer, counts) | _pair_facts(settings.pairs, counts)
    facts |= {"chars_per_second": round(_total(counts, "chars") / max(seconds, 1e-9))}
    log.info("%s ids, %.2f characters a token", facts["vocab_size"], facts["chars_per_token"])
    return facts


def _look_at_lines(settings: PairSettings, corpus: Corpus) -> None:
    """Warn where the lines of the first documents seem to be broken to a width."""
    from textgen_core.tokenization.pairs import cut_share

    if settings.kind != "sentences":
        return
    texts = next(corpus.batches(corpus.parts[0], ["text"]))["text"].to_pylist() if corpus.rows else []
    if (share := cut_share(texts)) > MOST_CUT:
        log.warning(
            "%.0f%% of the sentences end at a line's end without a mark: if these are no verse, ingest with "
            "`--cleaning unwrap`",
            100 * share,
        )


def _learnt(settings: TokenizationSettings, corpus: Corpus, partial: Path, progress: Progress) -> Tokenizer:
    """The tokenizer that an earlier attempt left, the one to reuse, or one learned now."""
    from textgen_core.datasets.stage import write_file
    from textgen_core.tokenization.fitting import fit_to
    from textgen_core.tokenization.tokenizers import TOKENIZER, dump, load_tokenizer

    path = partial / TOKENIZER
    if not path.exists() and settings.reuse is not None:
        write_file(path, (stage_directory(settings.reuse) / TOKENIZER).read_bytes())
    elif not path.exists():
        advance = Counter(progress, "vocabulary", corpus.rows, "documents")
        write_file(path, dump(fit_to(corpus, settings.tokenizer, advance, settings.pairs)))
    return load_tokenizer(path)


def _facts(tokenizer: Tokenizer, counts: Mapping[str, int]) -> dict[str, Any]:
    chars, tokens, unknown = (_total(counts, name) for name in ("chars", "tokens", "unknown"))
    return {
        "kind": tokenizer.kind,
        "vocab_size": tokenizer.vocab_size,
        **counts,
        "chars_per_token": round(chars / max(tokens, 1), 4),
        "unk_rate": round(unknown / max(tokens, 1), 6),
    }


def _pair_facts(settings: PairSettings | None, counts: Mapping[str, int]) -> dict[str, Any]:
    """Nothing where documents are as they are.

    Raises:
        InputError: the train split has no pair.
    """
    if settings is None:
        return {}
    if not counts["pairs_train"]:
        raise InputError(
            "pairs must be found in the train split",
            f"none by {settings.kind} in {counts['documents_train']:,} documents",
            "Make them otherwise, or ingest larger documents (`--unit`)",
        )
    log.info("%s pairs; no pair in %s documents", _total(counts, "pairs"), _total(counts, "unpaired"))
    return {"pairs": settings.kind}


def _total(counts: Mapping[str, int], name: str) -> int:
    return sum(count for key, count in counts.items() if key.rpartition("_")[0] == name)
