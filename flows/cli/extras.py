"""What some stage commands take beyond their stage's settings."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from flows.cli.flags import Flag, collect, flags_of, settings_from
from textgen_core.datasets.manifest import stage_directory
from textgen_core.errors import DatasetError, SettingsError

Amend = Callable[[dict[str, Any], Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Extra:
    """More flags, and what they do to the settings.

    Attributes:
        arguments: names and help of arguments that are no settings, given by position after those that are, or not.
        flags: flags that are no settings.
        found: required settings that ``amend`` finds where they are not given.
        amend: completes the values of the settings in place, from what was given.
    """

    arguments: tuple[tuple[str, str], ...]
    flags: tuple[Flag, ...]
    found: tuple[str, ...]
    amend: Amend


def flag(name: str, metavar: str, text: str, group: str = "Options") -> Flag:
    """A flag that takes one word and is no setting."""
    return Flag((name,), ("--" + name,), "text", metavar, (), (), False, text, None, False, None, group)


def generation() -> Extra:
    """One sampler by its own flags, and models by their role in a registry. A pipeline's documents are found."""
    from textgen_core.decoding.settings import USED_BY, SamplerSettings

    knobs = flags_of(SamplerSettings)
    own = tuple(dataclasses.replace(flag, path=("one", *flag.path), group="One sampler") for flag in knobs)
    registry = flag("registry", "DIR", "Where MODEL is looked up if it is `champion`, `previous` or a version as `v3`.")

    def amend(values: dict[str, Any], given: Mapping[str, Any]) -> None:
        _check_strategies(given.get("samplers") or (), list(USED_BY))
        samplers = {
            name: sampler or ({"strategy": name} if name in USED_BY else {})
            for name, sampler in values.get("samplers", {}).items()
        }
        if one := collect(own, given).get("one"):
            samplers[one.get("strategy", "sample")] = settings_from(SamplerSettings, one, knobs)
        if samplers:
            values["samplers"] = samplers
        documents = Path(values["model"]).absolute().parent / "../documents"
        if values.get("until", {}).get("novel") not in (None, False) and documents.exists():
            values.setdefault("corpus", stage_directory(documents))
        values["model"] = resolved_model(str(values["model"]), given.get("registry"))

    return Extra((), (*own, registry), (), amend)


def _check_strategies(told: Sequence[str], strategies: Sequence[str]) -> None:
    """Raise SettingsError where a lone word is no strategy: a typo would be a name for the defaults."""
    for word in told:
        if word not in strategies and "=" not in word and not word.lstrip().startswith("{"):
            near = get_close_matches(word, strategies, 1)
            meant = f"Did you mean {near[0]}?" if near else f"There are {', '.join(strategies)}."
            raise SettingsError(
                "a lone word for --sampler must be a strategy",
                word,
                f"{meant} A name of your own goes before its settings, as in name={word},top_p=0.9",
            )


def resolved_model(reference: str, registry: str | None) -> Path:
    """The training directory that a path, a link or a role in a registry means."""
    from textgen_core.registry import resolve_model

    return stage_directory(resolve_model(reference, Path(registry) if registry else None))


def evaluation() -> Extra:
    """In a pipeline's output directory, generations lie beside the model and the tokens that they came from."""

    def amend(values: dict[str, Any], given: Mapping[str, Any]) -> None:
        folder = Path(given["generations"]).absolute().parent
        for name, place in {"model": "model", "tokens": "sequences", "corpus": "../documents"}.items():
            if name not in values and (folder / place).exists():
                values[name] = stage_directory(folder / place)

    return Extra((), (), ("model", "tokens", "corpus"), amend)


def reporting() -> Extra:
    """In a pipeline's output directory, the models are the folders that hold metrics."""

    def amend(values: dict[str, Any], given: Mapping[str, Any]) -> None:
        if given.get("directory") is None:
            return
        out = Path(given["directory"])
        if not (models := [_run(folder.parent) for folder in sorted(out.glob("*/metrics"))]):
            raise DatasetError(
                "the output directory of a pipeline holds models with metrics",
                str(out),
                "Check its name, or run it first",
            )
        values.setdefault("corpus", stage_directory(out / "documents"))
        values.setdefault("runs", models)

    about = "The output directory of a pipeline. Left out where all is given by --run and --corpus."
    return Extra((("directory", about),), (), ("runs", "corpus"), amend)


def _run(folder: Path) -> dict[str, Any]:
    places = {"tokens": "sequences", "model": "model", "generations": "generations", "evaluation": "metrics"}
    return {"name": folder.name, **{role: stage_directory(folder / place) for role, place in places.items()}}


EXTRAS: dict[str, Callable[[], Extra]] = {"generate": generation, "evaluate": evaluation, "report": reporting}
