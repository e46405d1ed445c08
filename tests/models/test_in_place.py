import numpy as np

from textgen_core.models.in_place import InPlace, updating


def test_programs_update_rows_where_they_lie():
    held = InPlace(
        {"x": np.ones((4, 3), "float32"), "inner": [np.arange(4, dtype="int32"), np.zeros((4, 2), "float32")]}
    )

    @updating
    def program(rows, factor):
        after = {"x": rows["x"] * factor, "inner": [rows["inner"][0] + 1, rows["inner"][1] - 1]}
        return after, rows

    for times in range(3):
        before = held.update(program, 2.0)
        np.testing.assert_array_equal(before["x"], np.full((4, 3), 2.0**times))
        np.testing.assert_array_equal(before["inner"][0], np.arange(4) + times)
        np.testing.assert_array_equal(before["inner"][1], np.full((4, 2), -times))
