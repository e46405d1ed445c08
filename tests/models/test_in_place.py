import numpy as np

from textgen_core.models.in_place import InPlace, updating


def test_rows_are_put_and_updated_where_they_lie():
    rows = {"x": np.zeros((4, 3), "float32"), "inner": [np.zeros(4, "int32"), np.zeros((4, 2, 2), "float32")]}
    held = InPlace(rows)
    new = {
        "x": np.ones((2, 3), "float32"),
        "inner": [np.array([5, 6], "int32"), np.ones((2, 1, 3), "float32")],  # of other sizes than those it replaces
    }
    held.put(np.array([2, 0], "int32"), new)

    @updating
    def program(rows, factor):
        after = {"x": rows["x"] * factor, "inner": [rows["inner"][0] + 1, rows["inner"][1] - 1]}
        return after, {"before": rows["x"]}

    before = np.asarray(held.update(program, 2.0)["before"])
    again = np.asarray(held.update(program, 1.0)["before"])
    np.testing.assert_array_equal(before[:, 0], [1, 0, 1, 0])
    np.testing.assert_array_equal(again, before * 2)
    small, _ = program(held._leaves, 1.0)
    np.testing.assert_array_equal(small[0], [9, 3, 8, 3])
    np.testing.assert_array_equal(held._leaves["inner"][1][2], [[-2, -2], [-3, -3]])
