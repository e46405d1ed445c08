"""What the stages that only a comparison has are told: a share of a corpus, a pace, a reading, the summary."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from textgen_core.numerics import Device
from textgen_core.settings import OUTSIDE_KEY, Location, Settings
from textgen_core.training.settings import TrainingOptions


class ShareSettings(Settings):
    """A part of a corpus, and where it goes."""

    share: Annotated[float, Field(gt=0, lt=1)]
    """Of the characters of the train split."""
    corpus: Location
    """Directory that ingestion made."""
    output: Location
    """Directory to write: documents/."""


class PaceSettings(Settings):
    """A training whose pace is measured."""

    training: TrainingOptions
    """What is to be trained; its steps play no part."""
    seconds: float = 1.0
    """Time of steps to measure, at least. A second is enough for two digits on a quiet machine."""
    tokens: Location
    """Directory that tokenization made."""
    output: Location
    """Directory to write: its manifest has the pace."""


class ReadingSettings(Settings):
    """Texts to read, by the model that wrote some of them and by the judge."""

    blocks: int
    """Stretches into which long texts are cut."""
    long_characters: int
    """Characters of a long text, all its blocks together."""
    model: Location
    """Directory of the model."""
    judge: Location
    """Directory of the judge."""
    generations: Location
    """What the model wrote from each seed by each sampler."""
    long: Location
    """Its long continuations."""
    human: Location
    """Human text as long as what it wrote from each seed."""
    human_long: Location
    """Human text as long as its long continuations."""
    output: Location
    """Directory to write: judged/ and stretches/."""
    device: Annotated[Device, OUTSIDE_KEY] = "auto"
    """Where models compute."""


class CellRun(Settings):
    """A cell that was tried: what it is and, as far as it came, its stage directories."""

    name: str
    """Unique in the comparison."""
    variant: str
    """Name of what learns."""
    family: str
    """Its family."""
    level: str
    """Name of the level."""
    size: int | None
    """Weights that were asked for."""
    share: float
    """Of the training text."""
    failure: str | None = None
    """Why there is nothing of it; None for a finished one."""
    failed_stage: str | None = None
    """The stage that failed."""
    corpus: Location | None = None
    """Directory of its share of the documents."""
    pace: Location | None = None
    """Directory of the pace that its steps follow from, if they do."""
    tokens: Location | None = None
    """Directory that tokenization made."""
    model: Location | None = None
    """Directory that training made."""
    generations: Location | None = None
    """Directory that generation made."""
    evaluation: Location | None = None
    """Directory that evaluation made."""
    long: Location | None = None
    """Directory of its long continuations."""
    reading: Location | None = None
    """Directory of what was read."""


class SummarySettings(Settings):
    """All cells, what they are compared with, and where the page goes."""

    cells: tuple[CellRun, ...]
    """In the order of the grid."""
    temperatures: tuple[float, ...]
    """Those of the samplers."""
    shown: int
    """Seeds whose continuations are shown side by side."""
    corpus: Location
    """Directory that ingestion made."""
    human: Location
    """Human text as long as the continuations, read by the judge."""
    human_long: Location
    """Human text as long as the long ones."""
    judge: Location
    """Directory of the judge."""
    output: Location
    """Directory to write: the datasets and comparison.html."""
