"""Retries: what the machine did may pass, what the user asked for fails again alike."""

import pytest

from textgen_core.errors import InputError, TextgenError


@pytest.fixture
def attempts(prefect_server, monkeypatch):
    """Runs a task that raises an error each time, under the policy of all stages, and counts its attempts."""
    from prefect import flow, task

    from tasks.policy import FLOW, TASK

    def count(error):
        tries = []

        @task(**{**TASK, "retry_delay_seconds": 0})
        def work():
            tries.append(1)
            raise error

        @flow(**FLOW)
        def order():
            work()

        with pytest.raises(type(error)):
            order()
        return len(tries)

    return count


def test_a_lost_mount_is_tried_again(attempts):
    assert attempts(OSError("stale file handle")) == 3


def test_a_source_that_the_machine_failed_to_read_is_tried_again(attempts):
    error = InputError("a source must be readable", "a.txt: Input/output error")
    error.__cause__ = OSError("Input/output error")
    assert attempts(error) == 3


@pytest.mark.parametrize("error", [InputError("no text column", "col"), TextgenError("x"), ValueError("bug")])
def test_what_fails_alike_is_tried_once(attempts, error):
    assert attempts(error) == 1


def test_a_task_is_never_answered_from_a_cache(prefect_server):
    from prefect import flow, task

    from tasks.policy import FLOW, TASK

    calls = []

    @task(**TASK)
    def work(value):
        calls.append(value)
        return value

    @flow(**FLOW)
    def order():
        return work(1), work(1)

    assert order() == (1, 1)
    assert calls == [1, 1]
