"""Live progress: seen in the UI and in the terminal, and never in the way."""

import threading

import pytest

from tests.processes import until
from textgen_core.progress import Update


@pytest.fixture
def run(prefect_server):
    """Runs a function in a task of a flow."""
    from prefect import flow, task

    def go(function):
        return flow(name="progress")(lambda: task(name="work")(function)())()

    return go


def test_the_artifact_shows_the_last_update(run, artifacts, monkeypatch):
    from tasks import progress as module

    create, created = module.create_progress_artifact, threading.Event()

    def noted(*arguments):
        made = create(*arguments)
        created.set()
        return made

    monkeypatch.setattr(module, "create_progress_artifact", noted)

    def work():
        with module.LiveProgress("char/training", post_seconds=0.05) as progress:
            progress(Update("training", 1, 4, "steps", {"loss": 2.5}))
            assert created.wait(120)
            for step in (2, 3, 4):
                progress(Update("training", step, 4, "steps", {"loss": 1.5}))

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
        with module.LiveProgress("training", post_seconds=0.01, deadline=0.2) as progress:
            for step in range(1000):
                progress(Update("training", step, 1000, "steps"))
        return "done"

    assert run(work) == "done", "else it would wait for ever"
    never.set()


def test_a_refusing_server_is_one_warning_and_no_error(run, monkeypatch, caplog):
    from tasks import progress as module

    refused = []

    def refuse(*args):
        refused.append(args)
        raise ConnectionError("refused")

    monkeypatch.setattr(module, "create_progress_artifact", refuse)

    def work():
        with module.LiveProgress("training", post_seconds=0.01) as progress:
            until(lambda: progress(Update("training", 1, 10, "steps")) or len(refused) > 2, "it tries again")
        return "done"

    assert run(work) == "done"
    assert caplog.text.count("could not be shown: refused") == 1, "threads of other tests may still have theirs to say"
