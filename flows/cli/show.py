"""``textgen show``: schema, rows, examples and manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from flows.cli.common import Common, Number
from flows.cli.examine import Dataset, Stage, examine, products
from flows.cli.outcome import rows_by_dataset, summary
from flows.cli.output import PROSE, print_json, print_table, say
from textgen_core.datasets.manifest import MANIFEST, Manifest, find_manifest, read_manifest
from textgen_core.figures import figure

CELL = 300
"""Characters shown of a value in an example: enough to recognise it, and no column fills the screen."""


def show(
    directory: Path,
    /,
    *,
    examples: Annotated[Number, Parameter(name=["--examples", "-n"])] = 3,
    common: Common | None = None,
) -> int:
    """Show what a directory holds: schema, rows, examples, manifest.

    Args:
        directory: A stage directory, a dataset in one, or the output directory of a pipeline.
        examples: Rows shown of each dataset.
    """
    common = common or Common()
    if find_manifest(directory.resolve()) is None and (named := products(directory)):
        show_products(directory, named, common)
        return 0
    stage = examine(directory, examples)
    if common.json:
        print_json(as_document(stage))
    else:
        print_stage(stage)
    return 0


def show_products(out: Path, named: dict[str, Path], common: Common) -> None:
    """List what a pipeline made, by the user's names."""
    manifests = {name: read_manifest(directory) for name, directory in named.items()}
    if common.json:
        print_json({name: {"directory": named[name], **summary(manifests[name])} for name in named})
        return
    first = {manifest.key.digest: name for name, manifest in reversed(manifests.items())}
    rows = [
        (
            str(out / name),
            manifest.key.stage,
            rows_by_dataset(manifest).get(Path(name).name),
            brief(manifest) if first[manifest.key.digest] == name else "",  # once for all products of a stage
        )
        for name, manifest in manifests.items()
    ]
    print_table(("product", "made by", "rows", "facts"), rows)
    distinct = {manifest.key.digest: manifest for manifest in manifests.values()}
    if sentences := [fact for manifest in distinct.values() for fact in manifest.facts.items() if is_long(fact[1])]:
        print_table(("fact", "value"), sentences)
    say("One of them in full: textgen show " + rows[0][0])


def brief(manifest: Manifest) -> dict[str, Any]:
    """The facts that have room beside each other."""
    return {name: value for name, value in manifest.facts.items() if not is_long(value)}


def is_long(value: object) -> bool:
    """Whether a fact is a sentence or more, such as a verdict: it has a row of its own, not a place among others."""
    return isinstance(value, str) and " " in value and len(value) > PROSE


def as_document(stage: Stage) -> dict[str, Any]:
    """A stage directory as JSON values."""
    return {
        "directory": stage.directory,
        "manifest": stage.manifest.model_dump(mode="json"),
        "datasets": {
            dataset.name: {
                "rows": dataset.rows,
                "parts": dataset.parts,
                "columns": [
                    dict(zip(("name", "type", "description"), column, strict=True)) for column in dataset.columns
                ],
                "examples": dataset.examples,
            }
            for dataset in stage.datasets
        },
    }


def print_stage(stage: Stage) -> None:
    """Print a stage directory for people."""
    manifest = stage.manifest
    say(f"{stage.directory}")
    say(f"made by {manifest.key.stage} on {manifest.created:%Y-%m-%d %H:%M} UTC in {manifest.seconds:,.1f} s")
    say(f"key {manifest.key.digest[:12]}, content {manifest.digest()[:12]}, {len(manifest.files)} files in {MANIFEST}")
    print_table(("fact", "value"), manifest.facts.items())
    if manifest.key.inputs:
        print_table(("made from", "digest"), ((role, digest[:12]) for role, digest in manifest.key.inputs.items()))
    if stage.files:
        print_table(("file", "bytes"), stage.files)
    for dataset in stage.datasets:
        print_dataset(dataset)


def print_dataset(dataset: Dataset) -> None:
    """Print a dataset's size, columns and first rows."""
    say(f"{dataset.name}: {dataset.rows:,} rows in {dataset.parts} part{'s' * (dataset.parts != 1)}")
    print_table(("column", "type", "what it is"), dataset.columns)
    for number, row in enumerate(dataset.examples):
        say(f"row {number}")
        for name, value in row.items():
            say(f"  {name}: {cut(figure(value) if not isinstance(value, str) else value)}")
        say()


def cut(text: str) -> str:
    """At most CELL characters on one line."""
    line = " ".join(text.split())
    return line if len(line) <= CELL else line[:CELL] + " ..."
