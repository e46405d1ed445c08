"""The speed of a cell is that of its writing, however often it was killed."""

import pytest

from textgen_core.comparison.table import speed

WHOLE = {"tokens": 1000, "tokens_per_second": 50.0, "compile_seconds": 10.0}


def test_compiling_is_no_writing():
    assert speed(4000, WHOLE) == pytest.approx(400)
    assert speed(4000, WHOLE | {"compile_seconds": 20.0}) is None


def test_a_job_that_went_on_is_as_fast_as_its_last_attempt():
    """Its last attempt wrote 400 of the 1,000 tokens in 18 seconds, of which 8 were compiling."""
    resumed = WHOLE | {"earlier_tokens": 600, "tokens_per_second": 400 / 18, "compile_seconds": 8.0}
    assert speed(4000, resumed) == pytest.approx(160)


def test_of_a_job_that_had_nothing_left_to_write_no_speed_is_known():
    assert speed(4000, WHOLE | {"earlier_tokens": 1000, "tokens_per_second": 0.0}) is None
    assert speed(0, WHOLE | {"tokens": 0, "tokens_per_second": 0.0}) is None
