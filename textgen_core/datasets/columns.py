"""Columns that say what they mean, and the user's own beside ours."""

from __future__ import annotations

import pyarrow as pa

from textgen_core.errors import InputError


def column(name: str, kind: pa.DataType, meaning: str, null: str | None = None) -> pa.Field:
    """A documented column.

    Args:
        null: when it holds nothing, e.g. ``where the file was refused``. Left out: never, and no part can be written in
            which it does.
    """
    text = meaning if null is None else f"{meaning}; null {null}"
    return pa.field(name, kind, nullable=null is not None, metadata={"description": text})


def meaning(field: pa.Field) -> str:
    """What a column means; empty for the user's own."""
    text: bytes = (field.metadata or {}).get(b"description", b"")
    return text.decode(errors="replace")


def extended(base: pa.Schema, own: pa.Schema, source: str) -> pa.Schema:
    """The base schema followed by the user's own columns.

    Raises:
        InputError: a column of the user's has the name of one of ours.
    """
    taken = sorted(set(base.names) & set(own.names))
    if taken:
        raise InputError(
            f"columns kept from {source} must not have the name of a column of the dataset",
            ", ".join(taken),
            "Rename them there, or leave them out of the kept columns",
        )
    return pa.schema([*base, *own])
