"""A training killed at any moment goes on at the same step with the same data."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.training.corpora import babble, tokenized
from textgen_core.datasets.manifest import working_directory
from textgen_core.progress import silent
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from textgen_core.progress import silent
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train
train(TrainingSettings.model_validate_json(Path(sys.argv[1]).read_text()), silent)
"""


def settings_for(tokens, output, family):
    dropout = {"dropout": 0.2}  # its seeds must resume too
    return TrainingSettings(
        preset="tiny", model={"family": family} | dropout, tokens=tokens, output=output, steps=120, checkpoint_every=0
    )


def run(settings, folder):
    (folder / "settings.json").write_text(settings.model_dump_json())
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder / "settings.json")], cwd=ROOT)


def wait_for_checkpoint(output, step):
    folder = working_directory(output) / "scratch" / "checkpoints"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if any(int(path.name.split("-")[1]) >= step for path in folder.glob("step-*")):
            return
        time.sleep(0.02)
    raise AssertionError("no checkpoint")


@pytest.mark.parametrize("family", ["rnn", pytest.param("transformer", marks=pytest.mark.slow)])
def test_a_killed_training_ends_with_the_curve_of_an_undisturbed_one(tmp_path, family):
    tokens = tokenized(tmp_path / "tokens", babble(30, 200), babble(5, 200, seed=1))
    killed = settings_for(tokens, tmp_path / "killed", family)
    process = run(killed, tmp_path)
    wait_for_checkpoint(killed.output, 15)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not killed.output.exists()
    assert run(killed, tmp_path).wait() == 0

    whole = settings_for(tokens, tmp_path / "whole", family)
    train(whole, silent)
    ours, theirs = (pq.read_table(path / "history").to_pandas() for path in (killed.output, whole.output))
    assert list(ours.step) == list(theirs.step) and list(ours.split) == list(theirs.split)
    np.testing.assert_allclose(ours.loss, theirs.loss, rtol=1e-4)
    assert logged(killed.output) == logged(whole.output)  # no gap and no double


def logged(output):
    import tensorflow as tf
    from tensorflow.core.util.event_pb2 import Event

    (path,) = (output / "tensorboard").iterdir()
    events = [Event.FromString(record.numpy()) for record in tf.data.TFRecordDataset(str(path))]
    return [(event.step, [value.tag for value in event.summary.value]) for event in events]
