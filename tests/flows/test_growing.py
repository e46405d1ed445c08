"""A folder that grows: three nights for real, by the command; then a rollback, and the champion in bulk jobs."""

import json
import random
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from textgen_core.datasets.manifest import read_manifest, stage_directory
from textgen_core.registry import read_registry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LEARNING = ["--preset", "tiny", "--kind", "char", "--family", "rnn", "--units", "32", "--layers", "1"]
LEARNING += ["--steps", "40", "--evaluate-tokens", "2000", "--device", "cpu"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEXTGEN_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("PREFECT_API_URL", "PREFECT_HOME", "PREFECT_PROFILES_PATH"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def textgen(folder):
    """Runs a command in a process of its own, as a user does: Prefect closes the streams of the process it ran in."""

    def run(*arguments):
        command = [sys.executable, "-m", "flows.cli", *map(str, arguments), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def grow(folder, number):
    """One more file of the same language in the folder."""
    draw = random.Random(number)
    words = ["lamp", "wind", "hill", "burns", "still", "moonlit", "walks", "the", "and", "nobody"]
    lines = "".join(" ".join(draw.choices(words, k=12)) + f" {number}-{line}\n" for line in range(1500))
    (folder / "corpus").mkdir(exist_ok=True)
    (folder / "corpus" / f"night-{number}.txt").write_text(lines)


def ingested(folder):
    return read_manifest(stage_directory(folder / "nightly" / "corpus")).facts


def test_three_nights_a_rollback_and_the_champion_at_work(folder, textgen, prefect_server):
    night = ("retrain", "--registry", "nightly", "--inputs", "corpus", "--unit", "line", *LEARNING)

    grow(folder, 1)
    assert textgen(*night)["action"] == "promoted"
    assert textgen(*night)["action"] == "nothing new"

    grow(folder, 2)
    second = textgen(*night)
    assert second["action"] == "promoted" and second["figures"]["gain"] > 0.005, "it went on learning"
    assert (ingested(folder)["sources"], ingested(folder)["sources_reused"]) == (2, 1), "only what is new is read"

    grow(folder, 3)
    third = textgen(*night, "--margin", "9")
    assert third["action"] == "kept champion" and third["champion"] == second["champion"]
    assert (ingested(folder)["sources"], ingested(folder)["sources_reused"]) == (3, 2)

    judged = pq.read_table(folder / "nightly" / "challenge")
    held_out = pq.read_table(folder / "nightly" / "corpus" / "documents", columns=["doc_id", "split"]).to_pandas()
    assert set(judged["doc_id"].to_pylist()) == set(held_out.query("split == 'validation'")["doc_id"])
    assert judged["champion_bits"].null_count == judged["challenger_bits"].null_count == 0

    assert [version["number"] for version in textgen("registry", "list", "nightly")["versions"]] == [1, 2, 3]
    textgen("registry", "rollback", "nightly", "--reason", "v2 talks too much")
    known = read_registry(folder / "nightly")
    assert (known.champion.number, known.history[-1].reason) == (1, "v2 talks too much")

    (folder / "seeds.txt").write_text("the lamp\nnobody\n")
    job = ("--registry", "nightly", "--max-new-tokens", "8", "--sampler", "greedy", "-o", "bulk")
    textgen("generate", "champion", "seeds.txt", *job)
    rows = pq.read_table(folder / "bulk" / "generations").to_pylist()
    assert len(rows) == 2 and {row["model_id"] for row in rows} == {known.champion.digest[:12]}

    from flows.generation import generation
    from textgen_core.generation.settings import GenerationSettings

    values = {"model": "champion", "seeds": "seeds.txt", "output": "flow", "max_new_tokens": 8}
    settings = GenerationSettings(**values, samplers={"greedy": {"strategy": "greedy"}})
    generation(settings, folder / "nightly")
    assert pq.read_table(folder / "flow" / "generations").equals(pq.read_table(folder / "bulk" / "generations"))
