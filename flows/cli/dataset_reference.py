"""The tables of docs/datasets.md, from the schemas: ``python -m flows.cli.dataset_reference`` rewrites them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from textgen_core.catalog import CATALOG, Dataset
from textgen_core.datasets.columns import meaning
from textgen_core.datasets.rejects import REJECT_CODES
from textgen_core.datasets.schemas import SCHEMA_VERSION
from textgen_core.evaluation.metrics import METRICS

PATH = Path(__file__).parents[2] / "docs" / "datasets.md"
MARK = "<!-- from here on written by `python -m flows.cli.dataset_reference` -->\n"
"""What stands above it in the page is written by hand."""


def reference() -> str:
    """The page."""
    head, mark, _ = PATH.read_text().partition(MARK)
    overview = [f"| [{name}](#{anchor(name)}) | `{it.where}` | {it.row} |" for name, it in CATALOG.items()]
    table = "\n".join(["| dataset | parts | one row is |", "|---|---|---|", *overview])
    return (
        f"{head}{mark}\nSchema version {SCHEMA_VERSION}.\n\n{table}\n\n"
        + "\n\n".join(section(name, it) for name, it in CATALOG.items())
        + f"\n\n{codes()}\n"
    )


def section(name: str, dataset: Dataset) -> str:
    """A dataset's part of the page."""
    return f"## {name}\n\n" + "\n".join(
        [
            f"One row is {dataset.row}.",
            "",
            *(f"- {fact}" for fact in _facts(dataset)),
            "",
            "| column | type | null | meaning |",
            "|---|---|---|---|",
            *_columns(dataset),
        ]
    )


def codes() -> str:
    """What the codes of rejects mean."""
    rows = [f"| {code} | {text} |" for code, text in REJECT_CODES.items()]
    return "\n".join(["## codes of rejects", "", "| code | what was refused |", "|---|---|", *rows])


def anchor(name: str) -> str:
    """Where a heading is found in its page."""
    return name.replace(" ", "-")


def _facts(dataset: Dataset) -> Iterator[str]:
    if dataset.key:
        yield f"Key: {_quoted(dataset.key)}."
    for columns, target in dataset.joins.items():
        yield f"Joins with [{target}](#{anchor(target)}) by {_quoted(columns)}."
    if dataset.own:
        yield f"Columns of your own follow ours: {dataset.own}."


def _columns(dataset: Dataset) -> Iterator[str]:
    for field in dataset.columns:
        text = (meaning(field) or _measured(field.name)).replace("|", "\\|")
        yield f"| {field.name} | {field.type} | {'may be' if field.nullable else 'never'} | {text} |"


def _measured(name: str) -> str:
    """What a metric says of itself, and the signature that its figures carry."""
    about = " ".join((inspect.getdoc(type(METRICS[name])) or "").split("\n\n")[0].split())
    return f"{about} ({METRICS[name].signature})".replace("``", "`").replace("None", "Null")


def _quoted(columns: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in columns)


if __name__ == "__main__":
    PATH.write_text(reference())
