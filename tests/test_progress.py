"""The line that tells of progress: rate and time left are right."""

import pytest

from textgen_core.progress import Pace, Update, clock, describe


def test_rate_and_time_left_count_from_the_first_update_so_that_a_resumed_run_is_not_flattered():
    pace = Pace()
    assert pace.measure(Update("training", 900, 1000, "steps"), now=0.0) == (None, None)
    assert pace.measure(Update("training", 920, 1000, "steps"), now=2.0) == (10.0, 8.0)


def test_a_slow_start_is_forgotten():
    pace = Pace()
    pace.measure(Update("training", 0, 1000, "steps"), now=0.0)
    assert pace.measure(Update("training", 1, 1000, "steps"), now=20.0) == (0.05, 19980.0)
    for second in range(1, 61):
        rate, left = pace.measure(Update("training", 1 + 10 * second, 1000, "steps"), now=20.0 + second)
    assert (rate, left) == (10.0, 39.9)


@pytest.mark.parametrize(("begins", "total"), [(0, 100), (900, 1000)])
def test_the_next_model_of_a_run_has_a_pace_of_its_own(begins, total):
    """A resumed one begins further than the one before has ended."""
    pace = Pace()
    pace.measure(Update("training", 0, 100, "steps"), now=0.0)
    pace.measure(Update("training", 100, 100, "steps"), now=50.0)
    assert pace.measure(Update("training", begins, total, "steps"), now=90.0) == (None, None)
    assert pace.measure(Update("training", begins + 10, total, "steps"), now=95.0) == (2.0, 45.0)


def test_the_line_says_share_counts_rate_time_left_and_figures():
    line = describe(Update("training", 50, 200, "steps", {"loss": 1.25, "device": "cpu"}), rate=12.0, left=75.0)
    assert " ".join(line.split()) == "training 25% 50/200 steps 12 steps/s 1:15 left loss 1.25 device cpu"


def test_clock():
    assert [clock(5), clock(65.4), clock(3725)] == ["0:05", "1:05", "1:02:05"]
