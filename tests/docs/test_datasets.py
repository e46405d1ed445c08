"""docs/datasets.md is made of the schemas, and what it says holds for a pipeline that really ran."""

import re
import subprocess
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.cli.dataset_reference import PATH, reference
from tests.docs.pages import blocks
from textgen_core.catalog import CATALOG
from textgen_core.datasets import columns, comparison_schemas, schemas
from textgen_core.datasets.digests import of_value
from textgen_core.evaluation.metrics import METRICS

FINGERPRINTS = (9, {schemas: "c11d27ac5342", comparison_schemas: "7cbf9af5a434"})
"""The schema version and the digests of all schemas. If one of them changes, raise the version, too."""

IN_OUT = {name: dataset for name, dataset in CATALOG.items() if dataset.where.startswith("OUT/")}
EXAMPLES = [block for block in blocks(PATH.read_text()) if block.language in ("python", "sql")]


@pytest.fixture(scope="module")
def out(finished_run):
    return finished_run[0] / "out"


def parts(out, name):
    return sorted(out.glob(CATALOG[name].where.removeprefix("OUT/")))


def table(out, name, columns=None):
    return pa.concat_tables([pq.read_table(part, columns=columns) for part in parts(out, name)])


def rows(out, name, columns):
    return set(map(repr, table(out, name, list(columns)).to_pylist()))


def test_the_page_is_current():
    assert PATH.read_text() == reference(), "run: python -m flows.cli.dataset_reference"


def test_another_schema_has_another_version():
    assert (schemas.SCHEMA_VERSION, {module: digest_of(module) for module in FINGERPRINTS[1]}) == FINGERPRINTS


def digest_of(module):
    written = {
        name: [[field.name, str(field.type), field.nullable, columns.meaning(field)] for field in schema]
        for name, schema in vars(module).items()
        if isinstance(schema, pa.Schema) and (module is schemas or name not in vars(schemas))
    }
    return of_value(written)[:12]


@pytest.mark.parametrize("name", IN_OUT)
def test_a_dataset_lies_where_the_page_says_and_has_its_columns(out, name):
    assert parts(out, name)
    for part in parts(out, name):
        found, told = pq.read_schema(part), CATALOG[name].columns
        assert found.names[: len(told)] == told.names
        assert all(found.field(field.name).equals(field) for field in told)
        assert found.metadata[b"schema_version"] == str(schemas.SCHEMA_VERSION).encode()
        assert all(columns.meaning(found.field(field.name)) == columns.meaning(field) for field in told)
        assert all(columns.meaning(field) or field.name in METRICS for field in told)
        assert len(found) == len(told) or CATALOG[name].own


@pytest.mark.parametrize("name", [name for name, dataset in IN_OUT.items() if dataset.key])
def test_no_two_rows_have_the_same_key(out, name):
    assert len(rows(out, name, CATALOG[name].key)) == table(out, name).num_rows


@pytest.mark.parametrize(
    ("name", "columns", "target"),
    [(name, columns, target) for name, dataset in IN_OUT.items() for columns, target in dataset.joins.items()],
)
def test_what_joins_is_there(out, name, columns, target):
    there = {"copied_doc_id": "doc_id"}
    held = table(out, name, list(columns)).drop_null()
    held = held.rename_columns([there.get(column, column) for column in columns])
    assert set(map(repr, held.to_pylist())) <= rows(out, target, held.column_names)
    assert held.num_rows or name in ("rejects", "duplicates")


def test_every_metric_is_on_the_page(out):
    told = set(re.findall(r"\w+", PATH.read_text()))
    assert set(table(out, "metrics")["metric"].to_pylist()) <= told


def test_a_row_without_a_value_it_must_have_is_not_written(tmp_path):
    from textgen_core.datasets.parts import PartWriter

    with pytest.raises(pa.ArrowInvalid, match="doc_id"), PartWriter(tmp_path / "part.parquet", schemas.SEEDS) as part:
        part.write([{"seed_id": "s", "prompt": "p", "doc_id": None}])


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: f"{block.language}-{block.start}")
def test_the_examples_run(out, block, tmp_path, monkeypatch):
    (tmp_path / "OUT").symlink_to(out)
    text = block.text.replace("MODEL", "tiny")
    if block.language == "python":
        command = [sys.executable, "-c", text]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()
        return
    monkeypatch.chdir(tmp_path)
    queries = [query for query in text.split(";") if query.strip()]
    assert len(queries) == 3
    assert all(duckdb.sql(query).fetchall() for query in queries)
