"""From a command to the process's exit code.

0    done, or nothing to do
1    a check found something wrong (verify, doctor), or an error of no other kind
2    an option, a setting or a configuration is impossible
3    a corpus, seed file or column can't be used
4    a stage directory is missing, foreign, locked or damaged
5    training can't go on
6    the Prefect server or worker can't be reached or started
70   a bug of ours: the traceback is in the log file that the message names
129  its terminal was closed (SIGHUP); the same command goes on where it stopped
130  interrupted by Ctrl-C; the same command goes on where it stopped
141  whoever read the output stopped reading
143  terminated (SIGTERM); the same command goes on where it stopped
"""

from __future__ import annotations

import difflib
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from textgen_core.errors import SettingsError, TextgenError

OTHER = 1
USAGE = 2
BUG = 70
INTERRUPTED = 130
PIPE_CLOSED = 141
ENDED = {"SIGHUP": "its terminal was closed", "SIGTERM": "terminated"}


def run(arguments: Sequence[str]) -> int:
    """Run one command line; print any error as one line on stderr; return the exit code."""
    from cyclopts import CycloptsError

    from flows.cli.app import app

    as_json = "--json" in arguments
    try:
        check_command(arguments, set(app))
        with signals_as_exits():
            code = app(arguments, print_error=False, exit_on_error=False, result_action="return_value")
            sys.stdout.flush()
    except TextgenError as error:
        report(str(error), error.exit_code, as_json, type(error).__name__)
        return error.exit_code
    except CycloptsError as error:
        report(f"{one_line(str(error))} See: {_help_command(arguments)}", USAGE, as_json, "UsageError")
        return USAGE
    except Ended as signal_received:
        report(str(signal_received), signal_received.code, as_json, "Ended")
        return signal_received.code
    except KeyboardInterrupt:
        report("interrupted; the same command goes on where it stopped", INTERRUPTED, as_json, "Interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter complains at exit
        return PIPE_CLOSED
    except OSError as error:
        report(
            f"the system refuses: {error}; what was finished stays. Details: {log_traceback()}",
            OTHER,
            as_json,
            "System",
        )
        return OTHER
    except Exception as error:
        report(f"a bug in textgen: {type(error).__name__}. Details: {log_traceback()}", BUG, as_json, "Bug")
        return BUG
    return code if isinstance(code, int) else 0


class Ended(SystemExit):
    """A signal asks this process to end. As an exception, it lets everything on its way clear up after itself."""

    code: int

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)  # as a shell says it

    def __str__(self) -> str:
        name = signal.Signals(self.code - 128).name
        return f"{ENDED[name]} ({name}); the same command goes on where it stopped"


@contextmanager
def signals_as_exits() -> Iterator[None]:
    """Within the block, SIGTERM and SIGHUP raise Ended. One that is ignored, as nohup has it, stays ignored."""

    def end(number: int, frame: object) -> None:
        raise Ended(number)

    numbers = [number for name in ENDED if (number := getattr(signal, name, None)) is not None]
    old = {number: signal.getsignal(number) for number in numbers if signal.getsignal(number) is not signal.SIG_IGN}
    for number in old:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def check_command(arguments: Sequence[str], commands: Container[str]) -> None:
    """Raise where the first word is no command. Left to cyclopts, it would import every command to suggest one.

    Raises:
        SettingsError: with the command that may have been meant.
    """
    if not arguments or arguments[0] in commands:
        return
    from flows.cli.app import COMMANDS

    near = difflib.get_close_matches(arguments[0], COMMANDS, 1)
    remedy = f"Did you mean {near[0]}?" if near else "textgen --help lists them"
    raise SettingsError("the first word must be a command", arguments[0], remedy)


def report(message: str, code: int, as_json: bool, kind: str) -> None:
    """Print an error on stderr: a line for people, an object for machines."""
    from flows.cli.output import plain

    message = " ".join(message.split())
    document = {"error": kind, "message": message, "exit_code": code}
    text = json.dumps(document, ensure_ascii=False) if as_json else f"textgen: {plain(message)}"
    print(text, file=sys.stderr)


def one_line(text: str) -> str:
    """The text without line breaks, ended by a full stop."""
    line = " ".join(text.split())
    return line if line.endswith((".", "?", "!")) else line + "."


def log_traceback() -> Path:
    """Write the current exception's traceback to a new file and return its path."""
    from flows.service.state import state_directory

    name = time.strftime(f"error-%Y%m%d-%H%M%S-{os.getpid()}.log")
    for folder in (state_directory(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(traceback.format_exc(), errors="backslashreplace")
        except OSError:
            continue
        return folder / name
    return Path(os.devnull)


def _help_command(arguments: Sequence[str]) -> str:
    command = next((word for word in arguments[:1] if not word.startswith("-")), "")
    return " ".join(["textgen", *([command] if command.isalpha() else []), "--help"])
