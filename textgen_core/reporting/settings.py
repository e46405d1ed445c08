"""Settings of the reporting stage: what the page shows."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from textgen_core.settings import Location, Settings


class ReportingOptions(Settings):
    """What to show."""

    title: str = "Text generation report"
    """Heading of the page."""
    seeds: int = Field(default=12, ge=0)
    """Seeds whose samples are shown side by side, the first of the seed file. Twelve read in a few minutes."""
    sample_chars: int = Field(default=600, ge=20)
    """Characters shown of each sample; the rest is in the datasets. 600 are a paragraph."""
    curve_points: int = Field(default=120, ge=10)
    """Points drawn of each learning curve, means of the steps between. 120 show the course without the noise."""


class ModelRun(Settings):
    """One model: its name, and the stage directories it went through."""

    name: str
    """Name of the model on the page."""
    tokens: Location
    """Directory that tokenization made."""
    model: Location
    """Directory that training made."""
    generations: Location
    """Directory that generation made."""
    evaluation: Location
    """Directory that evaluation made."""


class ReportingSettings(ReportingOptions):
    """What to show, of which models, and where to write."""

    runs: Annotated[tuple[ModelRun, ...], Field(min_length=1)]
    """The models to compare."""
    corpus: Location
    """Directory that ingestion made."""
    output: Location
    """Directory to write; holds report.html."""
