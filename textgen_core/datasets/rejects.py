"""What the codes of rejects mean, in both stages that refuse rows. A fault has one code, whatever the file's format."""

from __future__ import annotations

REJECT_CODES = {
    "unreachable": "a source isn't there, or may not be read",
    "not-a-file": "a source is a pipe or a device",
    "unknown-format": "a file found in a directory has no suffix that a reader knows",
    "damaged": "a source is cut short or not what its format demands",
    "too-large": "a source unpacks to more than is allowed",
    "undecodable": "bytes or escapes that are no characters",
    "bad-csv": "a quote that is never closed, or goes on behind its end",
    "wrong-cells": "more or fewer cells than the header",
    "bad-json": "a line is no JSON object",
    "too-deep": "JSON is nested deeper than is allowed",
    "wrong-type": "a value isn't of its column's type",
    "no-text": "no text where there must be one: null, another type, or nothing in a whole source",
    "nul": "the text holds NUL",
    "blank": "the text is only white space",
    "min-chars": "the text is shorter than `min_chars`",
    "too-long": "more bytes than a document or a line may have; a prompt of more tokens than the model can take",
    "drop-without-letters": "the cleaning step of that name found no letter",
    "unknown-split": "the split column names no split",
    "no-id": "a seed has no value in the id column",
    "duplicate-id": "another seed before has the same id",
    "bad-knob": "a seed's own sampling option is none, or doesn't fit the model",
    "too-few-accepted": "a seed has spent its budget of draws; the continuations accepted until then are kept",
    "bad-constraint": "a seed's own constraint is none, costs too much to compile, or has no text that fits the budget",
}
"""In the order in which a row is looked at."""
