"""Settings of the seeding stage: a seed file drawn from held-out documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from textgen_core.settings import OUTSIDE_KEY, Location, Settings
from textgen_core.tokenization.settings import PairSettings


class SeedingOptions(Settings):
    """Which prompts to draw. They come from documents that the models were not trained on."""

    count: int = Field(default=20, ge=1)
    """Seeds to draw: in all, or with `by` for each of its values. 20 fill a screen and take seconds."""
    how: Literal["openings", "spans", "sentences", "column"] = "openings"
    """`openings`: the first words of a document, as a writer would start one. `spans`: from anywhere in one. For models
    of pairs also `sentences`, each of which another follows, and `column`, what a kept column says of a document."""
    column: Annotated[None, OUTSIDE_KEY] | str = None
    """The kept column that holds the prompts. Must be given where how is `column`, and nowhere else."""
    by: str | None = None
    """A kept column: draw `count` seeds for each of its values, so that they compare."""
    words: int = Field(default=5, ge=1)
    """Words of each prompt. Five say what it is about and leave the rest to the model."""
    split: Literal["validation", "test"] = "validation"
    """The held-out part to draw from."""
    seed: int = 0
    """Another number, another draw."""

    @model_validator(mode="after")
    def _column_where_it_is_meant(self) -> SeedingOptions:
        if (self.how == "column") != (self.column is not None):
            raise ValueError("column, which holds the prompts, must be given where how is column, and nowhere else")
        return self


def without_default(schema: dict[str, Any]) -> None:
    """Take the default out of a field's JSON schema: a form would fill it in, as if somebody had asked for it."""
    schema.pop("default", None)


def _kind_of_seeds(value: object) -> str:
    return "file" if isinstance(value, (str, Path)) else "drawn"


Seeds = Annotated[
    Annotated[Location, Tag("file")] | Annotated[SeedingOptions, Tag("drawn")], Discriminator(_kind_of_seeds)
]
"""A seed file, or how to draw one."""


class SeedingSettings(SeedingOptions):
    """Which prompts to draw, from where, to where."""

    corpus: Location
    """Directory that ingestion made."""
    output: Location
    """Directory to write; holds seeds.parquet."""


def drawn_as(pairs: PairSettings) -> dict[str, Any]:
    """Options with which the sources of held-out pairs are drawn, whatever else is asked for."""
    if pairs.kind == "opening":
        return {"how": "openings", "words": pairs.words}
    if pairs.kind == "column":
        return {"how": "column", "column": pairs.source}
    return {"how": "sentences"}
