"""A process for stages, as a program: it does the stages that it is asked for on stdin, and tells on stdout how that
goes, a line of JSON each.

It ends with its stdin, which the system closes when whoever started it is gone, however it went.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
from dataclasses import asdict
from typing import IO, Any

from textgen_core.comparison.process_errors import told_of
from textgen_core.comparison.process_lines import tell
from textgen_core.comparison.stages import ALL, ComparisonStage, run_here
from textgen_core.errors import TextgenError
from textgen_core.notices import QuietTensorFlow
from textgen_core.settings import Settings


class Answers(logging.Handler):
    """A stream of answers, of which those of several threads don't mix; what is logged is one of them."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__()
        self._stream = stream

    def emit(self, record: logging.LogRecord) -> None:
        """Tell what is logged."""
        self.tell("log", record.name, record.levelno, record.getMessage())

    def tell(self, *words: Any) -> None:
        """Tell anything."""
        self.acquire()
        try:
            tell(self._stream, *words)
        finally:
            self.release()


def main() -> None:
    """Do what is asked for, until nobody asks any more."""
    sys.meta_path.insert(0, QuietTensorFlow())
    answers = Answers(os.fdopen(os.dup(1), "w"))
    os.dup2(2, 1)  # what a library prints is no answer
    logger = logging.getLogger("textgen_core")
    logger.addHandler(answers)
    logger.propagate = False
    asked: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    while True:
        stage, values, digest, level = json.loads(asked.get())
        logger.setLevel(level)
        try:
            settings = ALL[stage].settings.model_validate(values)
            _check_code(stage, settings, digest)
            run_here(stage, settings, lambda update: answers.tell("progress", asdict(update)))
        except Exception as error:
            answers.tell("failed", told_of(error))
        else:
            answers.tell("done")


def _check_code(stage: ComparisonStage, settings: Settings, digest: str) -> None:
    """A directory is named by the run key of whoever asked; another one in it would stand in the way for good."""
    if ALL[stage].key(settings).digest != digest:
        raise TextgenError(
            "the code must stay as it is while a comparison runs",
            f"another version for {stage} than the one that began",
            "Begin it again: it goes on where it was",
        )


def _listen(asked: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        asked.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
