"""Attention works: a short source is turned round exactly with it, and is not without."""

import pytest

from benchmarks.sequences import MODELS, TASKS, measured, pairs_of, tokens_of

LONGEST, STEPS = 12, 2000
"""Shorter ones than the benchmark has, in as many steps."""


@pytest.mark.parametrize("task", TASKS)
def test_a_target_has_the_letters_of_its_source(task):
    pairs = pairs_of(task, 9, 50, seed=1)
    assert all(sorted(source) == sorted(target) and 1 <= len(source) <= 9 for source, target in pairs)
    assert pairs != pairs_of(task, 9, 50, seed=2)
    turned = {"copy": lambda s: s, "reverse": lambda s: s[::-1], "sort": lambda s: "".join(sorted(s))}[task]
    assert all(target == turned(source) for source, target in pairs)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return tokens_of("reverse", LONGEST, tmp_path_factory.mktemp("sequences") / "reverse")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", [name for name in MODELS if name != "none"])
def test_with_attention_a_source_is_turned_round_exactly(tokens, name):
    assert measured(name, "reverse", LONGEST, STEPS, tokens)["exact"] > 0.99


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_without_attention_a_long_one_is_not(tokens):
    assert measured("none", "reverse", LONGEST, STEPS, tokens)["exact_long"] < 0.5
