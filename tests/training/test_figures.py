"""What is said of a training: its last loss, and bits a character."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textgen_core.training.bits import bits_per_char
from textgen_core.training.outputs import last_train_loss
from textgen_core.training.run import Run


def history(losses, every):
    """Rows as the recorder writes them: each the mean of so many steps, the last of what is left."""
    rows = [losses[first : first + every] for first in range(0, len(losses), every)]
    steps = [min((n + 1) * every, len(losses)) for n in range(len(rows))]
    return [
        {"step": step, "split": split, "loss": sum(row) / len(row) if split == "train" else -1.0}
        for step, row in zip(steps, rows, strict=True)
        for split in ("train", "validation")
    ]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=50), st.integers(1, 7), st.integers(1, 60))
def test_the_last_loss_is_the_mean_over_the_last_steps(losses, every, steps):
    run = Run(step=len(losses), history=history(losses, every))
    begins = [begin for begin in range(0, len(losses), every) if begin >= len(losses) - steps]
    begin = begins[0] if begins else (len(losses) - 1) // every * every
    assert last_train_loss(run, steps) == pytest.approx(sum(losses[begin:]) / len(losses[begin:]))


def test_bits_are_those_of_all_tokens_and_of_the_spelling_over_the_original_characters():
    facts = {"chars_train": 100, "spelling_bits_train": 30, "chars_validation": 0, "chars_test": 10}
    bits = bits_per_char(facts, {"train": 50, "validation": 1, "test": 5})
    assert set(bits) == {"train"}  # no characters in one, unknowns that nobody priced in the other
    assert bits["train"](2.0) == pytest.approx((2.0 * 50 / math.log(2) + 30) / 100)
