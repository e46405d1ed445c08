"""How a row is continued. Checked before anything heavy is loaded."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from textgen_core.settings import Settings

TILE = 64
"""Rows computed together, always all of them. Under XLA on a CPU a matmul of 64 rows or more gives each row the same
bits whatever the others hold and whatever the number of threads; fewer rows do not."""

Strategy = Literal["greedy", "sample", "beam"]

FOR_SAMPLE: Strategy = "sample"
FOR_BEAM: Strategy = "beam"
"""These mark, in ``Annotated``, a knob that only the strategy of this name reads."""


class SamplerSettings(Settings):
    """One way to continue a prompt.

    A sample is drawn after the truncations, in the order of their knobs here. What a strategy does not use must be left
    alone: a knob without effect is a mistake.
    """

    strategy: Strategy = "sample"
    """greedy takes the likeliest token each time, sample draws one, beam searches for the likeliest continuation."""

    temperature: Annotated[float, Field(ge=0, le=100), FOR_SAMPLE] = 1.0
    """Flattens (above 1) or sharpens (below 1) the distribution; 0 takes the likeliest token. 1 is the model itself."""

    top_k: Annotated[int | None, Field(ge=1), FOR_SAMPLE] = None
    """Draw among the k likeliest tokens only (ties with the k-th stay in). Left out: among all."""

    top_p: Annotated[float, Field(gt=0, le=1), FOR_SAMPLE] = 1.0
    """Draw among the likeliest tokens that together have this probability. 1: among all."""

    beams: Annotated[int, Field(ge=1, le=TILE), FOR_BEAM] = 4
    """Continuations a beam search keeps at once. 4 finds most of what wider searches find."""

    length_penalty: Annotated[float, Field(ge=0, le=10), FOR_BEAM] = 1.0
    """A hypothesis scores log-probability / length ** length_penalty; 0 favours short ones, 1 is the mean a token."""

    n_best: Annotated[int, Field(ge=1, le=TILE), FOR_BEAM] = 1
    """Hypotheses a beam search gives for each seed, the best first; they take the place of the n samples."""

    @model_validator(mode="after")
    def _only_what_is_used(self) -> SamplerSettings:
        fields = type(self).model_fields
        changed = {name for name in KNOBS if getattr(self, name) != fields[name].default}
        idle = sorted(changed - set(USED_BY[self.strategy]))
        if idle:
            raise ValueError(f"strategy {self.strategy} does not use {', '.join(idle)}; leave it out")
        if self.n_best > self.beams:
            raise ValueError(f"n_best {self.n_best} is more than the {self.beams} beams it is taken from")
        return self

    @property
    def draws(self) -> bool:
        """Whether another sample of the same prompt could come out differently."""
        return self.strategy == "sample" and self.temperature > 0

    def replaced(self, **knobs: float | int | None) -> SamplerSettings:
        """These settings with some knobs changed; knobs that the strategy does not use are passed over.

        Raises:
            pydantic.ValidationError: a value is out of range.
        """
        used = {name: value for name, value in knobs.items() if name in USED_BY[self.strategy]}
        return SamplerSettings.model_validate({**self.model_dump(exclude_unset=True), **used})


USED_BY: dict[Strategy, tuple[str, ...]] = {
    strategy: tuple(name for name, field in SamplerSettings.model_fields.items() if strategy in field.metadata)
    for strategy in get_args(Strategy)
}
"""The knobs that each strategy reads, in the order in which they are written above."""

KNOBS = tuple(name for knobs in USED_BY.values() for name in knobs)
