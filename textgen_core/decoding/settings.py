"""How a row is continued. Checked before anything heavy is loaded."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from textgen_core.settings import Settings

TILE = 128
"""Rows computed together, always all of them. Under XLA on a CPU a matmul of 64 rows or more gives each row the same
bits whatever the others hold and whatever the number of threads; fewer rows do not. Each product packs its weights
anew: 128 rows share that among them, and a job of fewer still waits little longer for a step."""

Strategy = Literal["greedy", "sample", "beam", "stochastic_beam"]
EarlyStopping = Literal["exact", "heuristic", "full"]

FOR_GREEDY: Strategy = "greedy"
FOR_SAMPLE: Strategy = "sample"
FOR_BEAM: Strategy = "beam"
FOR_STOCHASTIC: Strategy = "stochastic_beam"
"""These mark, in ``Annotated``, a knob that only the strategies of these names read."""

Text = Annotated[str, Field(min_length=1)]

OF_CHOOSING = ("length_penalty", "n_best")
"""Knobs that need something to choose from: beams, or the draws of best_of."""

OF_ANOTHER = {
    "dry_base": "dry_multiplier",
    "dry_allowed_length": "dry_multiplier",
    "dry_breakers": "dry_multiplier",
    "loop_repeats": "loop_length",
    "xtc_probability": "xtc_threshold",
}
"""Knobs that say how another one works, which is off unless it is set."""

TRUNCATES = "truncates"
"""Marks a knob that is a step on the way to the draw, and has a place in the order of these steps."""


class SamplerSettings(Settings):
    """One way to continue a prompt.

    Scores are changed by the processors and then by the truncations, in the order of their knobs here; of truncations
    ``order`` may say another. What a strategy does not use must be left alone: a knob without effect is a mistake.
    """

    strategy: Strategy = "sample"
    """greedy takes the likeliest token each time, sample draws one, beam searches for the likeliest continuation,
    stochastic_beam draws several continuations of which no two have the same tokens."""

    logit_bias: Annotated[
        dict[Text, Annotated[float, Field(ge=-1000, le=1000)]], FOR_SAMPLE, FOR_GREEDY, FOR_STOCHASTIC
    ] = Field(default={})
    """Added to the logits of tokens, each named by its text or by its number as in id:13. Left out: nothing."""

    repetition_penalty: Annotated[float, Field(ge=0.01, le=10), FOR_SAMPLE, FOR_GREEDY, FOR_STOCHASTIC] = 1.0
    """Logits of tokens in the prompt or already generated are divided by this if positive, else multiplied. 1: off."""

    frequency_penalty: Annotated[float, Field(ge=-10, le=10), FOR_SAMPLE, FOR_GREEDY, FOR_STOCHASTIC] = 0.0
    """Taken from a token's logit for every time that it has been generated; the prompt does not count. 0: off."""

    presence_penalty: Annotated[float, Field(ge=-10, le=10), FOR_SAMPLE, FOR_GREEDY, FOR_STOCHASTIC] = 0.0
    """Taken once from the logit of a token that has been generated; the prompt does not count. 0: off."""

    dry_multiplier: Annotated[float, Field(ge=0, le=100), FOR_SAMPLE, FOR_GREEDY, FOR_STOCHASTIC] = 0.0
    """DRY: a token that continues a repetition costs this times dry_base ** (length - dry_allowed_length). 0: off."""

    dry_base: Annotated[float, Field(ge=1, le=10), FOR_SAMPLE, FOR_GREEDY, FOR_STOCHASTIC] = 1.75
    """How much dearer each further token of a repetition is. 1.75, its author's, ends one within some tokens."""

    dry_allowed_length: Annotated[int, Field(ge=1, le=1_000_000), FOR_SAMPLE, FOR_GREEDY, FOR_STOCHASTIC] = 2
    """Tokens that a repetition must have before the next costs anything; 2 leaves common pairs of words alone."""

    dry_breakers: Annotated[tuple[Text, ...], FOR_SAMPLE, FOR_GREEDY, FOR_STOCHASTIC] = ("\n", ":", '"', "*")
    """Texts beyond which DRY sees no repetition; tokens that hold one cost nothing. These keep dialogue in form."""

    no_repeat_ngram: Annotated[int, Field(ge=0, le=1_000_000), FOR_SAMPLE, FOR_GREEDY, FOR_BEAM, FOR_STOCHASTIC] = 0
    """No run of so many tokens occurs twice, those of the prompt included. 0: off."""

    banned_phrases: Annotated[tuple[Text, ...], FOR_SAMPLE, FOR_GREEDY, FOR_BEAM, FOR_STOCHASTIC] = ()
    """Texts whose tokens are never said in a row, with or without a space before; id:13 for a token by its number."""

    min_new_tokens: Annotated[int, Field(ge=0, le=1_000_000), FOR_SAMPLE, FOR_GREEDY, FOR_BEAM, FOR_STOCHASTIC] = 0
    """Tokens before which neither the end of the text nor a stop token may come. 0: off."""

    stop_tokens: Annotated[tuple[Text, ...], FOR_SAMPLE, FOR_GREEDY] = ()
    """Tokens that end a continuation, each named by all of its text or as in id:13. Where any part may end it: stop."""

    loop_length: Annotated[int, Field(ge=0, le=1000), FOR_SAMPLE, FOR_GREEDY] = 0
    """A continuation ends when its last tokens, at most so many, have come loop_repeats times in a row. 0: off."""

    loop_repeats: Annotated[int, Field(ge=2, le=1000), FOR_SAMPLE, FOR_GREEDY] = 4
    """How often in a row; 4 is beyond what verse or a list does on purpose."""

    temperature: Annotated[float, Field(ge=0, le=100), FOR_SAMPLE, FOR_STOCHASTIC, TRUNCATES] = 1.0
    """Flattens (above 1) or sharpens (below 1) the distribution; 0 takes the likeliest token. 1 is the model itself."""

    top_n_sigma: Annotated[float | None, Field(gt=0), FOR_SAMPLE, FOR_STOCHASTIC, TRUNCATES] = None
    """Draw among the tokens whose logits are at most this many standard deviations below the highest; 1 is usual. Left
    out: among all."""

    top_h: Annotated[float, Field(gt=0, le=1), FOR_SAMPLE, FOR_STOCHASTIC, TRUNCATES] = 1.0
    """Draw among as many of the likeliest tokens as have together this share of the entropy; 0.4 is usual. 1: among
    all."""

    top_k: Annotated[int | None, Field(ge=1, le=2**31 - 1), FOR_SAMPLE, FOR_STOCHASTIC, TRUNCATES] = None
    """Draw among the k likeliest tokens only (ties with the k-th stay in). Left out: among all."""

    top_p: Annotated[float, Field(gt=0, le=1), FOR_SAMPLE, FOR_STOCHASTIC, TRUNCATES] = 1.0
    """Draw among the likeliest tokens that together have this probability. 1: among all."""

    min_p: Annotated[float, Field(ge=0, le=1), FOR_SAMPLE, FOR_STOCHASTIC, TRUNCATES] = 0.0
    """Draw among the tokens at least this times as probable as the likeliest; 0.05 to 0.1 is usual. 0: among all."""

    typical_p: Annotated[float, Field(gt=0, le=1), FOR_SAMPLE, FOR_STOCHASTIC, TRUNCATES] = 1.0
    """Draw among the tokens that together have this probability and tell about as much as the model expects to be told,
    the likeliest perhaps not among them. 1: among all."""

    epsilon_cutoff: Annotated[float, Field(ge=0, lt=1), FOR_SAMPLE, FOR_STOCHASTIC, TRUNCATES] = 0.0
    """Draw among the tokens at least this probable; 0.0003 to 0.0009 is usual. 0: among all."""

    eta_cutoff: Annotated[float, Field(ge=0, lt=1), FOR_SAMPLE, FOR_STOCHASTIC, TRUNCATES] = 0.0
    """The same with a cut-off that falls where the model is unsure: the lesser of this, and its square root times
    exp(-entropy); 0.0003 to 0.004 is usual. 0: among all."""

    xtc_threshold: Annotated[float, Field(gt=0, le=1), FOR_SAMPLE, TRUNCATES] = 1.0
    """Exclude top choices: of the tokens at least this probable draw the least likely, or what is less likely still.
    0.1 is usual; above 0.5, which no two tokens are, it does nothing. 1: among all."""

    xtc_probability: Annotated[float, Field(ge=0, le=1), FOR_SAMPLE] = 0.5
    """How often xtc_threshold is heeded, as a share of the tokens; half is what its author recommends."""

    order: tuple[str, ...] = ()
    """Names of truncations in the order in which they are done, all that are in use; in one text, spaces part them.
    Left out: the order of their settings here."""

    beams: Annotated[int, Field(ge=1, le=TILE), FOR_BEAM, FOR_STOCHASTIC] = 4
    """Continuations a beam search keeps at once, and all that a stochastic beam gives, where there are so many. 4 finds
    most of what wider searches find."""

    best_of: Annotated[int, Field(ge=1, le=1024), FOR_SAMPLE] = 1
    """Draw so many times for each sample and keep the best by the model's own log-probability. 1: keep what is drawn.
    It costs as many times the tokens; 4 to 16 is usual."""

    length_penalty: Annotated[float, Field(ge=0, le=4), FOR_SAMPLE, FOR_BEAM] = 1.0
    """What beams or best_of choose from scores log-probability / length ** length_penalty; 0 favours short ones, 1 is
    the mean a token."""

    early_stopping: Annotated[EarlyStopping, FOR_BEAM] = "exact"
    """When a beam search stops: exact, the safe one, when no running hypothesis can overtake the n_best any more;
    heuristic, when none would overtake as many finished ones as beams if it ended now; full, when there are as many."""

    n_best: Annotated[int, Field(ge=1, le=TILE), FOR_SAMPLE, FOR_BEAM] = 1
    """How many to keep, the best first: of a beam search for each seed, where they take the place of the n samples; of
    best_of for each sample."""

    @field_validator("order", mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, (list, tuple)) or not all(isinstance(text, str) for text in texts):
            return value
        return [word for text in texts for word in text.split()]

    @model_validator(mode="after")
    def _only_what_is_used(self) -> SamplerSettings:
        fields = type(self).model_fields
        changed = {name for name in KNOBS if getattr(self, name) != fields[name].default}
        idle = sorted(changed - set(USED_BY[self.strategy]))
        if idle:
            raise ValueError(f"strategy {self.strategy} does not use {', '.join(idle)}; leave it out")
        if self.strategy == FOR_SAMPLE and self.best_of == 1 and (idle := sorted(changed & {*OF_CHOOSING})):
            raise ValueError(f"without best_of, a sample is not chosen by {', '.join(idle)}; leave it out")
        if self.n_best > (most := self.best_of if self.strategy == FOR_SAMPLE else self.beams):
            source = "draws of best_of" if self.strategy == FOR_SAMPLE else "beams"
            raise ValueError(f"n_best {self.n_best} is more than the {most} {source} it is taken from")
        if self.strategy == FOR_STOCHASTIC and self.temperature == 0:
            raise ValueError("strategy stochastic_beam has nothing to draw at temperature 0; take greedy or beam")
        for name, other in OF_ANOTHER.items():
            if name in self.model_fields_set and other not in self.model_fields_set:
                raise ValueError(f"{name} has no effect without {other}; set that, too")
        return self

    @model_validator(mode="after")
    def _an_order_of_what_is_used(self) -> SamplerSettings:
        if not self.order:
            return self
        fields = type(self).model_fields
        truncations = [name for name in TRUNCATED_BY if name in USED_BY[self.strategy]]
        if not truncations:
            raise ValueError(f"strategy {self.strategy} does not use order; leave it out")
        if unknown := [name for name in self.order if name not in truncations]:
            raise ValueError(f"order has {', '.join(unknown)}, but the truncations are {', '.join(truncations)}")
        if len(set(self.order)) < len(self.order):
            raise ValueError(f"order must name a truncation once; it has {', '.join(self.order)}")
        on = [name for name in TRUNCATED_BY if getattr(self, name) != fields[name].default]
        if missing := [name for name in on if name not in self.order]:
            raise ValueError(f"order must name all truncations in use; it lacks {', '.join(missing)}")
        return self

    @property
    def draws(self) -> bool:
        """Whether another sample of the same prompt could come out differently."""
        return self.strategy in (FOR_SAMPLE, FOR_STOCHASTIC) and self.temperature > 0

    @property
    def independent(self) -> bool:
        """Whether it draws each sample of a prompt by itself, so that a request asks for one."""
        return self.draws and self.strategy == FOR_SAMPLE

    @property
    def steps(self) -> tuple[str, ...]:
        """Every truncation in the order in which it is done; those that ``order`` does not name are off, and last."""
        return (*self.order, *(name for name in TRUNCATED_BY if name not in self.order))

    def replaced(self, **knobs: object) -> SamplerSettings:
        """These settings with some knobs changed; knobs that the strategy does not use are passed over, and those by
        which a sampler would choose if it draws once only.

        Raises:
            pydantic.ValidationError: a value is out of range.
        """
        used = {name: value for name, value in knobs.items() if name in USED_BY[self.strategy]}
        values = {**self.model_dump(exclude_unset=True), **used}
        draws = SamplerSettings.model_validate({"best_of": values.get("best_of", 1)}).best_of
        if self.strategy == FOR_SAMPLE and draws == 1:
            values = {name: value for name, value in values.items() if name not in OF_CHOOSING}
        return SamplerSettings.model_validate(values)


USED_BY: dict[Strategy, tuple[str, ...]] = {
    strategy: tuple(name for name, field in SamplerSettings.model_fields.items() if strategy in field.metadata)
    for strategy in get_args(Strategy)
}
"""The knobs that each strategy reads, in the order in which they are written above."""

TRUNCATED_BY = tuple(name for name, field in SamplerSettings.model_fields.items() if TRUNCATES in field.metadata)
"""The knobs that are steps on the way to the draw, in the order in which these are done."""

KNOBS = tuple(dict.fromkeys(name for knobs in USED_BY.values() for name in knobs))
"""All of them."""
