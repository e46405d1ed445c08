"""What a generation job does, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from textgen_core.decoding.constraints.building import automaton
from textgen_core.decoding.constraints.compiling import KINDS, Constraint
from textgen_core.decoding.settings import SamplerSettings
from textgen_core.errors import SettingsError
from textgen_core.numerics import Device
from textgen_core.settings import OUTSIDE_KEY, Location, Settings

MaxNewTokens = Annotated[int, Field(ge=0, le=1_000_000)]
"""A million is a long book; what is more is a mistake that would keep a job for days."""


def _as_text(schema: object) -> object:
    """A schema that was written as a mapping, as the JSON that says it."""
    return json.dumps(schema) if isinstance(schema, dict) else schema


class UntilSettings(Settings):
    """Which continuations are accepted, and how often a job may draw for them."""

    unique: bool = True
    """Accept a text once in the whole job; white space around it does not count. No text is worth having twice."""

    novel: bool = False
    """Accept only what is not copied: a text that stands, as a whole, in no document the model was trained on. A short
    text nearly always does. Needs corpus."""

    match: str | None = None
    """Accept only what matches this as a whole: a regular expression of Python's re, without lookaround and
    back-references. To look for something anywhere, put (.|\\n)* around it. Left out: anything."""

    budget: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Draws at most for each sample that is wanted. 10 are enough where one text in five is accepted."""

    @field_validator("match")
    @classmethod
    def _can_be_read(cls, match: str | None) -> str | None:
        try:
            if match is not None:
                automaton(KINDS["regex"](match))
        except SettingsError as error:
            raise ValueError(str(error)) from None
        return match


class GenerationOptions(Settings):
    """Which continuations a job makes of every seed."""

    samplers: dict[str, SamplerSettings] = Field(default={"top-p": SamplerSettings(top_p=0.95)}, min_length=1)
    """Named samplers; every seed is continued by each. top-p 0.95 keeps the model's variety without its tail."""

    samples: Annotated[int, Field(ge=1)] = 1
    """Continuations of every seed by every sampler that draws. A greedy one gives 1, a beam search its n_best, a
    stochastic beam its beams."""

    max_new_tokens: MaxNewTokens = 100
    """Tokens at most in a continuation."""

    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """A continuation ends before the first of these strings, also where it crosses the borders of tokens. Searches look
    for whole continuations, and what they find is cut, after which two may be the same; a regex as [^\\n]* has them
    look for what ends there."""

    regex: str | None = None
    """A regular expression of Python's re, without lookaround and back-references, that every continuation matches as a
    whole. Left out, like the two that follow: anything goes."""

    choices: Annotated[tuple[str, ...] | None, Field(min_length=1)] = None
    """Every continuation is one of these texts."""

    json_schema: Annotated[str | None, BeforeValidator(_as_text)] = None
    """Every continuation is JSON that obeys this schema. Objects have its properties in order, and no others; a $ref
    within what it refers to is followed three times. What can't be kept of a schema is an error."""

    until: UntilSettings | None = None
    """Go on drawing until each seed has its samples from texts that are accepted, or its budget is spent. Left out:
    every continuation is kept. A seed that falls short stands in rejects, too."""

    telemetry: bool = False
    """Write also each token's log-probability and, of every continuation, how unsure the model was, how much its
    sampler left to choose from, and whether it ends in a loop. Off by default: it takes time and space."""

    alternatives: Annotated[int, Field(ge=0, le=20)] = 0
    """Write also so many of the likeliest tokens beside each token, with their log-probabilities. 0: none."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Start of all randomness. The draws of a row depend on it, on the row's seed and on its sample index only."""

    prompt_column: str = "prompt"
    """The column that holds the prompts, in csv, tsv, jsonl and parquet seed files."""

    id_column: str | None = None
    """The column that names the seeds; left out: seed_id or id if there is one, else the prompt's hash is the name."""

    too_long: Literal["keep-tail", "reject"] = "keep-tail"
    """What happens to a prompt longer than the model's room less max_new_tokens: its tail is used, or it is refused. Of
    a source that an encoder-decoder is to read the beginning is used, as it was in training. A model without a limit
    to its context reads all."""

    max_reject_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Share of refused seeds above which the job fails: more than a tenth points at a wrong file or column."""

    seeds_per_part: Annotated[int, Field(ge=1)] = 1000
    """Seeds whose continuations make one Parquet part: what a killed job may have to do again, some minutes' work."""

    precision: Literal["float32", "bfloat16"] = "float32"
    """bfloat16 multiplies by weights rounded to 8 bits: faster on processors with AVX512-BF16, not tried on others. The
    loss of models that were tried changed by less than 0.0001 nats a character."""

    lanes: Annotated[int | None, Field(ge=1, le=64), OUTSIDE_KEY] = None
    """Tiles decoded at the same time, one thread each; left out: one for each processor core."""

    device: Annotated[Device, OUTSIDE_KEY] = "auto"
    """Where the model computes: auto takes a GPU if there is one. The kind of device is part of the run key."""

    @model_validator(mode="after")
    def _one_constraint_that_can_be_read(self) -> GenerationOptions:
        asked = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(asked) > 1:
            raise ValueError(f"{' and '.join(asked)} are given, and there can be one constraint; leave the others out")
        if self.constraint is not None:
            try:
                KINDS[self.constraint.kind](self.constraint.text)
            except SettingsError as error:
                raise ValueError(str(error)) from None
        return self

    @model_validator(mode="after")
    def _until_needs_draws(self) -> GenerationOptions:
        unfit = [name for name, sampler in self.samplers.items() if not (sampler.independent and sampler.n_best == 1)]
        if self.until is not None and unfit:
            names = ", ".join(unfit)
            raise ValueError(f"until needs samplers that draw one text at a time; leave out {names}, or until")
        return self

    @property
    def constraint(self) -> Constraint | None:
        """The one that is set."""
        asked = [Constraint.of(kind, getattr(self, kind)) for kind in KINDS if getattr(self, kind) is not None]
        return asked[0] if asked else None


class GenerationSettings(GenerationOptions):
    """A generation job and where its inputs and its output lie."""

    model: Location
    """A training directory."""

    seeds: Location
    """A seed file: txt (a prompt a line), csv, tsv, jsonl or parquet. Text may be packed, as in seeds.csv.gz."""

    corpus: Annotated[Path | None, OUTSIDE_KEY] = None
    """The documents that the model was trained on; only until.novel looks into them, into the train split."""

    output: Location
    """The directory to write: generations/ and rejects/."""

    @model_validator(mode="after")
    def _novel_needs_a_corpus(self) -> GenerationSettings:
        if self.until is not None and self.until.novel and self.corpus is None:
            raise ValueError("until.novel needs corpus: the documents that the model was trained on")
        return self

    @property
    def known(self) -> Path | None:
        """The documents that no continuation may be copied from."""
        return self.corpus if self.until is not None and self.until.novel else None
