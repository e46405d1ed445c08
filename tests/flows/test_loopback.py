"""Where all networks were taken away, loopback too, no server is started that nothing could reach."""

import shutil
import subprocess
import sys

import pytest

from flows.service.server import free_port, loopback_works

APART = ["unshare", "--map-root-user", "--net"]


def in_a_namespace_without_networks(code):
    if not shutil.which("unshare") or subprocess.run([*APART, "true"], capture_output=True).returncode:
        pytest.skip("loopback can only be taken away in a network namespace, which can't be made here")
    return subprocess.run([*APART, sys.executable, "-c", code], capture_output=True, text=True)


def test_a_machine_as_it_should_be():
    assert loopback_works()
    assert free_port() > 0


def test_without_loopback_a_server_is_refused_at_once():
    done = in_a_namespace_without_networks("from flows.service.server import free_port; free_port()")
    assert "ServiceError" in done.stderr
    assert "loopback" in done.stderr


def test_without_loopback_what_would_be_watched_is_run_all_the_same():
    code = (
        "from flows.cli import run\n"
        "from flows.cli.common import Doing\n"
        "run.here = lambda config, doing: print('here', config)\n"
        "run.watched('the configuration', Doing())\n"
    )
    done = in_a_namespace_without_networks(code)
    assert done.stdout == "here the configuration\n"
    assert "loopback interface is down" in done.stderr
