"""A companion that ends a server when whoever started it is gone, however it went: also by SIGKILL.

It reads a pipe whose other end only the starter holds, and which the system closes with the starter. That works on
every Unix, where asking the kernel for a signal at the parent's death (PR_SET_PDEATHSIG) works on Linux only.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.service.processes import Process, end
from flows.service.server import mark_of

PATIENCE = 5.0
"""Seconds that a temporary server has to end; what it holds is thrown away."""


@contextmanager
def guarded(directory: Path) -> Iterator[Callable[[Process], None]]:
    """Within the block, give it processes to guard; after it, they and all of the server's are ended.

    The directory, which is the server's state directory, is removed last.
    """
    command = [sys.executable, "-m", "flows.service.companion", str(directory)]
    # A session of its own: Ctrl-C in the terminal is for the starter, which then closes the pipe.
    companion = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, text=True)
    assert companion.stdin is not None

    def watch(process: Process) -> None:
        print(process.model_dump_json(), file=companion.stdin, flush=True)

    try:
        yield watch
    finally:
        companion.stdin.close()
        companion.wait()


def main(directory: Path) -> None:
    """Wait for the end of the starter, then clear away."""
    processes = [Process.model_validate_json(line) for line in sys.stdin]
    end(processes, mark_of(directory, "server"), PATIENCE)
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
