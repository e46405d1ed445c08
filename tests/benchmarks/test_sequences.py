"""The tasks are what they are called."""

import pytest

from benchmarks.sequences import TASKS, pairs_of


@pytest.mark.parametrize("task", TASKS)
def test_a_target_has_the_letters_of_its_source(task):
    pairs = pairs_of(task, 9, 50, seed=1)
    assert all(sorted(source) == sorted(target) and 1 <= len(source) <= 9 for source, target in pairs)
    assert pairs != pairs_of(task, 9, 50, seed=2)
    turned = {"copy": lambda s: s, "reverse": lambda s: s[::-1], "sort": lambda s: "".join(sorted(s))}[task]
    assert all(target == turned(source) for source, target in pairs)
