"""A share of a corpus, as a stage: documents/ with a part of the train split, and with all that is held out.

Documents come in the order of a hash of their ids, which says nothing of their text, so that every share holds the
smaller ones. The one in which the border falls is cut there: of a corpus that is one book, 5% are its first pages.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textgen_core.comparison.stage_settings import ShareSettings
from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage
from textgen_core.progress import Counter, Progress

if TYPE_CHECKING:
    from textgen_core.tokenization.corpus import Corpus

CODE_VERSION = 1


def share_key(settings: ShareSettings) -> RunKey:
    """All that decides which documents stay.

    Raises:
        DatasetError: corpus is no finished directory.
    """
    return RunKey(
        stage="share",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs={"documents": digest_of(settings.corpus, "documents")},
        numerics={},
    )


def share_out(settings: ShareSettings, progress: Progress) -> Manifest:
    """Write the share.

    Raises:
        DatasetError: the corpus is missing or damaged.
    """
    return run_stage(share_key(settings), settings.output, lambda partial: _share_out(settings, partial, progress))


def _share_out(settings: ShareSettings, partial: Path, progress: Progress) -> Mapping[str, Any]:
    from textgen_core.datasets.parts import PartWriter, read_part
    from textgen_core.tokenization.corpus import Corpus

    corpus = Corpus(settings.corpus)
    lengths = _lengths(corpus)
    kept = taken(lengths, settings.share)
    advance = Counter(progress, "share", corpus.rows, "documents")
    schema = next(read_part(corpus.parts[0])).schema
    with PartWriter(partial / "documents" / "part-00000.parquet", schema) as part:
        for path in corpus.parts:
            for batch in corpus.batches(path):
                part.write([row for row in (_cut(row, kept) for row in batch.to_pylist()) if row["n_chars"]])
                advance(batch.num_rows)
    return {
        "documents": part.rows,
        "train_characters": sum(kept.values()),
        "of_characters": sum(lengths.values()),
    }


def _lengths(corpus: Corpus) -> dict[str, int]:
    """Characters of each document of the train split, by id."""
    import pyarrow.compute as pc

    from textgen_core.datasets.parts import read_part

    lengths: dict[str, int] = {}
    for path in corpus.parts:
        for batch in read_part(path, ["doc_id", "split", "n_chars"]):
            train = batch.filter(pc.equal(batch["split"], "train"))
            lengths |= zip(train["doc_id"].to_pylist(), train["n_chars"].to_pylist(), strict=True)
    return lengths


def taken(lengths: Mapping[str, int], share: float) -> dict[str, int]:
    """Characters that stay of each document, by id, for lengths by id."""
    left = round(share * sum(lengths.values()))
    kept = {}
    for id in sorted(lengths, key=lambda id: (zlib.crc32(id.encode()), id)):
        kept[id] = min(left, lengths[id])
        left -= kept[id]
    return kept


def _cut(row: dict[str, Any], kept: Mapping[str, int]) -> dict[str, Any]:
    """A document of which as much is left as stays of it."""
    length = kept.get(row["doc_id"], row["n_chars"]) if row["split"] == "train" else row["n_chars"]
    if length == row["n_chars"]:
        return row
    text = row["text"][:length]
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return row | {"text": text, "n_chars": length, "n_words": len(text.split()), "content_hash": digest}
