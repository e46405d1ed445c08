"""Where nothing can be written is told from where another writes."""

import errno
import os
from pathlib import Path

import pytest

from textgen_core.datasets.locks import lock_at
from textgen_core.datasets.manifest import RunKey
from textgen_core.datasets.stage import run_stage
from textgen_core.datasets.store import at_work
from textgen_core.errors import DatasetError
from textgen_core.registry import roll_back

KEY = RunKey(stage="toy", code_version=1, schema_version=1, settings={}, inputs={}, numerics={})
WAYS = {
    "a stage": lambda output: run_stage(KEY, output, lambda partial: {}),
    "many stages": lambda output: at_work(output).__enter__(),
    "a registry": roll_back,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("output", ["file/sub", "file/sub/below", "/proc/foo", "/proc/foo/below"])
def test_what_can_not_be_an_output_is_named(tmp_path, output, way):
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match=r"can be written to; .*(file|/proc).*Choose another output"):
        WAYS[way](tmp_path / output)


def test_a_full_disk_is_no_mistake_of_the_user(tmp_path, monkeypatch):
    def touch(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "touch", touch)
    with pytest.raises(OSError, match="No space"):
        lock_at(tmp_path / "lock")
