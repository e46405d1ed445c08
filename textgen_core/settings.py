"""The base of all settings: frozen, unknown keys refused, and a canonical form that run keys are made from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from textgen_core.errors import SettingsError
from textgen_core.faults import faults

OUTSIDE_KEY = "outside the run key"
"""Marks, in ``Annotated``, a field that can't change a stage's output: where things lie, how many lanes."""

Location = Annotated[Path, OUTSIDE_KEY]
"""A path. What lies there enters the run key by its digest, not by its name."""


class Settings(BaseModel):
    """Base of every settings model."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    def canonical(self) -> dict[str, Any]:
        """The fields that can change the output, as JSON values, nested settings included."""
        document: dict[str, Any] = _without_outsiders(self, self.model_dump(mode="json"))
        return document

    def fields(self) -> dict[str, Any]:
        """The fields by name, nested settings as they are: what wider settings are made from."""
        return {name: getattr(self, name) for name in type(self).model_fields}


def _without_outsiders(value: object, document: Any) -> Any:
    if isinstance(value, Settings):
        fields = type(value).model_fields
        inside = [name for name, field in fields.items() if not _is_outside(field, getattr(value, name))]
        return {name: _without_outsiders(getattr(value, name), document[name]) for name in inside}
    if isinstance(value, dict):
        return {key: _without_outsiders(value[key], document[str(key)]) for key in value}
    if isinstance(value, (list, tuple)):
        return [_without_outsiders(item, entry) for item, entry in zip(value, document, strict=True)]
    return document


def _is_outside(field: FieldInfo, value: object) -> bool:
    """Whether a field is marked; or, as in ``Location | None``, that member of a union to which the value belongs."""
    if OUTSIDE_KEY in field.metadata:
        return True
    marked = [member for member in get_args(field.annotation) if OUTSIDE_KEY in getattr(member, "__metadata__", ())]
    return any(isinstance(value, get_args(member)[0]) for member in marked)


S = TypeVar("S", bound=Settings)


def validated(kind: type[S], values: Any, source: str) -> S:
    """Build settings from plain values.

    Raises:
        SettingsError: naming the source, each field at fault, what it accepts and what it received.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        told = "; ".join(map(str, faults(kind, error)))
        raise SettingsError(f"{source} must be valid", told) from None
