"""Knobs in the cells of seed files."""

import pytest

from textgen_core.generation.knobs import read_knob


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("stop", "###", ("###",)),
        ("stop", '["x", "y"]', ("x", "y")),
        ("stop", "[1]", ("[1]",)),
        ("banned_phrases", "[", ("[",)),
        ("dry_breakers", '["\\n"]', ("\n",)),
        ("stop_tokens", ["a", "b"], ["a", "b"]),
        ("order", "top_p", "top_p"),
    ],
)
def test_a_cell_is_one_text_or_a_json_list_of_some(name, cell, value):
    assert read_knob(name, cell) == value
