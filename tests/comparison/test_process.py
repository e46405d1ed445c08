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
from textgen_core.comparison.process import StageProcess
from textgen_core.comparison.process_errors import StageCrashError, error_of, told_of
from textgen_core.errors import InputError, TextgenError, TrainingError
from textgen_core.ingestion.settings import IngestionSettings, SplitSettings
from textgen_core.ingestion.stage import ingest
from textgen_core.progress import silent


def children(pid):
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in listed for child in path.read_text().split()]


@pytest.fixture
def of(tmp_path):
    """Settings of a stage that reads a file, which is there or not."""
    (tmp_path / "there.txt").write_text("One text. " * 50)
    (tmp_path / "latin.txt").write_bytes("déjà vu. ".encode("latin-1") * 50)
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
            with pytest.raises(InputError, match=r"none\.txt"):
                process.run("ingestion", of("none.txt"), silent)
        assert len(children(os.getpid())) == 1
        process.run("ingestion", of("latin.txt"), silent)
    assert "latin.txt is no UTF-8" in caplog.text
    assert not children(os.getpid())


def test_one_that_is_killed_is_an_error_with_a_way_out(of):
    def kill(update):
        for child in children(os.getpid()):
            os.kill(child, signal.SIGKILL)

    with StageProcess() as process, pytest.raises(TextgenError, match=r"SIGKILL in ingestion.*memory"):
        process.run("ingestion", of("there.txt"), kill)


WAITING = """
import sys, time
from textgen_core.comparison.process import StageProcess
from textgen_core.ingestion.settings import IngestionSettings, SplitSettings

with StageProcess() as process:
    settings = IngestionSettings.model_validate_json(sys.argv[1])
    process.run("ingestion", settings, lambda update: time.sleep(600))
"""


def test_it_ends_with_whoever_started_it_however_that_went(of):
    starter = subprocess.Popen([sys.executable, "-c", WAITING, of("there.txt").model_dump_json()])
    child = until(lambda: children(starter.pid), "a child is started")[0]
    starter.kill()
    starter.wait()
    until(lambda: not Path(f"/proc/{child}").exists(), "it is gone")


@pytest.mark.parametrize(
    "error",
    [
        InputError("a file must be there", Path("x.txt"), "Make it"),
        TrainingError("the loss must stay finite"),
        OSError(errno.ENOSPC, "No space left on device", "x.txt"),
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
