"""Versions of a model, which of them is the champion, and how it came to be: one JSON file, replaced as a whole.

    DIR/registry.json     versions, champions in the order they took office, history
    DIR/registry.lock     held by whoever changes it

A promotion is one rename, so that a reader meets the old champion or the new one, also after a crash.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import filelock
from pydantic import BaseModel, ConfigDict, ValidationError

from textgen_core.datasets.inputs import digest_of
from textgen_core.datasets.locks import lock_at
from textgen_core.datasets.stage import write_file
from textgen_core.errors import DatasetError, SettingsError
from textgen_core.models.config import MODEL_FILES

REGISTRY = "registry.json"
LOCK_SECONDS = 30

_ROLES = re.compile(r"champion|previous|v[1-9][0-9]*")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Version(_Record):
    """One model that was judged."""

    number: int
    model: str
    """Its directory, relative to the registry's where it lies below it, so that the whole can be moved."""
    digest: str
    """SHA-256 (hex) of its weights, configuration and tokenizer: what lies there must still be what was judged."""
    recipe: dict[str, str]
    """Digests of what it was made from, by name: documents, and each group of settings."""
    created: datetime


class Event(_Record):
    """One decision."""

    at: datetime
    action: Literal["promoted", "kept champion", "rolled back"]
    version: int
    """The version it was about: the one promoted, refused, or returned to."""
    champion: int
    """Who was champion afterwards."""
    reason: str
    figures: dict[str, float]
    """What the decision was made from, e.g. bits per character of both."""
    recipe: dict[str, str] = {}
    """Of the model that was judged. It may have come out as a version that was made from something else."""


class Versions(_Record):
    """All that a registry knows."""

    schema_version: Literal[1] = 1
    versions: tuple[Version, ...] = ()
    champions: tuple[int, ...] = ()
    """Numbers of the champions in the order they took office; the last is in office. A rollback drops the last."""
    history: tuple[Event, ...] = ()

    @property
    def champion(self) -> Version | None:
        """The version in office."""
        return self.number(self.champions[-1]) if self.champions else None

    @property
    def previous(self) -> Version | None:
        """The version in office before."""
        return self.number(self.champions[-2]) if len(self.champions) > 1 else None

    @property
    def recipe(self) -> dict[str, str]:
        """What the model that was judged last was made from; empty before there is one."""
        told = (event.recipe for event in reversed(self.history) if event.recipe)
        return next(told, self.versions[-1].recipe if self.versions else {})

    def number(self, number: int) -> Version | None:
        """The version of that number."""
        return next((version for version in self.versions if version.number == number), None)


def read_registry(directory: Path) -> Versions:
    """The registry of a directory; an empty one where there is none yet.

    Raises:
        DatasetError: it can't be read.
    """
    path = directory / REGISTRY
    try:
        return Versions.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Versions()
    except (ValidationError, OSError) as error:
        raise DatasetError(
            "a registry must be readable by this version", f"{path}: {error}", "Restore the file from a backup"
        ) from None


def promote(directory: Path, model: Path, recipe: dict[str, str], reason: str, figures: dict[str, float]) -> Versions:
    """Make a model the champion; nothing changes if it is already.

    Raises:
        DatasetError: model is no finished model directory, or the registry is locked.
    """

    def change(old: Versions) -> Versions:
        registered, version = _registered(old, directory, model, recipe)
        if old.champion == version:
            return old
        event = _event("promoted", version, version.number, reason, figures, recipe)
        champions = (*old.champions, version.number)
        return registered.model_copy(update={"champions": champions, "history": (*old.history, event)})

    return _change(directory, change)


def keep_champion(
    directory: Path, model: Path, recipe: dict[str, str], reason: str, figures: dict[str, float]
) -> Versions:
    """Record that a challenger was refused.

    Raises:
        DatasetError: there is no champion, model is no finished model directory, or the registry is locked.
    """

    def change(old: Versions) -> Versions:
        registered, version = _registered(old, directory, model, recipe)
        champion = _required(old.champion, "champion", directory)
        event = _event("kept champion", version, champion.number, reason, figures, recipe)
        return registered.model_copy(update={"history": (*old.history, event)})

    return _change(directory, change)


def roll_back(directory: Path, reason: str = "by hand") -> Versions:
    """Put the previous champion back into office.

    Raises:
        DatasetError: there was none, its directory is gone, or the registry is locked.
    """

    def change(old: Versions) -> Versions:
        previous = _required(old.previous, "previous", directory)
        _whole(directory, previous)
        event = _event("rolled back", previous, previous.number, reason, {}, {})
        return old.model_copy(update={"champions": old.champions[:-1], "history": (*old.history, event)})

    return _change(directory, change)


def resolve_model(reference: str | Path, registry: Path | None) -> Path:
    """The model directory that a reference means: champion, previous or v3 of a registry; else it is a path.

    A directory that is called as a role is named by its absolute path.

    Raises:
        SettingsError: it names a role, but no registry was given.
        DatasetError: the registry has no such version, or its directory is not what was judged.
    """
    name = str(reference)
    if not _ROLES.fullmatch(name):
        return Path(reference)
    if registry is None:
        raise SettingsError(
            f"{name} is looked up in a registry", "none", "Name the registry; a directory by its absolute path"
        )
    known = read_registry(registry)
    roles = {"champion": known.champion, "previous": known.previous}
    version = roles[name] if name in roles else known.number(int(name[1:]))
    return _whole(registry, _required(version, name, registry))


def _whole(directory: Path, version: Version) -> Path:
    """The directory of a version, checked to hold the model that was judged."""
    model = directory / version.model
    if (digest := digest_of(model, *MODEL_FILES)) != version.digest:
        raise DatasetError(
            "a registered model must not change",
            f"{model} with digest {digest[:12]}",
            f"Expected {version.digest[:12]}",
        )
    return model


def _registered(old: Versions, directory: Path, model: Path, recipe: dict[str, str]) -> tuple[Versions, Version]:
    digest = digest_of(model, *MODEL_FILES)
    known = next((version for version in old.versions if version.digest == digest), None)
    if known is not None:
        return old, known
    number = max((version.number for version in old.versions), default=0) + 1
    version = Version(
        number=number, model=_written(directory, model), digest=digest, recipe=recipe, created=datetime.now(UTC)
    )
    return old.model_copy(update={"versions": (*old.versions, version)}), version


def _written(directory: Path, model: Path) -> str:
    home, model = directory.resolve(), model.resolve()
    return model.relative_to(home).as_posix() if model.is_relative_to(home) else str(model)


def _required(version: Version | None, role: str, directory: Path) -> Version:
    if version is None:
        raise DatasetError(
            "there must be a champion before" if role == "previous" else f"{role} must be in the registry",
            f"{directory / REGISTRY} without one",
            f"`textgen registry list {directory}` says what is there",
        )
    return version


def _event(
    action: Any, version: Version, champion: int, reason: str, figures: dict[str, float], recipe: dict[str, str]
) -> Event:
    return Event(
        at=datetime.now(UTC),
        action=action,
        version=version.number,
        champion=champion,
        reason=reason,
        figures=figures,
        recipe=recipe,
    )


def _change(directory: Path, change: Callable[[Versions], Versions]) -> Versions:
    lock = lock_at(directory / "registry.lock")
    try:
        with lock.acquire(timeout=LOCK_SECONDS):
            old = read_registry(directory)
            if (new := change(old)) != old:
                write_file(directory / REGISTRY, new.model_dump_json(indent=1).encode())
            return new
    except filelock.Timeout:
        raise DatasetError("one process at a time changes a registry", str(directory), "Wait for it to end") from None
