"""What is swept on which model, and what it is measured against."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from textgen_core.decoding.settings import KNOBS, OF_CHOOSING, USED_BY, SamplerSettings
from textgen_core.faults import faults
from textgen_core.generation.settings import MaxNewTokens
from textgen_core.numerics import Device
from textgen_core.settings import OUTSIDE_KEY, Location, Settings
from textgen_core.tokenization.settings import PairSettings

HUMAN = "human"
"""The name of people among the samplers."""

Values = Annotated[tuple[float, ...], Field(min_length=1)]

SWEEPS: dict[str, tuple[float, ...]] = {
    # 0 is greedy; people's choice is between 0.7 and 1; above 1.2 most models fall apart
    "temperature": (0.0, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2),
    # the papers' 10 and 40, and each way until little changes
    "top_k": (5, 10, 20, 40, 100),
    # nucleus sampling's own study found 0.9 to 0.95 nearest to people
    "top_p": (0.5, 0.7, 0.8, 0.9, 0.95, 0.98),
    # what its authors recommend, and twice as far each way
    "min_p": (0.02, 0.05, 0.1, 0.2),
    # the grid of its authors
    "typical_p": (0.2, 0.5, 0.9, 0.95),
    # the grids of their authors
    "epsilon_cutoff": (0.0003, 0.0006, 0.0009),
    "eta_cutoff": (0.0003, 0.0006, 0.002, 0.004),
    # 1 is its authors' choice; 2 keeps nearly everything
    "top_n_sigma": (0.7, 1.0, 1.5, 2.0),
    # 0.4 is its authors' choice
    "top_h": (0.2, 0.4, 0.6, 0.8),
    # 0.1 is its author's choice
    "xtc_threshold": (0.05, 0.1, 0.2),
    # 1.2 is its authors' choice; smaller ones are what people use
    "repetition_penalty": (1.05, 1.1, 1.2),
    # the search that samplers are compared with: one width, since each costs as much as that many samples
    "beams": (4,),
}
"""Values to try of each knob, where there is such a knob: the grid of its authors, or one around what people use."""


class FrontierOptions(Settings):
    """Which samplers are tried, on how much text."""

    sweeps: dict[str, Values] = Field(
        default={knob: SWEEPS[knob] for knob in dict.fromkeys(KNOBS) if knob in SWEEPS},
        min_length=1,
        validate_default=True,
    )
    """Knobs to turn, one at a time with all others off, and the values to try: top_p=0.8:0.9:0.95. Left out: all knobs
    with a customary grid."""

    max_new_tokens: MaxNewTokens = 100
    """Tokens at most in a continuation, and in the human text it is compared with. 100 show loops and lost threads."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Start of all randomness: another number, another draw."""

    prompt_column: str = "prompt"
    """The column of the seed file that holds the prompts."""

    id_column: str | None = None
    """The column of it that names the seeds; left out: seed_id or id if there is one, else the prompt's hash."""

    held_out: Literal["validation", "test"] = "validation"
    """The split that human text is drawn from, where the seeds do not say which document they come from. validation,
    since a choice is made by it."""

    copied_span_characters: int = Field(default=20_000_000, ge=1, le=2_000_000_000)
    """Training text at most in which copies are looked for, as in evaluation. It is read once a knob."""

    lanes: Annotated[int | None, Field(ge=1, le=64), OUTSIDE_KEY] = None
    """Tiles decoded at the same time; left out: one for each processor core."""

    device: Annotated[Device, OUTSIDE_KEY] = "auto"
    """Where the model computes: auto takes a GPU if there is one."""

    @field_validator("sweeps", mode="before")
    @classmethod
    def _from_text(cls, sweeps: Any) -> Any:
        if not isinstance(sweeps, dict):
            return sweeps
        return {
            knob: values.split(":") if isinstance(values, str) else [values] if _is_number(values) else values
            for knob, values in sweeps.items()
        }

    @field_validator("sweeps")
    @classmethod
    def _possible(cls, sweeps: dict[str, tuple[float, ...]]) -> dict[str, tuple[float, ...]]:
        for knob, values in sweeps.items():
            if knob not in KNOBS:
                raise ValueError(f"{knob} is no knob; they are {', '.join(dict.fromkeys(KNOBS))}")
            for value in values:
                _check(knob, value)
        return {knob: tuple(dict.fromkeys(values)) for knob, values in sweeps.items()}


class FrontierSettings(FrontierOptions):
    """A sweep of samplers and where its inputs and its output lie."""

    model: Location
    """The model to try them on."""
    seeds: Location
    """A seed file. A hundred prompts or more: with few, all samplers look alike."""
    tokens: Location
    """The tokenization that the model was trained on."""
    corpus: Location
    """The documents behind it: human text is drawn from those held out, copies are looked for in the others."""
    output: Location
    """Directory of everything that is made: frontier/, frontier.html, and a folder for each knob."""


class ReferenceSettings(Settings):
    """Human text to compare with, and where it goes."""

    model: Location
    """The model that reads it."""
    seeds: Location
    """The seed file."""
    corpus: Location
    """The documents that it is taken from."""
    output: Location
    """Directory to write: generations/, of one sampler named human."""
    max_new_tokens: MaxNewTokens
    """Tokens at most of each text."""
    prompt_column: str
    """The column of the seed file that holds the prompts."""
    id_column: str | None
    """The column that names the seeds."""
    held_out: Literal["validation", "test"]
    """The split to draw from, where the seeds do not say which document they come from."""
    seed: int
    """Which text is drawn."""
    pairs: Annotated[None, OUTSIDE_KEY] | PairSettings = Field(default=None, discriminator="kind")
    """How documents become pairs, of which the targets are taken; None: what follows the prompts in documents."""
    device: Annotated[Device, OUTSIDE_KEY] = "auto"
    """Where the model computes."""


class Sweep(Settings):
    """One knob's generations and what was measured of them."""

    knob: str
    """The knob that was turned; ``human`` for the text to compare with."""
    generations: Location
    """Directory made by ``generate``, or by the reference."""
    evaluation: Location
    """Directory made by ``evaluate``."""


class SummarySettings(Settings):
    """What was measured, and where the verdict goes."""

    human: Sweep
    """The text to compare with."""
    sweeps: tuple[Sweep, ...]
    """All knobs that were turned."""
    values: dict[str, Values]
    """What each of them was turned to, in this order."""
    output: Location
    """Directory to write: frontier/ and frontier.html."""


def sampler_of(knob: str, value: float) -> SamplerSettings:
    """The sampler with one knob turned, of a strategy that reads it: of sampling, if that does without another knob.

    Raises:
        pydantic.ValidationError: the value is out of range.
    """
    first = () if knob in OF_CHOOSING else ("sample",)
    strategy = next(name for name in (*first, "beam", *USED_BY) if knob in USED_BY[name])
    return SamplerSettings.model_validate({"strategy": strategy, knob: value})


def _check(knob: str, value: float) -> None:
    try:
        sampler_of(knob, value)
    except ValidationError as error:
        raise ValueError(
            f"{sampler_name(knob, value)} is impossible: {faults(SamplerSettings, error)[0].what}"
        ) from None


def sampler_name(knob: str, value: float) -> str:
    """What a setting is called in datasets and on the page."""
    return f"{knob}={value:.12g}"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float))
