"""Pruning removes what no name leads to, and nothing else."""

import filelock
import pytest

from textgen_core.datasets.links import point
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.stage import run_stage
from textgen_core.datasets.store import STORE, at_work, place, prune, size, unnamed
from textgen_core.errors import DatasetError


@pytest.fixture
def output(tmp_path):
    """Two stages with a name in the output directory, one without, one unfinished."""
    store = tmp_path / STORE
    for name in ("ingestion-1", "training-1", "training-2", ".training-3.partial/training-3"):
        (store / name / "model").mkdir(parents=True)
        (store / name / "model" / "weights").write_bytes(b"12345")
    (store / ".training-2.lock").touch()
    point(tmp_path / "documents", store / "ingestion-1" / "model")
    point(tmp_path / "small" / "model", store / "training-1")
    return tmp_path


def test_only_what_has_no_name_goes(output):
    doomed = {".training-3.partial", "training-2", ".training-2.lock"}
    assert {path.name for path in unnamed(output)} == doomed
    assert {path.name for path in prune(output)} == doomed
    assert {path.name for path in (output / STORE).iterdir()} == {"ingestion-1", "training-1"}
    assert (output / "small" / "model" / "model" / "weights").read_bytes() == b"12345"
    assert prune(output) == []


def test_a_name_of_a_file_keeps_its_stage(output):
    point(output / "weights", output / STORE / "training-2" / "model" / "weights")
    assert "training-2" not in {path.name for path in unnamed(output)}


def test_nothing_goes_while_a_stage_is_at_work(output):
    with filelock.FileLock(output / STORE / ".training-9.lock"), pytest.raises(DatasetError, match="at work"):
        prune(output)
    assert (output / STORE / "training-2").exists()


def test_a_directory_without_a_store_has_nothing_unnamed(tmp_path):
    assert unnamed(tmp_path) == []


def test_size_counts_all_files(output):
    assert size(output / STORE / "training-1") == 5


def test_no_stage_is_put_into_the_finished_directory_of_another(tmp_path):
    key = RunKey(stage="ingestion", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})
    run_stage(key, tmp_path / "corpus", lambda partial: {})
    with pytest.raises(DatasetError, match="corpus, made by ingestion"):
        place(tmp_path / "corpus", "training", key)
    with pytest.raises(DatasetError, match="corpus, made by ingestion"), at_work(tmp_path / "corpus"):
        pass
    assert [path.name for path in (tmp_path / "corpus").iterdir()] == ["manifest.json"]
    assert place(tmp_path, "training", key).parent == tmp_path / STORE
