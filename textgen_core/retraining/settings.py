"""What retraining is told: the growing corpus, how to learn from it, and when a new model is better."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from textgen_core.ingestion.settings import IngestionOptions
from textgen_core.numerics import Device
from textgen_core.settings import OUTSIDE_KEY, Location, Settings
from textgen_core.tokenization.settings import PairSettings, TokenizationOptions
from textgen_core.training.settings import TrainingOptions


class ChallengeOptions(Settings):
    """How two models are compared."""

    split: Literal["validation", "test"] = "validation"
    """Held-out documents of the newest corpus that both are scored on. With the split by hash, a document that is held
    out stays held out as the corpus grows, so that neither model has seen them."""
    characters: int = Field(default=2_000_000, ge=1)
    """Score about this many characters at most, whole documents evenly drawn. Two million tell models apart that
    differ by a thousandth of a bit, and take a minute or two."""


class ChallengeSettings(ChallengeOptions):
    """One comparison and where it goes."""

    champion: Location
    """Model directory of the one in office."""
    challenger: Location
    """Model directory of the new one."""
    corpus: Location
    """A directory made by ``ingest``: the newest."""
    pairs: Annotated[None, OUTSIDE_KEY] | PairSettings = Field(default=None, discriminator="kind")
    """How documents are made into pairs, of which both write the targets; left out: both read whole documents."""
    output: Location
    """Directory to write: scores/, one row a document."""
    device: Annotated[Device, OUTSIDE_KEY] = "auto"
    """Where they are scored: the device that trains. Its kind enters the run key, as numerics."""


class RetrainingSettings(Settings):
    """A model that follows a growing corpus."""

    registry: Location
    """Directory of everything: corpora, models, and registry.json with the versions and who is champion."""
    ingestion: IngestionOptions
    """The growing corpus. Files that have not changed are not read again."""
    tokenization: TokenizationOptions = TokenizationOptions()
    """How text becomes tokens, in a training from scratch."""
    training: TrainingOptions = TrainingOptions()
    """What learns, and how."""
    start: Literal["warm", "scratch"] = "warm"
    """warm goes on from the champion's weights with its tokenizer, which is quick and forgets little; scratch starts
    anew with a new tokenizer, or from training's warm_start where there is one. If the architecture in training is not
    the champion's, it is scratch in any case."""
    challenge: ChallengeOptions = ChallengeOptions()
    """How the new model is compared with the champion."""
    keep: Annotated[int, Field(ge=2), OUTSIDE_KEY] = 30
    """Models that stay on the disk: the newest, and in any case the champion and the one before. 30: a month of nights
    to go back to. Of older ones the registry keeps what was decided and why, but not the weights."""
    margin: float = Field(default=0.005, ge=0)
    """Bits per character by which a new model must be better to take office. 0.005 is about what another random seed
    changes: below it, a change of models would only be noise for those who use them."""
