import subprocess
import sys

import duckdb
import pytest
import yaml

from flows.cli import demo, samples
from textgen_core.config import load_config

SAMPLERS = ["greedy", "beam", "temperature", "top-k", "top-p"]


@pytest.fixture
def looked_at(finished_run, monkeypatch):
    """A finished run, from whose folder the demo's last words are read."""
    monkeypatch.chdir(finished_run[0])
    return finished_run[0]


def test_the_demo_compares_two_models_and_five_samplers_on_this_pythons_documentation():
    config = load_config(demo.CONFIG)
    assert {model.training.model.family for model in config.models.values()} == {"rnn", "transformer"}
    assert list(config.generation.samplers) == SAMPLERS
    assert list(config.ingestion.inputs) == ["python-docs"]


def test_the_snippet_that_the_demo_prints_runs(looked_at):
    program = demo.SNIPPET.format(model="out/tiny")
    done = subprocess.run([sys.executable, "-"], input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "greedy" in done.stdout and "top-k" in done.stdout
    assert len(program.splitlines()) <= 10


def test_the_query_that_the_demo_prints_runs(looked_at):
    rows = duckdb.sql(demo.QUERY.format(output="out")).fetchall()
    assert {row[0] for row in rows} == {"greedy", "top-k"}


def test_the_last_words_show_samples_loops_and_the_next_command(looked_at, capsys):
    (looked_at / "demo").symlink_to("out")
    demo.say_what_was_made(looked_at / "demo", ["tiny"])
    said = capsys.readouterr().out
    assert "greedy" in said and "Characters in a loop" in said
    assert "textgen try" in said and "quickstart BOOK.txt" in said


def test_loops_are_told_as_the_scores_have_them(looked_at, capsys, monkeypatch):
    import pyarrow as pa

    table = pa.table({"sampler": ["greedy", "greedy", "top-k"], "loop": [1.0, 0.5, 0.25]})
    monkeypatch.setattr(samples, "read_table", lambda *_: table)
    samples.print_loops(looked_at, "greedy", "top-k")
    assert "greedy 75%, top-k 25%" in capsys.readouterr().out


PROGRAM = """
import pathlib, sys
from flows.cli import demo, exits
demo.CONFIG = pathlib.Path("demo.yaml")
sys.exit(exits.run(["demo"]))
"""


@pytest.mark.slow
def test_the_demo_runs_to_its_end_and_then_has_nothing_to_do(tmp_path):
    small = yaml.safe_load(demo.CONFIG.read_text())
    for model in small["models"].values():
        model["training"] |= {"preset": "tiny", "steps": 5}
        model["max_new_tokens"] = 20
    (tmp_path / "demo.yaml").write_text(yaml.safe_dump(small))
    (tmp_path / small["seeds"]).write_bytes((demo.CONFIG.parent / small["seeds"]).read_bytes())

    def run():
        command = [sys.executable, "-c", PROGRAM]
        return subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    first, second = run(), run()
    assert first.returncode == 0, first.stderr
    assert "http://127.0.0.1:" in first.stderr and "Characters in a loop" in first.stdout
    assert second.returncode == 0 and "Nothing to do" in second.stdout
