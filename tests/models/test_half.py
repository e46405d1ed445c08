"""Products in half precision against NumPy's."""

import ml_dtypes
import numpy as np
import pytest

from textgen_core.models.backend import compiled
from textgen_core.models.half import Half, product


def rounded(x):
    return np.float64(x.astype(ml_dtypes.bfloat16))


@pytest.mark.parametrize("shape", [(128, 96), (128, 1, 96), (3, 16, 96), (5, 96)])
def test_factors_are_rounded_and_sums_are_not(shape):
    draw = np.random.default_rng(0)
    x, matrix = draw.normal(size=shape).astype(np.float32), draw.normal(size=(96, 200)).astype(np.float32)
    half = Half(matrix)
    found = np.float64(compiled(lambda x: product(x, half))(x))
    assert found.shape == (*shape[:-1], 200)
    np.testing.assert_allclose(found, rounded(x) @ rounded(matrix), atol=1e-4)
    assert np.abs(found - np.float64(x) @ np.float64(matrix)).max() > 1e-3


def test_a_row_is_the_same_beside_any_others():
    draw = np.random.default_rng(1)
    x, half = draw.normal(size=(128, 384)).astype(np.float32), Half(draw.normal(size=(384, 1000)).astype(np.float32))
    program = compiled(lambda x: product(x, half))
    among = np.array(program(x))
    order = draw.permutation(128)
    np.testing.assert_array_equal(program(x[order]), among[order])
    alone = np.zeros_like(x)
    alone[77] = x[5]
    np.testing.assert_array_equal(program(alone)[77], among[5])


def test_a_whole_matrix_gives_the_whole_product():
    draw = np.random.default_rng(2)
    x, matrix = draw.normal(size=(4, 8)).astype(np.float32), draw.normal(size=(8, 3)).astype(np.float32)
    np.testing.assert_allclose(product(x, matrix), x @ matrix, atol=1e-6)
