import numpy as np

from textgen_core.decoding.states import put
from textgen_core.models.backend import compiled


def test_rows_are_put_in_their_slots_cut_or_filled_up():
    tile = {"a": np.zeros((4, 2, 3), "float32"), "b": [np.arange(4, dtype="int32")]}
    new = {"a": np.ones((3, 1, 5), "float32"), "b": [np.array([7, 8, 9], "int32")]}
    after = compiled(put)(tile, np.array([2, 4, 0], "int32"), new)
    np.testing.assert_array_equal(after["b"][0], [9, 1, 7, 3])  # slot 4 is beyond the last
    np.testing.assert_array_equal(np.asarray(after["a"])[[0, 2]], [[[1, 1, 1], [0, 0, 0]]] * 2)
    np.testing.assert_array_equal(np.asarray(after["a"])[[1, 3]], np.zeros((2, 2, 3)))
