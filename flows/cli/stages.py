"""One command a stage. They differ only in the settings class that their flags come from."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows.cli.common import Doing
from flows.cli.flags import collect, flags_of, settings_from
from flows.cli.parameters import parameters
from textgen_core.datasets.manifest import Manifest, RunKey, find_manifest
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


STAGES = {
    "ingest": Stage("ingestion", "Ingestion", "ingest", ("inputs",)),
    "tokenize": Stage("tokenization", "Tokenization", "tokenize", ("corpus",)),
    "train": Stage("training", "Training", "train", ("tokens",)),
    "generate": Stage("generation", "Generation", "generate", ("model", "seeds")),
    "evaluate": Stage("evaluation", "Evaluation", "evaluate", ("generations",)),
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
    flags = flags_of(kind, leave_out=stage.arguments)

    def run(*arguments: Any, doing: Doing | None = None, **given: Any) -> int:
        from flows.cli.outcome import perform

        values = collect(flags, given)
        values |= {field: located(kind, field, value) for field, value in zip(stage.arguments, arguments, strict=True)}
        return perform(name, stage, settings_from(kind, values, flags), doing or Doing())

    positional = [_positional(kind, field) for field in stage.arguments]
    general = inspect.Parameter("doing", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Doing | None)
    listed = [*positional, *parameters(flags), general]
    run.__name__ = name
    run.__signature__ = inspect.Signature(listed, return_annotation=int)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in listed}
    return run


def _positional(kind: type[Settings], field: str) -> inspect.Parameter:
    info = kind.model_fields[field]
    many = field == "inputs"
    return inspect.Parameter(
        field,
        inspect.Parameter.POSITIONAL_ONLY,
        annotation=Annotated[list[str] if many else str, Parameter(help=info.description, metavar=field.upper())],
    )


def located(kind: type[Settings], field: str, value: Any) -> Any:
    """Where a directory is meant: the stage directory that it is, or links into."""
    if field in ("corpus", "tokens", "model", "generations") and isinstance(value, str):
        path = Path(value)
        return find_manifest(path.resolve()) or path
    return value
