"""A training killed at any moment goes on at the same step with the same data."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.training.corpora import babble, paired, tiny, tokenized
from tests.training.families import BY_GRADIENTS, ON_PAIRS
from textgen_core.datasets.manifest import working_directory
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train

ROOT = Path(__file__).parents[2]
STEPS = 60
PROGRAM = """
import os, sys
from pathlib import Path
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])  # TensorFlow's threads are as many
from textgen_core.progress import silent
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train
for path in sys.argv[2:]:
    train(TrainingSettings.model_validate_json(Path(path).read_text()), silent)
"""
MODELS = {  # dropout: its seeds must resume too
    "rnn": {"family": "rnn", "cell": "lstm", "layers": 2, "units": 64, "dropout": 0.2, "weight_dropout": 0.2},
    "cnn": {"family": "cnn", "layers": 2, "width": 64, "dropout": 0.2},
    "transformer": {"family": "transformer", "layers": 2, "width": 64, "heads": 2, "context": 32, "dropout": 0.2},
    "seq2seq-rnn": {"family": "seq2seq-rnn", "units": 64, "attention": "additive", "dropout": 0.2},
    "seq2seq-cnn": {"family": "seq2seq-cnn", "layers": 2, "width": 64, "context": 64, "dropout": 0.2},
    "seq2seq-transformer": {
        "family": "seq2seq-transformer",
        "layers": 1,
        "width": 64,
        "heads": 2,
        "context": 64,
        "dropout": 0.2,
    },
}


def job(folder, name, family):
    """Settings of a training in folder/name, as a file."""
    if family.startswith("seq2seq"):
        texts = babble(60, 60) + babble(60, 24, seed=2)  # batches of two shapes
        tokens = paired(folder / "tokens", texts, babble(10, 60, seed=1))
    else:
        tokens = tokenized(folder / "tokens", babble(30, 200), babble(5, 200, seed=1))
    settings = TrainingSettings(
        preset="tiny",
        model=MODELS[family],
        tokens=tokens,
        output=folder / name,
        steps=STEPS,
        batch_size=16,
        window=64 if family.startswith("seq2seq") else 32,
        evaluate_every=20,
        optimizer="muon" if "transformer" in family else "adamw",  # as presets of more than seconds have it
        checkpoint_every=0,
    )
    path = folder / f"{name}.json"
    path.write_text(settings.model_dump_json())
    return path


def start(threads, *jobs):
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(threads), *map(str, jobs)], cwd=ROOT)


def wait_for_checkpoint(process, output, step):
    """At once for step 0."""
    folder = working_directory(output) / "scratch" / "checkpoints"
    while step and process.poll() is None:
        if any(int(path.name.split("-")[1]) >= step for path in folder.glob("step-*")):
            return
        time.sleep(0.01)


def kill(process):
    """True if it was still at work."""
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def made(output):
    """What must be the same to the bit: the curve, the weights, the log's steps."""
    columns = ["step", "tokens_seen", "split", "loss", "bits_per_char", "learning_rate"]
    history = pq.read_table(output / "history", columns=columns).to_pylist()
    return history, (output / "model.safetensors").read_bytes(), logged(output)


def logged(output):
    import tensorflow as tf

    (path,) = (output / "tensorboard").iterdir()
    events = tf.compat.v1.train.summary_iterator(str(path))
    return [(event.step, [value.tag for value in event.summary.value]) for event in events]


def test_a_killed_training_ends_as_an_undisturbed_one(tmp_path, tokens, trained):
    killed = tiny(tokens, tmp_path / "killed", "rnn", samples=0, checkpoint_every=0)
    path = tmp_path / "settings.json"
    path.write_text(killed.model_dump_json())
    process = start(len(os.sched_getaffinity(0)), path)
    wait_for_checkpoint(process, killed.output, 5)
    assert kill(process)
    assert not killed.output.exists()
    updates = []
    train(killed, updates.append)
    before = {update.phase: update.done for update in updates if update.phase in ("starting", "compiling")}
    assert len(before) == 2 and len(set(before.values())) == 1 and before["starting"] >= 5
    training = [update.done for update in updates if update.phase == "training"]
    assert min(training) > before["starting"], "no step of before is of its pace, nor the time of compiling"
    assert made(killed.output) == made(trained("rnn").directory)


def test_every_family_that_learns_by_gradients_is_killed():
    assert set(MODELS) == {*BY_GRADIENTS, *ON_PAIRS}


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("family", MODELS)
def test_killed_at_random_moments_it_ends_as_an_undisturbed_one(tmp_path, family, threads):
    draw = random.Random(f"{family} {threads}")
    killed, whole = (job(tmp_path, name, family) for name in ("killed", "whole"))
    # While it starts, twice between two checkpoints, and while the last one or the outputs are written.
    moments = [(0, 5.0), *((step, 0.05) for step in sorted(draw.sample(range(1, STEPS), 2))), (STEPS, 0.5)]
    kills = 0
    for step, longest in moments:
        process = start(threads, killed)
        wait_for_checkpoint(process, tmp_path / "killed", step)
        time.sleep(draw.uniform(0, longest))
        kills += kill(process)
    assert kills >= 3
    assert start(threads, killed, whole).wait() == 0
    assert made(tmp_path / "killed") == made(tmp_path / "whole")
