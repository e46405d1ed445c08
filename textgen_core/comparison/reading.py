"""What the judge makes of a cell's continuations and of human ones, and model and judge of long texts in stretches: a
stage.

The judge reads people and models by one rule: a text after its prompt, to the last character. Whether it ends there
counts for nothing, since some are cut off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from textgen_core.comparison.stage_settings import ReadingSettings
from textgen_core.datasets.comparison_schemas import JUDGED, STRETCHES
from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.manifest import Manifest, RunKey, stage_directory
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.datasets.stage import run_stage
from textgen_core.models.config import MODEL_FILES, read_config
from textgen_core.numerics import numerics, wording
from textgen_core.progress import Progress, Update

if TYPE_CHECKING:
    from textgen_core.comparison.stretches import Stretch

CODE_VERSION = 5
TEXTS = ("generations", "long", "human", "human_long")

Row = dict[str, Any]


def reading_key(settings: ReadingSettings) -> RunKey:
    """All that decides what is found.

    Raises:
        DatasetError: one of the inputs is no finished directory.
    """
    models = {role: digest_of(getattr(settings, role), *MODEL_FILES) for role in ("model", "judge")}
    texts = {role: digest_of(getattr(settings, role), "generations") for role in TEXTS}
    return RunKey(
        stage="reading",
        code_version=CODE_VERSION,
        schema_version=SCHEMA_VERSION,
        settings=settings.canonical(),
        inputs=models | texts,
        numerics=numerics(settings.device) | wording(),
    )


def read_texts(settings: ReadingSettings, progress: Progress) -> Manifest:
    """Read everything.

    Raises:
        DatasetError: an input is missing or damaged.
    """
    return run_stage(reading_key(settings), settings.output, lambda partial: _read_texts(settings, partial, progress))


class _Text(NamedTuple):
    """A text in stretches, and whose it is."""

    author: str
    seed_id: str
    prompt: str
    stretches: Sequence[Stretch]


def _read_texts(settings: ReadingSettings, partial: Path, progress: Progress) -> Mapping[str, Any]:
    from textgen_core.comparison.stretches import Stretch
    from textgen_core.datasets.parts import PartWriter
    from textgen_core.models.backend import on_device, prepare_device

    columns = [*JUDGED.names[:3], "prompt", "text"]
    texts = [*_rows(settings.human, columns), *_rows(settings.generations, columns)]
    briefly = [_Text(row["sampler"], row["seed_id"], row["prompt"], [Stretch(row["text"], 0, 0)]) for row in texts]
    long = [*_long(settings, "human", settings.human_long), *_long(settings, "model", settings.long)]
    with on_device(prepare_device(settings.device)):
        progress(Update("reading", 0, len(texts) + 2 * len(long), "texts"))
        own = _bits(settings.model, long)
        progress(Update("reading", len(long), len(texts) + 2 * len(long), "texts"))
        heard = _heard(settings, [*long, *briefly])
        judged = _bits(settings.judge, heard)  # at once: each shape of texts is compiled for some seconds
    with PartWriter(partial / "judged" / "part-00000.parquet", JUDGED) as part:
        part.write([_judged(row, bits[0]) for row, bits in zip(texts, judged[len(long) :], strict=True)])
    with PartWriter(partial / "stretches" / "part-00000.parquet", STRETCHES) as part:
        part.write([row for found in zip(long, own, judged[: len(long)], strict=True) for row in _stretches(*found)])
    progress(Update("reading", len(texts) + 2 * len(long), len(texts) + 2 * len(long), "texts"))
    return {"texts": len(texts), "long_texts": len(long)}


def _rows(directory: Path, columns: Sequence[str]) -> list[Row]:
    from textgen_core.datasets.parts import read_table

    rows: list[Row] = read_table(directory / "generations", [*columns, "finish_reason"]).to_pylist()
    return [row for row in rows if row["finish_reason"] != "error"]


def _long(settings: ReadingSettings, author: str, directory: Path) -> list[_Text]:
    from textgen_core.comparison.stretches import stretches

    size = settings.long_characters / settings.blocks
    rows = _rows(directory, ["seed_id", "prompt", "text"])
    return [
        _Text(author, row["seed_id"], row["prompt"], stretches(row["text"], settings.blocks, round(size)))
        for row in rows
    ]


def _heard(settings: ReadingSettings, texts: Sequence[_Text]) -> Sequence[_Text]:
    """The texts as the judge hears them, who knows of no pairs."""
    from textgen_core.tokenization.pairs import as_text

    if not read_config(stage_directory(settings.model)).pairs:
        return texts
    return [text._replace(prompt=as_text(text.prompt)) for text in texts]


def _bits(directory: Path, texts: Sequence[_Text]) -> list[list[float]]:
    from textgen_core.comparison.stretches import bits_of
    from textgen_core.evaluation.reading import ModelReader
    from textgen_core.models.directory import load_model
    from textgen_core.tokenization.tokenizers import load_tokenizer

    home = stage_directory(directory)
    model = load_model(home)
    prompts, stretched = [text.prompt for text in texts], [text.stretches for text in texts]
    reader, tokenizer = ModelReader(model), load_tokenizer(home)
    return bits_of(reader, tokenizer, prompts, stretched, model.pairs, model.reads_source)


def _judged(row: Row, bits: float) -> Row:
    return {name: row[name] for name in JUDGED.names[:3]} | {"n_chars": len(row["text"]), "judge_bits": bits}


def _stretches(text: _Text, own: Sequence[float], judged: Sequence[float]) -> list[Row]:
    return [
        {
            "author": text.author,
            "seed_id": text.seed_id,
            "block": block,
            "n_chars": len(stretch.text),
            "bits": bits,
            "judge_bits": judge,
            "n_words": stretch.words,
            "repeated_words": stretch.repeated,
        }
        for block, (stretch, bits, judge) in enumerate(zip(text.stretches, own, judged, strict=True))
    ]
