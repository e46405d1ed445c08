"""What is compared on which corpus: a grid of cells, and what each of them is given."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator

from textgen_core.evaluation.settings import EvaluationOptions
from textgen_core.ingestion.settings import IngestionOptions
from textgen_core.models.settings import NgramSettings
from textgen_core.numerics import Device
from textgen_core.seeding.settings import SeedingOptions, Seeds, drawn_as, without_default
from textgen_core.settings import OUTSIDE_KEY, Location, Settings
from textgen_core.tokenization.settings import CharSettings, PairSettings, TokenizerSettings, WordSettings
from textgen_core.training.settings import TrainingOptions

Variant = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=32)]
Level = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]*$", max_length=32)]
"""A level has no hyphen, so that in the names of cells it is told from the variant before it."""
Share = Annotated[float, Field(gt=0, le=1)]
Size = Annotated[int, Field(ge=1000, le=10**12)]
Temperature = Annotated[float, Field(ge=0, le=10)]
SEEDS = 60
"""Enough to tell cells apart by some percent."""
OF_THE_GRID = ("steps", "evaluate_every", "patience", "seed", "samples", "device")
"""What of a training is the same for all cells. To say it of a family otherwise than its preset does is refused: it
would have no effect."""


class BudgetSettings(Settings):
    """What every training may cost: as much time, or as many steps."""

    seconds: Annotated[float, Field(gt=0)] | None = None
    """Seconds of steps, compiling and validation left out. The pace of each model is measured first and kept, so that
    a comparison that goes on later makes the same steps."""
    steps: Annotated[int, Field(ge=1)] | None = None
    """Optimizer steps, however long they take."""

    @model_validator(mode="after")
    def _one_of_both(self) -> BudgetSettings:
        if (self.seconds is None) == (self.steps is None):
            raise ValueError("a budget is either seconds or steps: give one of them")
        return self


class ComparisonOptions(Settings):
    """The grid, and what is asked of each cell."""

    families: dict[Variant, TrainingOptions] = Field(
        default={name: {"model": {"family": name}} for name in ("rnn", "cnn", "transformer", "ngram")},
        min_length=1,
        validate_default=True,
    )
    """What learns, by name: a family, with settings of its training where the preset's are not meant. A name of your
    own needs model.family, so that two forms of one family can be compared: lstm: {model: {family: rnn}}. Steps,
    evaluations, seed and device are the grid's, and so is the width where sizes are given. A model wider than its
    settings say learns at a rate as much lower. One that sees no further than its window gets a window of
    long_characters, or of characters if these are more, and as many fewer rows."""

    levels: dict[Level, TokenizerSettings] = Field(
        default={"char": CharSettings(), "word": WordSettings(vocab_size=8000)}, min_length=1
    )
    """How text becomes tokens, by name; a list of kinds takes them as they are. 8,000 words, since at 20,000 the tables
    of words would be nearly all of a small model."""

    pairs: Annotated[None, OUTSIDE_KEY] | PairSettings = Field(default=None, discriminator="kind")
    """Have all of them learn from pairs instead of whole documents, as encoder-decoders need it: opening, for
    continuations, of which each document is one. Seeds are then what pairs have for sources. Left out: encoder-decoders
    fail."""

    sizes: tuple[Size, ...] = (300_000, 1_200_000)
    """Weights of each model, its tables of tokens included: the width is found by arithmetic. A factor of four shows
    what size is worth. None given: as the family's settings say. What is counted has the size that it comes to."""

    shares: Annotated[tuple[Share, ...], Field(min_length=1)] = (0.05, 0.25, 1.0)
    """Shares of the training text, each the beginning of the next larger one. Held-out text is the same for all."""

    budget: BudgetSettings = BudgetSettings(seconds=60.0)
    """What every training may cost. A minute on two cores is enough to tell families apart on a megabyte."""

    temperatures: Annotated[tuple[Temperature, ...], Field(min_length=1)] = (0.5, 0.8, 1.0, 1.2)
    """The samplers: people's choice is between 0.7 and 1, and a curve needs its ends. The token that stands for
    unknown words, which is no text, is never drawn."""

    characters: int = Field(default=250, ge=10)
    """Length of the continuations, about: in tokens it is as many as that takes at each level. 250 are a paragraph."""

    long_characters: int = Field(default=512, ge=64)
    """Length of those that show whether a model keeps the thread. A Transformer sees that far, and is trained so."""

    long_temperature: Temperature = 0.8
    """Temperature of these: low enough for loops to show, as high as people use."""

    blocks: int = Field(default=8, ge=4, le=64)
    """Stretches into which they are cut, to see how figures change with the position."""

    judge: NgramSettings = NgramSettings(order=8)
    """The independent judge of fluency: counts of characters over all of the training text. Eight reach over the border
    of a word."""

    shown: int = Field(default=6, ge=0)
    """Seeds whose continuations the page shows side by side. Six by a dozen cells are read in a few minutes."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Start of all randomness: another number, other weights and draws."""

    @field_validator("families")
    @classmethod
    def _from_the_start(cls, families: dict[Variant, TrainingOptions]) -> dict[Variant, TrainingOptions]:
        if warm := [name for name, options in families.items() if options.warm_start is not None]:
            raise ValueError(
                f"{warm[0]}: warm_start brings a tokenizer and a width, which here are the grid's: drop it"
            )
        return families

    @field_validator("families")
    @classmethod
    def _leaves_the_grid_its_own(cls, families: dict[Variant, TrainingOptions]) -> dict[Variant, TrainingOptions]:
        for name, options in families.items():
            plain = TrainingOptions(preset=options.preset, model=options.model)
            if own := [field for field in OF_THE_GRID if getattr(options, field) != getattr(plain, field)]:
                raise ValueError(
                    f"{name}: {own[0]} is the same for all cells, by budget, seed and device of the comparison: drop it"
                )
        return families

    @field_validator("families", mode="before")
    @classmethod
    def _named_family(cls, families: Any) -> Any:
        if isinstance(families, (list, tuple)):
            families = dict.fromkeys(families)
        if not isinstance(families, Mapping):
            return families
        return {name: _of_family(str(name), options) for name, options in families.items()}

    @field_validator("levels", mode="before")
    @classmethod
    def _named_kind(cls, levels: Any) -> Any:
        return {kind: {"kind": kind} for kind in levels} if isinstance(levels, (list, tuple)) else levels

    @field_validator("sizes", "shares", "temperatures")
    @classmethod
    def _ascending(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        values = tuple(sorted(set(values)))
        if alike := next(((low, high) for low, high in pairwise(values) if f"{low:g}" == f"{high:g}"), None):
            raise ValueError(f"{alike[0]} and {alike[1]} have one name, of six digits: leave one out")
        return values


def _of_family(name: str, options: Any) -> Any:
    """Settings of a training with the family that they are named after, unless they say another."""
    if isinstance(options, TrainingOptions):
        return options
    given = options or {}
    if not isinstance(given, Mapping) or not isinstance(model := given.get("model") or {}, Mapping):
        return options
    return {**given, "model": {"family": name, **model}}


class ComparisonSettings(ComparisonOptions):
    """A comparison: the grid, the corpus, and where everything lies."""

    output: Location
    """Directory of everything that is made: comparison/, comparison.html and a folder for each cell."""
    ingestion: IngestionOptions
    """The corpus. For long continuations its documents should be long: unit file, split by tail."""
    seeds: Seeds = Field(default=SeedingOptions(count=SEEDS, how="spans", words=8), json_schema_extra=without_default)
    """A seed file, or how to draw seeds from held-out documents: spans, so that a single long document gives as
    many as are asked for. Where there are pairs and `how` is left out: their sources."""
    evaluation: EvaluationOptions = EvaluationOptions()
    """How held-out text and the continuations are measured. Its bootstrap is for these metrics alone: what compares
    cells, such as verdicts and trade-offs, always has 1,000 resamples of seed 0."""
    lanes: Annotated[int | None, Field(ge=1, le=64), OUTSIDE_KEY] = None
    """Tiles decoded at the same time; left out: one for each processor core."""
    device: Annotated[Device, OUTSIDE_KEY] = "auto"
    """Where models compute: auto takes a GPU if there is one."""

    @field_validator("evaluation")
    @classmethod
    def _held_out_is_read(cls, evaluation: EvaluationOptions) -> EvaluationOptions:
        if evaluation.held_out_tokens == 0:
            raise ValueError("held_out_tokens must be above 0: by held-out text cells are told apart")
        return evaluation

    @model_validator(mode="before")
    @classmethod
    def _seeds_are_sources(cls, values: Any) -> Any:
        if not isinstance(values, Mapping) or values.get("pairs") is None:
            return values
        given = values.get("seeds", {})
        given = given.model_dump(exclude_unset=True) if isinstance(given, SeedingOptions) else given
        if not isinstance(given, Mapping) or "how" in given:
            return values
        try:
            pairs: PairSettings = PAIRS.validate_python(values["pairs"])
        except ValidationError:
            return values  # which is said of the field itself
        return {**values, "seeds": {"count": SEEDS, **drawn_as(pairs), **given}}

    @model_validator(mode="after")
    def _sources_are_drawn_as_pairs_are_made(self) -> ComparisonSettings:
        if self.pairs is not None and isinstance(self.seeds, SeedingOptions):
            wanted = drawn_as(self.pairs)
            if any(getattr(self.seeds, name) != value for name, value in wanted.items()):
                told = ", ".join(f"{name}: {value}" for name, value in wanted.items())
                raise ValueError(
                    f"seeds must be what {self.pairs.kind} pairs have for sources, {told}; leave these out"
                )
        return self


PAIRS: TypeAdapter[PairSettings] = TypeAdapter(Annotated[PairSettings, Field(discriminator="kind")])
