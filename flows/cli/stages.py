"""One command a stage. They differ only in the settings class that their flags come from."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from cyclopts import Parameter

from flows.cli.common import Doing
from flows.cli.extras import EXTRAS, Extra
from flows.cli.flags import Flag, collect, flags_of, settings_from
from flows.cli.parameters import parameters
from textgen_core.datasets.manifest import stage_directory
from textgen_core.stages import STAGES, StageName


class Placed(NamedTuple):
    """The stage that a command does, and its fields that are given by position."""

    stage: StageName
    arguments: tuple[str, ...]


DIRECTORIES = ("corpus", "tokens", "model", "generations", "warm_start", "previous")
"""Fields that mean a stage directory; a link to one, or a dataset in one, is as good."""

COMMANDS = {
    "ingest": Placed("ingestion", ("inputs",)),
    "tokenize": Placed("tokenization", ("corpus",)),
    "train": Placed("training", ("tokens",)),
    "generate": Placed("generation", ("model", "seeds")),
    "evaluate": Placed("evaluation", ("generations",)),
    "report": Placed("reporting", ()),
    "seeds": Placed("seeding", ("corpus",)),
}


def __getattr__(name: str) -> Callable[..., int]:
    """The command of that name, made when it is asked for: no other stage's settings are imported."""
    if name not in COMMANDS:
        raise AttributeError(name)
    return command(name, *COMMANDS[name])


def command(name: str, stage: StageName, fields: tuple[str, ...]) -> Callable[..., int]:
    """A function with one parameter a field of the stage's settings, for cyclopts to call."""
    kind = STAGES[stage].settings
    extra = EXTRAS[name]() if name in EXTRAS else Extra((), (), (), lambda values, given: None)
    flags = [_optional(flag) if flag.path[0] in extra.found else flag for flag in flags_of(kind, fields)]

    def run(*arguments: Any, doing: Doing | None = None, **given: Any) -> int:
        from flows.cli.outcome import perform

        # Those of extra are optional and come last.
        placed = dict(zip((*fields, *(name for name, _ in extra.arguments)), arguments, strict=False))
        values = collect(flags, given) | {field: placed[field] for field in fields}
        extra.amend(values, given | placed)
        values |= {
            field: stage_directory(Path(value))
            for field, value in values.items()
            if field in DIRECTORIES and isinstance(value, (str, Path))  # `train` has a model that is no directory
        }
        return perform(name, stage, settings_from(kind, values, flags), doing or Doing())

    general = inspect.Parameter("doing", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Doing | None)
    described = [(field, kind.model_fields[field].description or "") for field in fields]
    positional = [_positional(*each) for each in described] + [_positional(*each, None) for each in extra.arguments]
    listed = [*positional, *parameters([*flags, *extra.flags]), general]
    run.__name__ = name
    run.__signature__ = inspect.Signature(listed, return_annotation=int)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in listed}
    return run


def _positional(field: str, text: str, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    described = Parameter(help=" ".join(text.split()).replace("``", "`"), show_default=False)
    kind: Any = list[str] if field == "inputs" else str
    hint: Any = Annotated[kind | None if default is None else kind, described]
    return inspect.Parameter(field, inspect.Parameter.POSITIONAL_ONLY, annotation=hint, default=default)


def _optional(flag: Flag) -> Flag:
    """The flag of a setting that is found where it is not given."""
    text = f"{flag.help} Left out: found in the pipeline's output directory."
    return dataclasses.replace(flag, required=False, help=text)
