"""Start-up is a feature: what need not be imported is not."""

import json
import os
import resource
import subprocess
import sys

import pytest

from tests.cli import stages

HEAVY = {"tensorflow", "keras", "prefect", "pandas", "tokenizers", "fastapi", "sqlalchemy"}
PROGRAM = """
import json, sys
from flows.cli import main
try:
    main(json.loads(sys.argv[1]))
except SystemExit as end:
    print(json.dumps([end.code, sorted({name.split(".")[0] for name in sys.modules})]), file=sys.stderr)
"""


def modules_of(*arguments):
    command = [sys.executable, "-c", PROGRAM, json.dumps([str(argument) for argument in arguments])]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    return set(modules)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline")
    (folder / "corpus.txt").write_text("One.\n\nTwo.\n\nThree.\n")
    config = folder / "config.yaml"
    config.write_text("output: out\ningestion: {inputs: [corpus.txt]}\n")
    stages.finish(config)
    return config


def test_help_needs_neither_the_core_nor_arrow():
    assert not modules_of("--help") & (HEAVY | {"pyarrow", "numpy", "pydantic"})


@pytest.mark.parametrize("command", ["ingest", "train", "generate", "report", "run", "show", "init"])
def test_help_of_a_command_loads_nothing_heavy(command):
    assert not modules_of(command, "--help") & HEAVY


def test_show_and_verify_load_nothing_heavy(tmp_path):
    corpus = stages.corpus(tmp_path / "corpus", ["one", "two"])
    assert not modules_of("show", corpus) & HEAVY
    assert not modules_of("verify", corpus) & HEAVY


def test_the_list_of_models_loads_nothing_heavy():
    assert not modules_of("models") & HEAVY


def test_a_run_with_nothing_to_do_loads_nothing_heavy(finished):
    assert not modules_of("run", finished) & HEAVY


def test_a_finished_stage_loads_nothing_heavy(finished):
    out = finished.parent / "out"
    arguments = ("seeds", out / "documents", "-o", out / "seeds.parquet" / "..", "--dry-run")
    assert not modules_of(*arguments) & HEAVY


def cpu_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_start_up_costs_little_more_than_the_libraries_it_cannot_do_without(finished):
    """CPU seconds beside those of bare imports on the same machine: a ratio holds on slow and busy machines too."""
    bare = min(cpu_seconds([sys.executable, "-c", "import cyclopts, rich.console"]) for _ in range(3))
    arrow = min(cpu_seconds([sys.executable, "-c", "import cyclopts, pydantic, pyarrow.parquet"]) for _ in range(3))
    textgen = [sys.executable, "-m", "flows.cli"]
    assert min(cpu_seconds([*textgen, "--help"]) for _ in range(3)) < 3 * bare
    assert min(cpu_seconds([*textgen, "run", str(finished)]) for _ in range(2)) < 4 * arrow
