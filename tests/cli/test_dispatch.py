"""A stage runs as a flow where a server answers, else right here, and says which."""

import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from flows.cli.common import Common
from flows.cli.dispatch import dispatch
from tests.cli import stages
from textgen_core.datasets.manifest import working_directory


class Health(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"true")

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/api"
        server.shutdown()


@pytest.fixture
def flow(monkeypatch):
    """A flow that only notes what it was given, in the place of a real one and of Prefect."""
    called = []
    monkeypatch.setitem(
        sys.modules, "flows.seeding", SimpleNamespace(seeding=lambda value: called.append(value) or "flow")
    )
    drawn = SimpleNamespace(also_drawn_by=lambda progress: __import__("contextlib").nullcontext())
    monkeypatch.setitem(sys.modules, "tasks.progress", drawn)
    return called


def test_without_a_server_it_runs_here_and_says_so(flow, capsys):
    assert dispatch("seeding", 1, lambda: "here", Common()) == "here"
    assert flow == [] and capsys.readouterr().err.count("\n") == 1


def test_with_a_server_it_is_a_flow(flow, server, monkeypatch, capsys):
    monkeypatch.setenv("PREFECT_API_URL", server)
    assert dispatch("seeding", 1, lambda: "here", Common()) == "flow"
    assert flow == [1] and server.removesuffix("/api") in capsys.readouterr().err


def test_a_server_that_is_gone_or_silent_is_not_waited_for(flow, monkeypatch, capsys):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        monkeypatch.setenv("PREFECT_API_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/api")
        assert dispatch("seeding", 1, lambda: "here", Common()) == "here"
    assert dispatch("seeding", 1, lambda: "here", Common()) == "here"
    assert capsys.readouterr().err.count("does not answer") == 2


def test_quiet_says_nothing(flow, capsys):
    dispatch("seeding", 1, lambda: "here", Common(quiet=True))
    assert capsys.readouterr().err == ""


def test_a_stage_by_command(textgen, tmp_path):
    """Done, finished, planned and refused: the whole life of one stage command."""
    corpus = stages.corpus(tmp_path / "corpus", ["one two three four five six seven eight"] * 10)
    command = ("seeds", corpus, "-o", tmp_path / "seeds", "--count", "1", "--words", "3", "--json")
    plan = json.loads(textgen(*command, "--dry-run")[1])
    assert plan["state"] == "new" and not (tmp_path / "seeds").exists()
    code, out, _ = textgen(*command)
    assert code == 0 and json.loads(out)["state"] == "done" and json.loads(out)["rows"] == {"seeds.parquet": 1}
    assert json.loads(textgen(*command)[1])["state"] == "finished"
    assert json.loads(textgen(*command, "--dry-run")[1])["state"] == "finished"
    code, out, err = textgen(*command, "--seed", "1")
    assert code == 4 and out == "" and "seed" in json.loads(err)["message"]


def test_a_stage_that_stopped_would_be_resumed(textgen, tmp_path):
    corpus = stages.corpus(tmp_path / "corpus", ["one two three"])
    working_directory(tmp_path / "seeds").mkdir(parents=True)
    assert "go on" in textgen("seeds", corpus, "-o", tmp_path / "seeds", "--dry-run")[1]
