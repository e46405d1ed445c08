"""Addresses of servers: loopback taken away, where none is started that nothing could reach; one of the user's own."""

import shutil
import subprocess
import sys

import pytest

from flows.service.server import environment, free_port, loopback_works

APART = ["unshare", "--map-root-user", "--net"]
PARTED = bool(shutil.which("unshare")) and not subprocess.run([*APART, "true"], capture_output=True).returncode
without_networks = pytest.mark.skipif(not PARTED, reason="no network namespace, without loopback, can be made here")


def in_a_namespace_of_its_own(code):
    return subprocess.run([*APART, sys.executable, "-c", code], capture_output=True, text=True)


def test_a_machine_as_it_should_be():
    assert loopback_works()
    assert free_port() > 0


@without_networks
def test_without_loopback_a_server_is_refused_at_once():
    done = in_a_namespace_of_its_own("from flows.service.server import free_port; free_port()")
    assert "ServiceError" in done.stderr
    assert "loopback" in done.stderr


@without_networks
def test_without_loopback_what_would_be_watched_is_run_all_the_same():
    code = (
        "from flows.cli import run\n"
        "from flows.cli.common import Doing\n"
        "run.here = lambda config, doing: print('here', config)\n"
        "run.watched('the configuration', Doing())\n"
    )
    done = in_a_namespace_of_its_own(code)
    assert done.stdout == "here the configuration\n"
    assert "loopback interface is down" in done.stderr


def test_the_worker_of_a_server_of_ones_own_is_told_its_address_whatever_its_port(tmp_path):
    url = "https://prefect.example/api"
    assert environment(tmp_path, url, "worker")["PREFECT_API_URL"] == url
