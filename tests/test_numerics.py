"""A GPU is used by itself where there is one and what TensorFlow needs for it."""

import pytest

from textgen_core import numerics


@pytest.mark.parametrize(
    ("nodes", "cudnn", "hidden", "found"),
    [
        (["nvidia1"], True, None, "gpu"),
        (["nvidia0"], False, None, "cpu"),
        (["nvidia0"], True, "-1", "cpu"),
        (["nvidiactl"], True, None, "cpu"),
        ([], True, None, "cpu"),
    ],
)
def test_auto_is_a_gpu_that_can_be_used(tmp_path, monkeypatch, nodes, cudnn, hidden, found):
    for name in nodes:
        (tmp_path / name).touch()
    monkeypatch.setattr(numerics, "NODES", tmp_path)
    monkeypatch.setattr(numerics, "_has_cudnn", lambda: cudnn)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if hidden is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert numerics.resolve_device("auto") == found
    assert (numerics.resolve_device("cpu"), numerics.resolve_device("gpu")) == ("cpu", "gpu")
