"""One command a stage. They differ only in the settings class that their flags come from."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows.cli.common import Doing
from flows.cli.extras import EXTRAS, Extra
from flows.cli.flags import Flag, collect, flags_of, settings_from
from flows.cli.parameters import parameters
from textgen_core.datasets.manifest import Manifest, RunKey, stage_directory
from textgen_core.progress import Progress
from textgen_core.settings import Settings


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage command needs to know.

    Attributes:
        package: the package of textgen_core that holds it.
        noun: what its settings classes are called, without Settings.
        function: name of its stage function.
        arguments: fields that are given by position.
    """

    package: str
    noun: str
    function: str
    arguments: tuple[str, ...]

    def settings_class(self) -> type[Settings]:
        """Its settings class."""
        module = importlib.import_module(f"textgen_core.{self.package}.settings")
        kind: type[Settings] = getattr(module, f"{self.noun}Settings")
        return kind

    def key_of(self, settings: Settings) -> RunKey:
        """Its run key with these settings."""
        module = importlib.import_module(f"textgen_core.{self.package}.stage")
        key: RunKey = getattr(module, f"{self.package}_key")(settings)
        return key

    def run(self, settings: Settings, progress: Progress) -> Manifest:
        """Do it, in this process."""
        module = importlib.import_module(f"textgen_core.{self.package}.stage")
        manifest: Manifest = getattr(module, self.function)(settings, progress)
        return manifest


DIRECTORIES = ("corpus", "tokens", "model", "generations", "warm_start", "previous")
"""Fields that mean a stage directory; a link to one, or a dataset in one, is as good."""

STAGES = {
    "ingest": Stage("ingestion", "Ingestion", "ingest", ("inputs",)),
    "tokenize": Stage("tokenization", "Tokenization", "tokenize", ("corpus",)),
    "train": Stage("training", "Training", "train", ("tokens",)),
    "generate": Stage("generation", "Generation", "generate", ("model", "seeds")),
    "evaluate": Stage("evaluation", "Evaluation", "evaluate", ("generations",)),
    "report": Stage("reporting", "Reporting", "report", ()),
    "seeds": Stage("seeding", "Seeding", "seed", ("corpus",)),
}


def __getattr__(name: str) -> Callable[..., int]:
    """The command of that name, made when it is asked for: no other stage's settings are imported."""
    if name not in STAGES:
        raise AttributeError(name)
    return command(name, STAGES[name])


def command(name: str, stage: Stage) -> Callable[..., int]:
    """A function with one parameter a field of the stage's settings, for cyclopts to call."""
    kind = stage.settings_class()
    extra = EXTRAS[name]() if name in EXTRAS else Extra((), (), (), lambda values, given: None)
    flags = [_optional(flag) if flag.path[0] in extra.found else flag for flag in flags_of(kind, stage.arguments)]

    def run(*arguments: Any, doing: Doing | None = None, **given: Any) -> int:
        from flows.cli.outcome import perform

        # Those of extra are optional and come last.
        placed = dict(zip((*stage.arguments, *(name for name, _ in extra.arguments)), arguments, strict=False))
        values = collect(flags, given) | {field: placed[field] for field in stage.arguments}
        extra.amend(values, given | placed)
        values |= {
            field: stage_directory(Path(value))
            for field, value in values.items()
            if field in DIRECTORIES and isinstance(value, (str, Path))  # `train` has a model that is no directory
        }
        return perform(name, stage, settings_from(kind, values, flags), doing or Doing())

    general = inspect.Parameter("doing", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Doing | None)
    described = [(field, kind.model_fields[field].description or "") for field in stage.arguments]
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
