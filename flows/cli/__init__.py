"""The command line. ``app`` lists the commands; each is imported only when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``textgen`` and end the process with one of the exit codes in ``exits``."""
    from flows.cli.environment import prepare

    prepare()
    from flows.cli.exits import run

    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments)))
