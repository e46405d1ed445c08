"""Stages in a process of their own: the same directories, progress, logs and errors as here; and it outlives nobody."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import until
from textgen_core.comparison import process as module
from textgen_core.comparison.process import StageProcess
from textgen_core.comparison.process_errors import StageCrashError, error_of, told_of
from textgen_core.comparison.stages import Own
from textgen_core.errors import InputError, TextgenError, TrainingError
from textgen_core.ingestion.settings import IngestionSettings, SplitSettings
from textgen_core.ingestion.stage import ingest
from textgen_core.progress import silent


@pytest.fixture
def of(tmp_path):
    """Settings of a stage that reads a file, which is there or not."""
    (tmp_path / "there.txt").write_text("One text. " * 50)
    (tmp_path / "latin.txt").write_bytes("déjà vu. ".encode("latin-1") * 50)
    (tmp_path / "empty.txt").write_text("")
    split = SplitSettings(method="tail")
    return lambda name, out="out": IngestionSettings(inputs=(str(tmp_path / name),), split=split, output=tmp_path / out)


def test_there_it_becomes_what_it_becomes_here(of):
    told = []
    with StageProcess() as process:
        made = process.run("ingestion", of("there.txt"), told.append)
    here = ingest(of("there.txt", "here"), silent)
    assert made.key == here.key and made.files == here.files
    assert told and told[-1].done == told[-1].total


def test_an_error_is_the_stage_s_own_and_the_process_goes_on(of, caplog):
    with StageProcess() as process:
        for _ in range(2):
            with pytest.raises(InputError, match="the inputs must hold a document"):
                process.run("ingestion", of("empty.txt"), silent)
        first = process._child
        process.run("ingestion", of("latin.txt"), silent)
        assert process._child is first
    assert "latin.txt is no UTF-8" in caplog.text and first.returncode == -signal.SIGKILL


def test_one_that_is_killed_is_an_error_with_a_way_out_and_the_next_stage_has_another(of):
    with StageProcess() as process:

        def kill(update):
            os.kill(process._child.pid, signal.SIGKILL)

        with pytest.raises(TextgenError, match=r"SIGKILL in ingestion.*memory"):
            process.run("ingestion", of("there.txt"), kill)
        process.run("ingestion", of("there.txt"), silent)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("print('[\"done\"', end='')", r"exit code 0 in ingestion\. What it wrote"),  # cut off in the midst of a line
        ("raise SystemExit(3)", "exit code 3 in ingestion"),
        ("import os; os.kill(os.getpid(), 40)", "exit code -40 in ingestion"),  # a signal without a name
    ],
)
def test_however_it_ends_that_is_one_error(of, monkeypatch, program, told):
    monkeypatch.setattr(module, "COMMAND", (sys.executable, "-c", program))
    with StageProcess() as process, pytest.raises(TextgenError, match=told):
        process.run("ingestion", of("there.txt"), silent)


def test_answers_to_a_request_that_was_given_up_are_nobody_else_s(of):
    """What comes next must not take the answers of a stage whose progress could not be drawn for its own."""

    def full(update):
        raise OSError(errno.ENOSPC, "No space left on device")

    with StageProcess() as process:
        with pytest.raises(OSError, match="No space"):
            process.run("ingestion", of("there.txt"), full)
        again = process.run("ingestion", of("latin.txt", "latin"), silent)
    assert again.key == ingest(of("latin.txt", "here"), silent).key


def test_what_lies_in_the_working_directory_is_not_taken_for_code(of, tmp_path, monkeypatch):
    (tmp_path / "queue.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    with StageProcess() as process:
        process.run("ingestion", of("there.txt"), silent)


def test_other_code_than_that_which_asks_does_nothing(of, monkeypatch):
    """The directory is named by the key of whoever asked; what another version left there would stay in the way."""
    usual = module.ALL["ingestion"]
    older = usual.key(of("there.txt")).model_copy(update={"code_version": 0})
    monkeypatch.setitem(module.ALL, "ingestion", Own(usual.settings, lambda settings: older, usual.run))
    with StageProcess() as process, pytest.raises(TextgenError, match="another version for ingestion"):
        process.run("ingestion", of("there.txt"), silent)
    assert not of("there.txt").output.exists()


STARTER = """
import sys, time
from textgen_core.comparison import process as module
from textgen_core.comparison.process import StageProcess
from textgen_core.ingestion.settings import IngestionSettings

def told(update):
    print(process._child.pid, flush=True)
    time.sleep(600)

with StageProcess() as process:
    process.run("ingestion", IngestionSettings.model_validate_json(sys.argv[1]), told)
"""


def test_it_ends_in_the_midst_of_a_stage_if_whoever_started_it_is_killed(of, tmp_path):
    (tmp_path / "long.txt").write_text("\n".join(map(str, range(1_000_000))))
    settings = of("long.txt").model_copy(update={"unit": "line"})
    starter = subprocess.Popen([sys.executable, "-c", STARTER, settings.model_dump_json()], stdout=subprocess.PIPE)
    child = int(starter.stdout.readline())
    starter.kill()
    starter.communicate()
    until(lambda: not Path(f"/proc/{child}").exists(), "it is gone")
    assert not settings.output.exists()


@pytest.mark.parametrize(
    "error",
    [
        InputError("a file must be there", Path("x.txt"), "Make it"),
        TrainingError("the loss must stay finite"),
        OSError(errno.ENOSPC, "No space left on device", "x.txt"),
        OSError("a server said no"),
    ],
)
def test_errors_cross_as_they_are(error):
    crossed = error_of(json.loads(json.dumps(told_of(error))))
    assert type(crossed) is type(error) and str(crossed) == str(error) and crossed.__cause__ is None


def test_what_caused_an_error_crosses_if_it_was_the_machine():
    """By that Prefect tells what is worth a retry."""
    error = TextgenError("a directory must be writable", "out")
    error.__cause__ = PermissionError(errno.EACCES, "Permission denied", "out")
    assert isinstance(error_of(told_of(error)).__cause__, PermissionError)
    error.__cause__ = KeyError("a bug")
    assert error_of(told_of(error)).__cause__ is None


def test_any_other_error_keeps_its_kind_and_its_trace():
    def fails():
        raise MemoryError("no room\nat all")

    with pytest.raises(MemoryError) as raised:
        fails()
    crossed = error_of(told_of(raised.value))
    assert type(crossed) is StageCrashError and str(crossed) == "MemoryError: no room"
    assert "in fails" in crossed.__notes__[0]
