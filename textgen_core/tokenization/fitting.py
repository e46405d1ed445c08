"""Learning a tokenizer from the train split of a corpus."""

from __future__ import annotations

from collections.abc import Iterator

from textgen_core.errors import InputError
from textgen_core.progress import Advance
from textgen_core.tokenization.corpus import Corpus
from textgen_core.tokenization.interface import Tokenizer
from textgen_core.tokenization.pairs import columns_of, pairs_of, sides_of
from textgen_core.tokenization.settings import ByteSettings, PairSettings, SubwordSettings, TokenizerSettings
from textgen_core.tokenization.tokenizers import fit_tokenizer


def fit_to(
    corpus: Corpus, settings: TokenizerSettings, advance: Advance, pairs: PairSettings | None = None
) -> Tokenizer:
    """Learn a tokenizer of the kind that settings name from the documents, or from the pairs to be made of them.

    Raises:
        InputError: the train split has no text.
    """
    if not corpus.characters("train"):
        raise InputError(
            "a tokenizer is learned from the train split, which must hold text",
            "a corpus without any",
            "Choose a split that leaves documents for training, then run `textgen ingest` again",
        )
    if isinstance(settings, ByteSettings):  # nothing to learn
        advance(corpus.rows)
        return fit_tokenizer(settings, ())
    limit = settings.train_characters if isinstance(settings, SubwordSettings) else None

    def batches() -> Iterator[list[str]]:
        for read, batch in corpus.drawn_batches("train", ["text"] if pairs is None else columns_of(pairs), limit):
            advance(read)
            yield batch["text"].to_pylist() if pairs is None else sides_of(pairs_of(pairs, batch))

    return fit_tokenizer(settings, batches())
