"""What ingestion is told: which text, cut into which documents, cleaned how, split how."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from textgen_core.ingestion.cleaning import CleaningStep
from textgen_core.settings import OUTSIDE_KEY, Location, Settings

Format = Literal["auto", "txt", "jsonl", "csv", "tsv", "parquet", "python-docs"]
Unit = Literal["file", "paragraph", "line", "delimiter"]
ColumnType = Literal["string", "int64", "float64", "bool"]
Share = Annotated[float, Field(ge=0, lt=1)]


class SplitSettings(Settings):
    """Which documents train the model and which are held out to judge it."""

    method: Literal["hash", "tail", "column"] = "hash"
    """How documents are assigned. hash: by their content, so that a document stays where it is as the corpus grows.
    tail: the last characters of each source are held out, and the document in which the border falls is cut there
    (one file of one document gives a 90/10 split to the character). column: a column says train, validation or test."""
    # hash, because a random tenth judges a collection fairly and a nightly run keeps its held-out documents held out
    validation: Share = 0.1
    """Share held out to watch and compare models with. A tenth, as is customary for corpora of a few megabytes."""
    test: Share = 0.0
    """Share held out for a last measurement. None by default: the pipeline compares models on validation."""
    column: str = "split"
    """Column that holds the split's name, for the method column: train, validation (or val, valid, dev) or test."""

    @model_validator(mode="after")
    def _leaves_something_to_train_on(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError("validation and test together must leave a share to train on: their sum must be below 1")
        return self


class IngestionOptions(Settings):
    """Turn text files into a dataset of documents."""

    inputs: Annotated[tuple[str, ...], OUTSIDE_KEY, Field(min_length=1)]
    """Files, directories (searched recursively, hidden names left out), globs, fsspec URLs such as s3://bucket/*.jsonl,
    or the word python-docs: the documentation of the running Python. Sources enter the run key by name and digest."""
    format: Format = "auto"
    """Format of all inputs. auto goes by each name's suffix, after .gz, .bz2, .xz or .zst; a file named outright with
    an unknown suffix is read as txt."""
    unit: Unit = "paragraph"
    """What one document of a txt file is: the whole file, a paragraph (blank lines between), a line, or what lies
    between delimiters. paragraph, because most prose has them and a document of that length fits a model's context."""
    delimiter: str = Field(default="<|endoftext|>", min_length=1)
    """The text between two documents, for the unit delimiter."""
    text_column: str = "text"
    """Column or key that holds the text, in jsonl, csv, tsv and parquet; the name that most published corpora use."""
    keep_columns: tuple[str, ...] | Literal["all"] = ()
    """Other columns to keep, with their own types, or all. None by default: a corpus may have dozens."""
    column_types: dict[str, ColumnType] = Field(default_factory=dict)
    """Types of kept columns instead of those inferred, for csv and tsv from the first rows, for jsonl from all."""
    encoding: str = "auto"
    """Character encoding of text formats. auto: a byte order mark decides, else UTF-8, else a detected one where most
    of what is not ASCII is not UTF-8 either."""
    cleaning: tuple[CleaningStep, ...] = ()
    """Steps applied to every text, in this order, e.g. nfc, strip-control, collapse-whitespace; unwrap joins the lines
    of a paragraph, for books whose lines are broken to a width. None by default: a model should see the text as it is
    unless you decide otherwise, and verse lives by its line ends."""
    min_chars: int = Field(default=0, ge=0)
    """Documents with fewer characters after cleaning are refused (code min-chars). 0 keeps all that are not empty."""
    deduplicate: bool = True
    """Drop documents whose text occurred before, whatever their kept columns say. On by default: repeated text is
    learnt by heart, and a copy in the held-out split would flatter the model."""
    split: SplitSettings = Field(default_factory=SplitSettings)
    """Which documents are held out."""
    max_reject_share: float = Field(default=0.1, ge=0, le=1)
    """Share of rows that may be unreadable before the stage fails. Above a tenth it is a wrong setting, not noise."""
    max_document_bytes: int = Field(default=256 << 20, ge=1, le=1 << 30)
    """A longer line or document is refused, so that memory stays bounded. 256 MiB admits the largest single-document
    corpora in use (text8, enwik8). 1 GiB at most: a column counts the bytes of its texts in 31 bits, and a document is
    worked on beside others."""
    max_source_bytes: int = Field(default=1 << 40, ge=1)
    """A source that unpacks to more is refused. 1 TiB: more than any one file should hold."""
    max_compression_ratio: float = Field(default=1000.0, ge=1)
    """A compressed source that unpacks to more than this many times its size is refused as a decompression bomb. Text
    compresses 3 to 20 times, logs 100 times."""


class IngestionSettings(IngestionOptions):
    """Ingestion and where its dataset goes."""

    output: Location
    """Directory to write: documents/, rejects/, duplicates/ and sources/, and a manifest."""
    previous: Annotated[Path | None, OUTSIDE_KEY] = None  # of `Location | None` pydantic would drop the mark
    """An earlier ingestion directory with the same settings. Files that have not changed since are not read again."""
