"""`textgen run` killed by SIGKILL at random moments: nothing half done is seen, and the end is always the same."""

import random
import re
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from tests.processes import apart, until
from textgen_core.datasets.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
KILLS = 20
SEED = 20
CONFIG = """
output: out
ingestion: {{inputs: ["{corpus}"], split: {{method: tail, validation: 0.02}}}}
models:
  rnn:
    tokenization: {{tokenizer: {{kind: char}}}}
    training: {{preset: tiny, model: {{family: rnn, units: 32, layers: 1}}, {often}}}
  transformer:
    tokenization: {{tokenizer: {{kind: subword, vocab_size: 400}}}}
    training: {{preset: tiny, model: {{family: transformer, width: 32, layers: 1, heads: 2}}, {often}}}
seeds: {{count: 40}}
generation:
  samples: 2
  max_new_tokens: 40
  samplers: {{greedy: {{strategy: greedy}}, top-k: {{strategy: sample, top_k: 20}}, beam: {{strategy: beam, beams: 2}}}}
"""
# Checkpoints must be closer than the kills, or no run would get any further.
OFTEN = "steps: 60, evaluate_every: 20, evaluate_tokens: 2000, checkpoint_every: 0.5"
QUICK = ("ingestion-", "seeding-", "tokenization-")
TIMED = ("manifest.json", ".seen.json", "README.md", "fingerprint.json", "report.html", "/history/", "/tensorboard/")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Long enough for ingestion, tokenization and evaluation to be hit now and then."""
    draw = random.Random(SEED)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 9))) for _ in range(3000)]
    path = tmp_path_factory.mktemp("corpus") / "corpus.txt"
    path.write_text("".join(" ".join(draw.choices(words, k=20)) + f" {number}.\n\n" for number in range(8_000)))
    return path


@pytest.fixture(scope="module")
def pipeline(corpus, tmp_path_factory):
    """Starts runs of one configuration in a directory of its own."""

    class Pipeline:
        def __init__(self):
            self.directory = tmp_path_factory.mktemp("pipeline")
            self.out = self.directory / "out"
            (self.directory / "config.yaml").write_text(CONFIG.format(corpus=corpus, often=OFTEN))

        def start(self):
            command = [sys.executable, "-m", "flows.cli", "run", "config.yaml", "--quiet"]
            return subprocess.Popen(
                command,
                cwd=self.directory,
                env=apart(self.directory),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )

        def finish(self):
            process = self.start()
            _, said = process.communicate()
            assert process.returncode == 0, said.decode()

        def strike(self, seconds):
            """Kill a run so long after its start; False if it ended before."""
            process = self.start()
            try:
                process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
            assert process.wait() in (0, -signal.SIGKILL)
            assert_whole(self.out)
            return process.returncode != 0

        def trains(self):
            """Whether training has begun."""
            return any((self.out / ".store").glob(".training-*.partial"))

        def at_work_on(self):
            """The stage that was killed, which left a directory it had not committed; none is between two stages."""
            found = sorted((self.out / ".store").glob("*.partial"), key=lambda path: path.stat().st_mtime)
            return found[-1].name.strip(".").split("-")[0] if found else "starting or between stages"

    return Pipeline


@pytest.fixture(scope="module")
def undisturbed(pipeline):
    """A run that nobody kills, and how long it takes."""
    run, began = pipeline(), time.monotonic()
    run.finish()
    return run.out, time.monotonic() - began


def files(out):
    """Files of the stage directories, by their path in the store; locks are the only ones that belong to no stage.

    A report says how long a training took, so that its run key is never the same.
    """
    paths = ((path.relative_to(out / ".store").as_posix(), path) for path in (out / ".store").rglob("*"))
    named = ((re.sub(r"^reporting-[0-9a-f]+", "reporting", name), path) for name, path in paths)
    return {name: path for name, path in named if path.is_file() and not name.endswith(".lock")}


def links(out):
    return {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_symlink()}


def assert_whole(out):
    """What a user sees is readable and what its manifest says."""
    for path in out.glob("*/*.parquet"), out.glob("*/*/*.parquet"), out.glob("*.parquet"):
        for part in path:
            pq.read_table(part)
    for link in links(out).values():
        assert link.exists(), f"{link} leads nowhere"
    for stage in (out / ".store").glob("*-*"):
        if stage.is_dir() and stage.suffix != ".partial":
            assert verify(stage) == [], stage


def assert_same(out, expected, stages=""):
    """Every file byte for byte but those that say how long something took; of the loss curve all else."""
    mine, theirs = files(out), files(expected)
    if stages:
        mine, theirs = (
            {name: path for name, path in each.items() if name.startswith(stages)} for each in (mine, theirs)
        )
        theirs = {
            name: path for name, path in theirs.items() if name.split("/")[0] in {one.split("/")[0] for one in mine}
        }
    else:
        assert links(out).keys() == links(expected).keys()
    assert mine.keys() == theirs.keys() != set(), "a stray file, or another run key"
    for name, path in mine.items():
        if not any(word in name for word in TIMED):
            assert path.read_bytes() == theirs[name].read_bytes(), name
        if "/history/" in name:
            curves = [pq.read_table(one).drop_columns("seconds") for one in (path, theirs[name])]
            assert curves[0].equals(curves[1]), name


def test_killed_at_random_moments_it_ends_as_if_it_had_not_been(pipeline, undisturbed):
    expected, duration = undisturbed
    draw, run, struck = random.Random(SEED), pipeline(), []
    while len(struck) < KILLS:
        # A third: every run starts anew and goes on, so that the kills wander through the whole pipeline.
        if run.strike(draw.uniform(0, duration / 3)):
            struck.append(run.at_work_on())
        else:
            assert_same(run.out, expected)
            run = pipeline()
    run.finish()
    assert_same(run.out, expected)
    print({stage: struck.count(stage) for stage in struck})


def test_killed_in_the_quick_stages_too(pipeline, undisturbed):
    """They are over in seconds, so that kills spread over a whole run hardly ever meet them."""
    expected, _ = undisturbed
    draw, run, struck = random.Random(SEED), pipeline(), []
    began, process = time.monotonic(), run.start()
    until(run.trains, "training begins")
    until_training = time.monotonic() - began
    process.kill()
    process.communicate()
    while len(struck) < KILLS:
        if run.trains():
            assert_same(run.out, expected, QUICK)
            run = pipeline()
        # By half longer: on a busy machine a later start may be slower than the first, and would get nowhere.
        assert run.strike(draw.uniform(0, 1.5 * until_training)), "it trains for longer"
        struck.append(run.at_work_on())
    print({stage: struck.count(stage) for stage in struck})
