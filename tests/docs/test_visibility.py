"""pandas, DuckDB and polars read every dataset by a plain glob, and never see anything uncommitted."""

import contextlib
import itertools
import threading
from glob import glob
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests import small
from tests.docs.test_datasets import IN_OUT
from textgen_core.datasets.links import point
from textgen_core.datasets.manifest import RunKey, read_manifest, stage_directory
from textgen_core.datasets.parts import PartWriter
from textgen_core.datasets.stage import run_stage
from textgen_core.datasets.store import place
from textgen_core.pipeline import run_pipeline
from textgen_core.progress import silent
from textgen_core.stages import STAGES

SCHEMA = pa.schema([pa.field("name", pa.string())])


def with_pandas(pattern):
    return pd.concat([pd.read_parquet(path) for path in sorted(glob(pattern, recursive=True))])  # noqa: PTH207 - passes dots over


def with_duckdb(pattern):
    return duckdb.sql(f"select * from read_parquet('{pattern}')").df()


def with_polars(pattern):
    return pl.read_parquet(pattern).to_pandas()


LIBRARIES = {"pandas": with_pandas, "DuckDB": with_duckdb, "polars": with_polars}


def names(library, pattern):
    """The rows that a library finds, which it may refuse to do where there are no files."""
    try:
        return sorted(LIBRARIES[library](str(pattern))["name"])
    except (ValueError, duckdb.IOException, pl.exceptions.ComputeError):
        return []


@pytest.fixture(params=LIBRARIES)
def library(request):
    return request.param


@pytest.mark.parametrize("name", IN_OUT)
def test_a_glob_reads_what_the_manifest_says(finished_run, library, name):
    out, where = finished_run[0] / "out", IN_OUT[name].where.removeprefix("OUT/")
    read = LIBRARIES[library](str(out / where))
    first = next(out.glob(where))
    home = stage_directory(first)
    inside = first.resolve().relative_to(home).parts[0]
    entries = [entry for entry in read_manifest(home).files if entry.path.split("/")[0] == inside]
    assert len(read) == sum(entry.rows for entry in entries)
    assert list(read.columns) == pq.read_schema(first).names


def key(**settings) -> RunKey:
    return RunKey(stage="generation", code_version=1, schema_version=2, settings=settings, inputs={}, numerics={})


def written(name, look=lambda: None):
    """A stage that looks around after its first part, while the second is half written, and before its commit."""

    def body(partial: Path) -> dict[str, int]:
        for number in range(2):
            with PartWriter(partial / "generations" / f"part-{number:05}.parquet", SCHEMA) as part:
                part.write([{"name": name}])
                look()
        look()
        return {}

    return body


def test_nothing_of_a_stage_is_seen_before_its_commit(tmp_path, library):
    looks = []

    def look():
        looks.append([names(library, tmp_path / pattern) for pattern in ("*/generations/*.parquet", "b/generations/*")])

    run_stage(key(k=1), tmp_path / "a", written("a"))
    run_stage(key(k=2), tmp_path / "b", written("b", look))
    assert looks == [[["a", "a"], []]] * 3
    look()
    assert looks[-1] == [["a", "a", "b", "b"], ["b", "b"]]


def test_a_model_has_its_old_rows_until_the_new_ones_are_named(tmp_path, library):
    patterns = ("*/generations/*.parquet", "tiny/generations/*.parquet", "tiny/generations")
    looks = []

    def look():
        looks.append([names(library, tmp_path / pattern) for pattern in patterns])

    for name in ("old", "new"):
        output = place(tmp_path, "generation", key(k=name))
        run_stage(key(k=name), output, written(name, look if name == "new" else lambda: None))
        if name == "new":
            look()  # whole, but nobody's yet
        point(tmp_path / "tiny" / "generations", output / "generations")
    assert looks == [[["old", "old"]] * 3] * 4
    look()
    assert looks[-1] == [["new", "new"]] * 3


def test_what_was_killed_stays_unseen(tmp_path, library):
    def dies():
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        run_stage(key(), tmp_path / "a", written("a", dies))
    assert names(library, tmp_path / "*/generations/*.parquet") == []


class Watcher(threading.Thread):
    """Counts the rows of every dataset again and again while something else goes on."""

    def __init__(self, out):
        super().__init__(daemon=True)
        self._out = out
        self._ends = threading.Event()
        self.counts = {name: [] for name in IN_OUT}

    def run(self):
        readers = itertools.cycle(LIBRARIES.values())
        while not self._ends.wait(0.02):
            for name, counts in self.counts.items():
                with contextlib.suppress(ValueError, duckdb.IOException, FileNotFoundError, pl.exceptions.PolarsError):
                    counts.append(len(next(readers)(str(self._out / IN_OUT[name].where.removeprefix("OUT/")))))

    def end(self):
        self._ends.set()
        self.join()


@pytest.mark.slow
def test_whoever_watches_a_pipeline_at_work_sees_whole_datasets_only(tmp_path):
    watcher = Watcher(tmp_path / "out")
    watcher.start()
    generation = {"max_new_tokens": 20, "samples": 3, "samplers": {"one": {"top_k": 5}}, "seeds_per_part": 1}
    manifests = run_pipeline(
        small.config(tmp_path, generation=generation), lambda step, settings: STAGES[step.stage].run(settings, silent)
    )
    watcher.end()
    assert len([entry for entry in manifests["tiny/generation"].files if "generations/" in entry.path]) == 5
    final = {name: len(with_duckdb(str(tmp_path / IN_OUT[name].where.replace("OUT", "out")))) for name in IN_OUT}
    assert {name: set(counts) - {final[name]} for name, counts in watcher.counts.items()} == {n: set() for n in IN_OUT}
    assert watcher.counts["documents"] and final["generations"] == 15


def test_two_stars_are_not_for_these_libraries(tmp_path, library):
    """As docs/datasets.md warns: there DuckDB and polars pass over no dot."""
    seen = []
    work = written("a", lambda: seen.append(names(library, tmp_path / "**/generations/*.parquet")))
    run_stage(key(), place(tmp_path, "generation", key()), work)
    assert seen[-1] == ([] if library == "pandas" else ["a", "a"])
