"""A process of its own for stages that load TensorFlow: for those that all cells need, and twice for each cell, once to
measure its pace and once for the rest. Memory that TensorFlow doesn't give back goes with the process, and a cell that
the system kills for its memory takes no other along.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import textgen_core
from textgen_core.comparison.process_errors import error_of
from textgen_core.comparison.process_lines import tell
from textgen_core.comparison.stages import ALL, ComparisonStage
from textgen_core.datasets.manifest import Manifest, read_manifest
from textgen_core.errors import TextgenError
from textgen_core.progress import Progress, Update
from textgen_core.settings import Settings

# Not what lies in the working directory, whose modules may be called as those that are needed.
COMMAND = (sys.executable, "-P", "-m", "textgen_core.comparison.process_main")
CODE = str(Path(textgen_core.__file__).parents[1])
"""Where this code was found, which the other process must find, too."""


class StageProcess:
    """Started when a block that it is used in asks for the first stage, and ended with the block."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> StageProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def run(self, stage: ComparisonStage, settings: Settings, progress: Progress) -> Manifest:
        """Have a stage done there. A process that has not answered to the end is ended: the next stage has another.

        Raises:
            TextgenError: the stage's own; or the process was ended from outside.
            OSError: the stage's own.
            StageCrashError: any other error of the stage.
        """
        level = logging.getLogger("textgen_core").getEffectiveLevel()
        request = stage, settings.model_dump(mode="json"), ALL[stage].key(settings).digest, level
        child = self._child = self._child or _started()
        answered = False
        try:
            failure = _failure(child, request, progress)
            answered = True
        finally:
            if not answered:
                self._end()
        if failure is not None:
            raise failure
        return read_manifest(settings.output)  # type: ignore[attr-defined]

    def _end(self) -> None:
        if self._child is not None:
            self._child.kill()  # which stages bear at any time
            self._child.communicate()
            self._child = None


def _started() -> subprocess.Popen[str]:
    """In a session of its own: Ctrl-C in the terminal is for this process, which then ends that one. Ctrl-Z, too, so
    that a stage goes on while this one stands still.
    """
    pipe, found = subprocess.PIPE, os.environ.get("PYTHONPATH")
    variables = os.environ | {"PYTHONPATH": os.pathsep.join([CODE, found] if found else [CODE])}
    return subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, env=variables, start_new_session=True, text=True)


def _failure(child: subprocess.Popen[str], request: tuple[Any, ...], progress: Progress) -> Exception | None:
    """What the stage that is asked for failed by; None once it is done.

    Raises:
        TextgenError: the process ended.
    """
    requests, answers = child.stdin, child.stdout
    assert requests is not None and answers is not None
    tell(requests, *request)
    for line in answers:
        if not line.endswith("\n"):
            break  # in the midst of which it ended
        match json.loads(line):
            case ["progress", update]:
                progress(Update(**update))
            case ["log", name, level, message]:
                logging.getLogger(name).log(level, "%s", message)
            case ["done"]:
                return None
            case ["failed", told]:
                return error_of(told)
    raise _ended(child.wait(), request[0])


def _ended(code: int, stage: str) -> TextgenError:
    names = {-number.value: number.name for number in signal.Signals}
    killed = code == -signal.SIGKILL
    return TextgenError(
        "the process of a stage must live until the stage is done",
        f"{names.get(code, f'exit code {code}')} in {stage}",
        "Most often memory ran out: leave out large sizes, or give fewer lanes"
        if killed
        else "What it wrote before, to stderr or the log, may say why",
    )
