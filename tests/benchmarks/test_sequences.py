"""Attention works: a short source is turned round exactly with it, and is not without."""

import pytest

from benchmarks.sequences import TASKS, measured, pairs_of, tokens_of

LONGEST, STEPS = 12, 1200


@pytest.mark.parametrize("task", TASKS)
def test_a_target_has_the_letters_of_its_source(task):
    pairs = pairs_of(task, 9, 50, seed=1)
    assert all(sorted(source) == sorted(target) and 1 <= len(source) <= 9 for source, target in pairs)
    assert pairs != pairs_of(task, 9, 50, seed=2)
    turned = {"copy": lambda s: s, "reverse": lambda s: s[::-1], "sort": lambda s: "".join(sorted(s))}[task]
    assert all(target == turned(source) for source, target in pairs)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_needs_attention_is_done_with_it_alone(tmp_path):
    tokens = tokens_of("reverse", LONGEST, tmp_path / "reverse")
    found = {name: measured(name, "reverse", LONGEST, STEPS, tokens) for name in ("dot", "none")}
    assert found["dot"]["exact"] > 0.95
    assert found["none"]["exact_long"] < 0.5 < found["dot"]["exact_long"]
