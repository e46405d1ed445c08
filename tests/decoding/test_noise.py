import numpy as np
import pytest

from tests.decoding.exact import misfit
from textgen_core.decoding.noise import chances, row_key, threefry, uniforms

# threefry2x32, 20 rounds, of the authors' kat_vectors: key, counter, result
KNOWN = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]


@pytest.mark.parametrize(("key", "counter", "result"), KNOWN)
def test_published_vectors(key, counter, result):
    words = [np.array([word], np.uint32) for word in (*key, *counter)]
    assert tuple(int(np.asarray(word)[0]) for word in threefry(*words)) == result


def test_a_rows_key_is_its_name():
    assert row_key(0, "a", 0).tolist() == row_key(0, "a", 0).tolist()
    names = [(0, "a", 0), (1, "a", 0), (0, "b", 0), (0, "a", 1), (0, "a\x001", 0), (10, "a", 0), (0, "\ud800", 0)]
    assert len({tuple(row_key(*name).tolist()) for name in names}) == len(names)


def test_uniforms_are_uniform_and_independent():
    keys = np.stack([row_key(3, str(i), 0) for i in range(4000)])
    steps = [np.full(4000, step, np.int32) for step in range(5)]
    columns = [np.asarray(u) for step in steps for u in (*uniforms(keys, step), chances(keys, step))]
    for column in columns:
        assert column.min() >= 0
        assert column.max() < 1
        assert abs(misfit(np.histogram(column, 50, (0, 1))[0], np.full(50, 0.02))) < 4
    correlations = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(correlations).max() < 5 / 4000**0.5
