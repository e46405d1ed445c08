"""Every way to end: one line on stderr, a documented exit code, and never a traceback."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from flows.cli import exits
from flows.cli.app import app
from tests.cli import stages
from textgen_core.errors import TextgenError

IMPOSSIBLE = [
    ["no-such-command"],
    ["--no-such-flag"],
    ["tokenize"],
    ["tokenize", "x"],
    ["tokenize", "x", "-o", "y", "--vocab-size", "many"],
    ["tokenize", "x", "-o", "y", "--kind", "syllable"],
    ["tokenize", "x", "-o", "y", "--no-such-flag", "1"],
    ["train", "x", "-o", "y", "--learning-rate", "nan"],
    ["train", "x", "-o", "y", "--layers", "0"],
    ["generate", "m", "s", "-o", "y", "--temperature", "-1"],
    ["generate", "m", "s", "-o", "y", "--sampler", "temperature=1"],
    ["generate", "m", "s", "-o", "y", "--sampler", "name=a,name"],
    ["generate", "m", "s", "-o", "y", "--sampler", "{"],
    ["generate", "m", "s", "-o", "y", "--strategy", "greedy", "--top-k", "3"],
    ["generate", "champion", "s", "-o", "y"],
    ["evaluate", "g", "-o", "y"],
    ["run", "no-such-file.yaml"],
    ["show", "--examples", "x", "y"],
]


@pytest.mark.parametrize("arguments", IMPOSSIBLE, ids=" ".join)
def test_what_is_impossible_is_one_line_and_code_2(textgen, arguments):
    code, out, err = textgen(*arguments)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1 and err.startswith("textgen: ")


@pytest.mark.parametrize(("word", "meant"), [("greedi", "mean greedy?"), ("foo", "There are greedy, sample")])
def test_a_lone_word_for_a_sampler_is_a_strategy(textgen, word, meant):
    code, _, err = textgen("generate", "m", "s", "-o", "y", "--sampler", word)
    assert code == 2 and "must be a strategy" in err and meant in err and f"name={word},top_p=0.9" in err


def test_a_flag_of_the_one_sampler_is_named_as_it_was_typed(textgen):
    code, _, err = textgen("generate", "m", "s", "-o", "y", "--temperature", "warm")
    assert code == 2 and err.startswith("textgen: --temperature: ") and "received: warm" in err


ABSENT = [
    ["show", "nowhere"],
    ["verify", "nowhere"],
    ["tokenize", "nowhere", "-o", "y"],
    ["report", "nowhere", "-o", "y"],
]


@pytest.mark.parametrize("arguments", ABSENT)
def test_missing_directories_are_code_4(textgen, arguments):
    code, out, err = textgen(*arguments)
    assert (code, out, len(err.splitlines())) == (4, "", 1)


def test_json_errors_are_one_object(textgen):
    code, out, err = textgen("show", "nowhere", "--json")
    assert out == "" and json.loads(err)["exit_code"] == code == 4


def test_a_misspelt_command_is_set_right(textgen):
    assert "tokenize" in textgen("tokenise", "x")[2]


def raising(error):
    def command():
        raise error

    return command


@pytest.fixture
def failing(monkeypatch):
    def install(error):
        monkeypatch.setattr("flows.cli.verify.verify", raising(error))
        app.command(raising(error), name="fails", show=False)

    yield install
    if "fails" in app:
        del app["fails"]


@pytest.mark.parametrize("kind", [TextgenError, *TextgenError.__subclasses__()], ids=lambda kind: kind.__name__)
def test_every_error_of_ours_has_its_code(textgen, failing, kind):
    failing(kind("a rule", "this", "Do that"))
    code, _, err = textgen("fails")
    assert code == kind.exit_code
    assert err == "textgen: a rule; received: this. Do that\n"


def test_what_the_system_refuses_is_no_bug_of_ours(textgen, failing, tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTGEN_STATE", str(tmp_path))
    failing(OSError(errno.ENOSPC, "No space left on device", "/data/out"))
    code, out, err = textgen("fails")
    assert (code, out, len(err.splitlines())) == (exits.OTHER, "", 1)
    assert "No space left on device: '/data/out'; what was finished stays" in err and list(tmp_path.glob("error-*.log"))


def test_a_bug_leaves_its_traceback_in_a_file(textgen, failing, tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTGEN_STATE", str(tmp_path))
    failing(KeyError("oops"))
    code, out, err = textgen("fails")
    assert (code, out, len(err.splitlines())) == (exits.BUG, "", 1)
    [log] = tmp_path.glob("error-*.log")
    assert str(log) in err and "oops" in log.read_text() and "Traceback" in log.read_text()


def test_an_interrupt_is_130(textgen, failing):
    failing(KeyboardInterrupt())
    code, _, err = textgen("fails")
    assert code == exits.INTERRUPTED and len(err.splitlines()) == 1


@pytest.fixture
def killed(monkeypatch):
    """Gives a command that sends itself a signal and notes whether its `finally` ran."""
    cleared = []

    def install(number):
        def command():
            try:
                os.kill(os.getpid(), number)
                time.sleep(0)  # the interpreter calls handlers between two instructions
            finally:
                cleared.append(number)

        app.command(command, name="fails", show=False)
        return cleared

    yield install
    del app["fails"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_to_end_lets_the_command_clear_up(textgen, killed, number, code):
    cleared, before = killed(number), signal.getsignal(number)
    ended, _, err = textgen("fails")
    assert (ended, cleared, len(err.splitlines())) == (code, [number], 1)
    assert signal.getsignal(number) is before


def test_nohup_is_respected(textgen, killed, monkeypatch):
    cleared = killed(signal.SIGHUP)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert textgen("fails")[0] == 0 and cleared
    finally:
        signal.signal(signal.SIGHUP, before)


def test_nobody_reading_is_no_error(tmp_path):
    corpus = stages.corpus(tmp_path / "corpus", ["word " * 200] * 500)
    command = [sys.executable, "-m", "flows.cli", "show", str(corpus), "-n", "500"]
    shown = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    shown.stdout.readline()
    shown.stdout.close()
    assert shown.wait() == exits.PIPE_CLOSED
    assert shown.stderr.read() == b""


def test_the_exit_codes_are_those_documented():
    documented = {int(line.split()[0]) for line in exits.__doc__.splitlines() if line.strip()[:1].isdigit()}
    raised = {kind.exit_code for kind in TextgenError.__subclasses__()} | {TextgenError.exit_code}
    signals = {128 + getattr(signal, name) for name in exits.ENDED}
    assert documented == raised | signals | {0, exits.USAGE, exits.BUG, exits.INTERRUPTED, exits.PIPE_CLOSED}
