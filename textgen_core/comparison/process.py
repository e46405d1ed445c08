"""A process of its own for the stages of a cell, and for those that all cells need: memory that TensorFlow doesn't give
back goes with it, and a cell that the system kills for its memory takes no other along."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
from types import TracebackType

from textgen_core.comparison.process_errors import error_of
from textgen_core.comparison.process_main import tell
from textgen_core.comparison.stages import ComparisonStage
from textgen_core.datasets.manifest import Manifest, read_manifest
from textgen_core.errors import TextgenError
from textgen_core.progress import Progress, Update
from textgen_core.settings import Settings

COMMAND = (sys.executable, "-m", "textgen_core.comparison.process_main")


class StageProcess:
    """Started when a block that it is used in asks for the first stage, and ended with the block."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None

    def __enter__(self) -> StageProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            self._child.kill()  # which stages bear at any time
            self._child.communicate()
            self._child = None

    def run(self, stage: ComparisonStage, settings: Settings, progress: Progress) -> Manifest:
        """Have a stage done there.

        Raises:
            TextgenError: the stage's own; or the process was ended from outside.
            OSError: the stage's own.
            StageCrashError: any other error of the stage.
        """
        if self._child is None:
            self._child = _started()
        requests, answers = self._child.stdin, self._child.stdout
        assert requests is not None and answers is not None
        tell(requests, stage, settings.model_dump(mode="json"), logging.getLogger("textgen_core").getEffectiveLevel())
        for line in answers:
            match json.loads(line):
                case ["progress", update]:
                    progress(Update(**update))
                case ["log", name, level, message]:
                    logging.getLogger(name).log(level, "%s", message)
                case ["done"]:
                    return read_manifest(settings.output)  # type: ignore[attr-defined]
                case ["failed", told]:
                    raise error_of(told)
        raise TextgenError(
            "the process of a stage must live until the stage is done",
            f"{_ended(self._child.wait())} in {stage}",
            "SIGKILL most often means that memory ran out: leave out large sizes, or give fewer lanes",
        )


def _started() -> subprocess.Popen[str]:
    """In a session of its own: Ctrl-C in the terminal is for this process, which then ends that one."""
    pipe = subprocess.PIPE
    return subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, start_new_session=True, text=True)


def _ended(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
