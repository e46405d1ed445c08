"""What to tokenize, how, and where the result goes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from textgen_core.settings import OUTSIDE_KEY, Location, Settings


class CharSettings(Settings):
    """One token a character (Unicode code point)."""

    kind: Literal["char"] = "char"
    """The tokenizer's name."""
    min_count: int = Field(default=1, ge=1)
    """Characters seen less often than this in the train split get no token of their own. 1: every character counts,
    since even the rarest costs one row of the embedding only."""
    max_characters: int = Field(default=8000, ge=1)
    """The most frequent characters that get a token. 8,000 hold all that a Chinese newspaper uses; above that the
    softmax costs more than the byte fallback does."""
    fallback: Literal["bytes", "unknown"] = "bytes"
    """What other characters become. ``bytes``: their UTF-8 bytes, so that nothing is lost, for 256 more tokens.
    ``unknown``: one token that stands for all, for the smallest vocabulary; scores then charge for spelling it."""


class ByteSettings(Settings):
    """One token a UTF-8 byte: 258 ids whatever the language. Nothing is learned and nothing is lost."""

    kind: Literal["byte"] = "byte"
    """The tokenizer's name."""


class WordSettings(Settings):
    """One token a word or punctuation mark (Unicode word boundaries), with the space before it."""

    kind: Literal["word"] = "word"
    """The tokenizer's name."""
    vocab_size: int = Field(default=20_000, ge=8)
    """Ids in all. 20,000 words cover about 97% of running English text, and the softmax is still affordable."""
    min_count: int = Field(default=2, ge=1)
    """Words seen less often than this in the train split are unknown. 2, so that a model meets unknown words while
    it is trained and learns where they stand."""


class SubwordSettings(Settings):
    """Pieces of words learned from the train split; spelled in bytes, so that nothing is lost."""

    kind: Literal["subword"] = "subword"
    """The tokenizer's name."""
    algorithm: Literal["bpe", "unigram"] = "bpe"
    """``bpe`` merges the most frequent pairs (Sennrich et al. 2016); ``unigram`` keeps the likeliest pieces (Kudo
    2018), with somewhat better shaped words and slower training. bpe, because it is what most models use."""
    vocab_size: int = Field(default=4096, ge=258)
    """Ids in all. 4,096 suits corpora of a few megabytes: each piece is still seen often enough to be learned.
    A small corpus may yield fewer."""
    min_count: int = Field(default=2, ge=1)
    """Pairs seen less often than this are never merged (bpe). 2: a merge that happens once only memorises."""
    train_characters: int = Field(default=200_000_000, ge=1)
    """Train on an even sample of about this many characters, if the train split has more. It bounds time and memory;
    200 million leave the pieces practically unchanged."""


TokenizerSettings = Annotated[
    CharSettings | WordSettings | ByteSettings | SubwordSettings,
    Field(discriminator="kind"),
]
"""One of the four kinds, told apart by ``kind``."""


class SentencePairs(Settings):
    """Each sentence of a document and the one after it, by UAX 29: at every line's end, too, which the cleaning step
    unwrap takes away. Most English titles and initials before a name, as in Mr. Darcy or J. R. Smith, end none."""

    kind: Literal["sentences"] = "sentences"
    """What pairs are made of."""


class OpeningPairs(Settings):
    """The first words of a document, and the rest of it."""

    kind: Literal["opening"] = "opening"
    """What pairs are made of."""
    words: int = Field(default=5, ge=1)
    """Words of the source; of a text that has no more, half of them. 5: as many as ``textgen seeds`` draws."""


class ColumnPairs(Settings):
    """A kept column of the documents, and their text or another column."""

    kind: Literal["column"] = "column"
    """What pairs are made of."""
    source: str
    """The kept column (or ``text``) that the target is to follow from, such as a prompt or a number of stars."""
    target: str | None = None
    """The kept column of targets; left out: ``text``, the documents' own."""


PairSettings = SentencePairs | OpeningPairs | ColumnPairs
"""One of the three ways to make pairs, told apart by ``kind``."""


class TokenizationOptions(Settings):
    """How text becomes token ids."""

    tokenizer: TokenizerSettings = SubwordSettings()
    """The kind of tokenizer and its options: ``char``, ``word``, ``byte`` or ``subword``."""
    pairs: Annotated[None, OUTSIDE_KEY] | PairSettings = Field(default=None, discriminator="kind")
    """Make pairs of a source and a target of each document, for models that write the one from the other: ``sentences``
    (each one and the next), ``opening`` (of a document, and the rest) or ``column``. Encoder-decoders need them, others
    can learn from them too. Left out: documents as they are."""


class TokenizationSettings(TokenizationOptions):
    """A whole tokenization job."""

    corpus: Location
    """A directory made by ``ingest``."""
    output: Location
    """Where tokenizer.json and sequences/ go."""
    reuse: Annotated[Path | None, OUTSIDE_KEY] = None
    """A directory whose tokenizer.json is used as it is: a model's, whose training is to go on with new documents.
    None: a tokenizer is learned."""
