import logging

import numpy as np

from textgen_core.training.checkpoints import read_checkpoint, write_checkpoint
from textgen_core.training.run import Run

ARRAYS = {"scalar": np.array(7, "int64"), "matrix": np.arange(6, dtype="float32").reshape(2, 3).T}


def run_at(step):
    return Run(
        step=step,
        seconds=1.5,
        losses=[0.1],
        weights=[2.0],
        history=[{"step": step, "loss": 0.25, "bits_per_char": None}],
    )


def test_what_is_read_is_what_was_written(tmp_path):
    write_checkpoint(tmp_path, run_at(3), ARRAYS)
    run, arrays = read_checkpoint(tmp_path)
    assert run == run_at(3)
    for name, array in ARRAYS.items():
        assert arrays[name].shape == array.shape and arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


def test_two_are_kept_and_the_newest_is_read(tmp_path):
    for step in (9, 10, 100):
        write_checkpoint(tmp_path, run_at(step), ARRAYS)
    assert len(list(tmp_path.iterdir())) == 2
    assert read_checkpoint(tmp_path)[0].step == 100


def test_a_damaged_one_is_passed_over_for_the_one_before(tmp_path, caplog):
    for step in (1, 2):
        write_checkpoint(tmp_path, run_at(step), ARRAYS)
    newest = max(tmp_path.iterdir())
    content = bytearray(newest.read_bytes())
    content[-1] ^= 1
    newest.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert read_checkpoint(tmp_path)[0].step == 1
    assert newest.name in caplog.text


def test_where_there_is_none_nothing_is_read(tmp_path):
    assert read_checkpoint(tmp_path / "absent") is None
    (tmp_path / ".step-000000001-0123456789abcdef.safetensors.1.tmp").write_bytes(b"half")
    assert read_checkpoint(tmp_path) is None
