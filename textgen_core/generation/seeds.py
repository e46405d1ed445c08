"""Seeds: rows of a seed file with a key each, or the reason why there is none."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pyarrow as pa

from textgen_core.decoding.constraints.compiling import KINDS
from textgen_core.decoding.settings import KNOBS as SAMPLER_KNOBS
from textgen_core.generation.column_types import caster
from textgen_core.generation.refusal import Refusal
from textgen_core.generation.settings import GenerationOptions
from textgen_core.generation.survey import Survey, read_rows

PREFIX = "prefix"
"""The column that says how a target begins, of a model of pairs; of others it only passes through."""
KNOBS = (*SAMPLER_KNOBS, *KINDS, "max_new_tokens", "sampler", "stop")
"""Columns that say for their row alone how it is continued."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A prompt to continue.

    Attributes:
        key: names it, and its noise.
        knobs: those of KNOBS that the row sets.
        own: the values of the columns that pass through.
        prefix: of the column of that name, if it has anything.
    """

    key: str
    prompt: str
    knobs: dict[str, Any]
    own: dict[str, Any]
    prefix: Any = None


def passing_columns(survey: Survey, options: GenerationOptions) -> pa.Schema:
    """The columns that go into the output as they are: all but the prompt, the id and the sampler's name."""
    consumed = {options.prompt_column, survey.id_column, "sampler"}
    return pa.schema([field for field in survey.columns if field.name not in consumed])


def nearly_knobs(columns: pa.Schema) -> dict[str, str]:
    """Columns whose names are nearly those of knobs -> that knob: without effect, and probably mistyped."""
    near = {name: get_close_matches(name, KNOBS, 1, cutoff=0.8) for name in columns.names if name not in KNOBS}
    return {name: found[0] for name, found in near.items() if found}


def read_seeds(path: Path, survey: Survey, options: GenerationOptions) -> Iterator[Seed | Refusal]:
    """One a row of the file, in its order."""
    casts = {field.name: caster(field.type) for field in passing_columns(survey, options)}
    for row, occurrence in zip(read_rows(path, options), survey.occurrence.tolist(), strict=True):
        if isinstance(row, Refusal):
            yield row
        elif (reason := _unusable(row, survey, options, occurrence)) is not None:
            yield reason
        else:
            yield Seed(
                key=_key(row, survey, options, occurrence),
                prompt=row[options.prompt_column],
                knobs={name: row[name] for name in KNOBS if _is_set(row.get(name))},
                own={name: cast(row.get(name)) for name, cast in casts.items()},
                prefix=row[PREFIX] if _is_set(row.get(PREFIX)) else None,
            )


def _key(row: dict[str, Any], survey: Survey, options: GenerationOptions, occurrence: int) -> str:
    if survey.id_column is not None:
        return str(row[survey.id_column])
    return key_of_prompt(row[options.prompt_column], occurrence)


def key_of_prompt(prompt: str, occurrence: int) -> str:
    """The key of a seed without an id. occurrence: of ``Survey``, so that the order of the file has no part in it."""
    return f"{hashlib.sha256(prompt.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}-{occurrence}"


def _unusable(row: dict[str, Any], survey: Survey, options: GenerationOptions, occurrence: int) -> Refusal | None:
    raw = str(row.get(options.prompt_column, row))
    if not all(map(_is_text, [*row.values(), *row])):
        return Refusal("undecodable", "a seed must be valid Unicode. Save the file as UTF-8", raw)
    prompt = row.get(options.prompt_column)
    if not isinstance(prompt, str):
        received = "nothing" if prompt is None else type(prompt).__name__
        message = f"{options.prompt_column} must be text; received: {received}. Leave the text empty to start afresh"
        return Refusal("no-text", message, raw)
    if "\0" in prompt:
        return Refusal("nul", f"{options.prompt_column} must not hold NUL. Save the file as text", raw)
    if survey.id_column is None:
        return None
    if row.get(survey.id_column) in (None, ""):
        return Refusal("no-id", f"{survey.id_column} must name the seed; received: nothing", raw)
    if occurrence:
        message = f"{survey.id_column} must be unique; received: {row[survey.id_column]!s:.100} again"
        return Refusal("duplicate-id", message, raw)
    return None


def _is_set(value: Any) -> bool:
    """Whether a cell holds anything. Tables of floats have NaN where they have no value."""
    return value not in (None, "") and not (isinstance(value, float) and math.isnan(value))


def _is_text(value: Any) -> bool:
    """Whether UTF-8 can hold it; lone surrogates come from bytes that were no UTF-8, and from escapes in JSON."""
    if isinstance(value, (list, tuple)):
        return all(map(_is_text, value))
    if isinstance(value, dict):
        return all(map(_is_text, [*value, *value.values()]))
    if not isinstance(value, str):
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
