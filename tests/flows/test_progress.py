"""Live progress: seen in the UI and in the terminal, and never in the way."""

import threading
import time

import pytest

from textgen_core.progress import Update


@pytest.fixture
def run(prefect_server):
    """Runs a function in a task of a flow."""
    from prefect import flow, task

    def go(function):
        return flow(name="progress")(lambda: task(name="work")(function)())()

    return go


def test_the_artifact_shows_the_last_update(run, artifacts):
    from tasks.progress import LiveProgress

    def work():
        with LiveProgress("char/training", post_seconds=0.05) as progress:
            for step in range(1, 5):
                progress(Update("training", step, 4, "steps", {"loss": 1.5}))
                time.sleep(0.1)

    run(work)
    shown = artifacts()["char-training-progress"]
    assert float(shown.data) == 100
    assert "4/4 steps" in shown.description
    assert "loss 1.5" in shown.description


def test_it_draws_in_the_terminal_too(run):
    from tasks.progress import LiveProgress, also_drawn_by

    drawn = []

    def work():
        with LiveProgress("training") as progress:
            progress(Update("training", 1, None, "steps"))

    with also_drawn_by(drawn.append):
        run(work)
    assert [update.done for update in drawn] == [1]


def test_a_dead_server_delays_nothing(run, monkeypatch):
    from tasks import progress as module

    never = threading.Event()
    monkeypatch.setattr(module, "create_progress_artifact", lambda *args: never.wait())

    def work():
        began = time.monotonic()
        with module.LiveProgress("training", post_seconds=0.01, deadline=0.2) as progress:
            for step in range(1000):
                progress(Update("training", step, 1000, "steps"))
        return time.monotonic() - began

    assert run(work) < 5
    never.set()


def test_a_refusing_server_is_one_warning_and_no_error(run, monkeypatch, caplog):
    from tasks import progress as module

    def refuse(*args):
        raise ConnectionError("refused")

    monkeypatch.setattr(module, "create_progress_artifact", refuse)

    def work():
        with module.LiveProgress("training", post_seconds=0.01) as progress:
            for step in range(10):
                progress(Update("training", step, 10, "steps"))
                time.sleep(0.03)
        return "done"

    assert run(work) == "done"
    assert caplog.text.count("could not be shown") == 1
