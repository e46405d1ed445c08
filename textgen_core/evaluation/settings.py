"""What to measure, and where the generations and everything they came from lie."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from textgen_core.numerics import Device
from textgen_core.settings import OUTSIDE_KEY, Location, Settings


class BootstrapSettings(Settings):
    """Intervals by resampling rows (Efron 1979)."""

    samples: int = Field(default=1000, ge=0)
    """Resamples behind each 95% interval; 0 for none. 1,000 fix the ends to about 1% of the interval's width."""
    seed: int = Field(default=0, ge=0)
    """Which resamples are drawn."""


class EvaluationOptions(Settings):
    """How generations and their model are judged."""

    group_by: tuple[str, ...] = ()
    """Columns of the generations (attributes that came with the seeds): metrics are given for each of their values."""
    bootstrap: BootstrapSettings = BootstrapSettings()
    """The 95% intervals."""
    held_out: Literal["validation", "test"] = "validation"
    """The split whose text gives perplexity and bits per character. validation, so that test stays unseen until a
    choice is final."""
    held_out_tokens: int | None = Field(default=1_000_000, ge=0)
    """Score at most about this many tokens of it, whole documents evenly drawn; null for all, 0 for none, which leaves
    these figures out. A million fix the loss to the third digit and take a minute."""
    copied_span: bool = True
    """Whether to look each generation up in the training text for its longest copied span."""
    copied_span_characters: int = Field(default=20_000_000, ge=1, le=2_000_000_000)
    """Index at most about this much training text: of more, pieces of 20,000 characters are drawn evenly, and the
    manifest tells how many characters of how many were indexed. The index takes about 40 bytes of memory a character
    while it is built, so the default needs 0.8 GB at most and some ten seconds."""
    device: Annotated[Device, OUTSIDE_KEY] = "auto"
    """Where held-out text is scored. auto takes an NVIDIA GPU where there is one. (The kind is in the run key all the
    same, with the numerics.)"""


class EvaluationSettings(EvaluationOptions):
    """A whole evaluation job."""

    generations: Location
    """A directory made by ``generate``."""
    model: Location
    """The model that made them."""
    tokens: Location
    """The tokenization the model was trained on: its held-out sequences are scored."""
    corpus: Location
    """The documents behind those: copied spans are looked for in their train split."""
    output: Location
    """Where scores/ and metrics/ go."""
