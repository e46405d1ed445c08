"""What is for the eye never holds up the work."""

import threading
import time

from tasks.deadline import best_effort


def test_an_action_that_hangs_is_given_up(caplog):
    never = threading.Event()
    began = time.monotonic()
    assert not best_effort(never.wait, "the page", deadline=0.2)
    assert time.monotonic() - began < 5
    assert "the page was given up" in caplog.text
    never.set()


def test_an_action_that_fails_is_a_warning(caplog):
    assert not best_effort(lambda: 1 / 0, "the page")
    assert "the page failed: division by zero" in caplog.text


def test_an_action_that_works_is_waited_for():
    done = []
    assert best_effort(lambda: done.append(1), "the page")
    assert done == [1]
