"""What stops a training, what it starts from, and that several devices train as one does."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.training.corpora import babble, tokenized
from textgen_core.datasets.manifest import working_directory
from textgen_core.errors import SettingsError, TrainingError
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.training.checkpoints import read_checkpoint
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return tokenized(tmp_path_factory.mktemp("corpus") / "tokens", babble(30, 200), babble(5, 200, seed=1))


def settings_for(tokens, output, family="transformer", **options):
    model = {"family": family} | options.pop("model", {})
    return TrainingSettings(**{"preset": "tiny", "model": model, "tokens": tokens, "output": output} | options)


def test_a_loss_that_is_no_number_stops_and_keeps_the_last_good_checkpoint(tokens, tmp_path):
    settings = settings_for(tokens, tmp_path / "model", learning_rate=1e30, warmup=0, checkpoint_every=0)
    with pytest.raises(TrainingError, match="finite"):
        train(settings, silent)
    assert not (tmp_path / "model").exists()
    found = read_checkpoint(working_directory(tmp_path / "model") / "scratch" / "checkpoints")
    assert found is None or all(np.isfinite(array).all() for array in found[1].values())


def test_training_stops_when_validation_gets_no_better_and_keeps_the_best(tmp_path):
    tokens = tokenized(
        tmp_path / "tokens", ["abcabcabc" * 5], ["hgfedcba" * 20]
    )  # to learn one is to unlearn the other
    options = {"steps": 500, "evaluate_every": 5, "patience": 2}
    facts = train(settings_for(tokens, tmp_path / "model", **options), silent).facts
    assert facts["stopped_early"] and facts["steps"] == facts["best_step"] + 10 < 500


def test_without_a_validation_split_the_last_weights_are_kept(tmp_path):
    tokens = tokenized(tmp_path / "tokens", babble(10, 100))
    facts = train(settings_for(tokens, tmp_path / "model", steps=4), silent).facts
    assert facts["validation_loss"] is None and facts["best_step"] == 4


def test_nothing_to_learn_from_is_one_clear_error(tmp_path):
    tokens = tokenized(tmp_path / "tokens", [], babble(1, 50))
    with pytest.raises(TrainingError, match="train split"):
        train(settings_for(tokens, tmp_path / "model"), silent)


def test_a_warm_start_begins_where_the_other_model_ended(tokens, tmp_path):
    first = train(settings_for(tokens, tmp_path / "a"), silent)
    warm = settings_for(tokens, tmp_path / "b", steps=1, learning_rate=1e-9, warm_start=tmp_path / "a")
    second = train(warm, silent)
    assert second.facts["validation_loss"] == pytest.approx(first.facts["validation_loss"], abs=1e-3)
    weights = zip(load_model(tmp_path / "a").weights, load_model(tmp_path / "b").weights, strict=True)
    assert all(np.allclose(a, b, atol=1e-6) for a, b in weights)
    assert "warm_start" in second.key.inputs


def test_a_warm_start_of_another_architecture_or_tokenizer_is_refused(tokens, tmp_path):
    train(settings_for(tokens, tmp_path / "a", steps=1), silent)
    with pytest.raises(SettingsError, match="same architecture"):
        train(settings_for(tokens, tmp_path / "b", model={"layers": 2}, warm_start=tmp_path / "a"), silent)
    other = tokenized(tmp_path / "tokens", babble(30, 200), letters="abcdefgh .,x")
    with pytest.raises(SettingsError, match="same tokenizer"):
        train(settings_for(other, tmp_path / "b", warm_start=tmp_path / "a"), silent)


@pytest.mark.parametrize("family", [pytest.param("rnn", marks=pytest.mark.slow), "transformer"])
def test_a_batch_in_parts_is_the_same_step(tokens, tmp_path, family):
    losses = [
        train(settings_for(tokens, tmp_path / str(parts), family, steps=10, accumulate=parts), silent).facts
        for parts in (1, 2)
    ]
    assert losses[0]["validation_loss"] == pytest.approx(losses[1]["validation_loss"], rel=1e-3)


TWO_DEVICES = """
import sys
import tensorflow as tf
from pathlib import Path
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from textgen_core.progress import silent
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train
for path in sys.argv[1:]:
    train(TrainingSettings.model_validate_json(Path(path).read_text()), silent)
"""


def test_two_devices_train_as_one_does(tokens, tmp_path):
    paths = []
    for family in ("rnn", "transformer"):
        for replicas in (1, 2):
            own = settings_for(
                tokens, tmp_path / f"{family}-{replicas}", family, steps=10, replicas=replicas, device="cpu"
            )
            paths.append(tmp_path / f"{family}-{replicas}.json")
            paths[-1].write_text(own.model_dump_json())
    subprocess.run([sys.executable, "-c", TWO_DEVICES, *map(str, paths)], check=True, cwd=ROOT)
    for family in ("rnn", "transformer"):
        one, two = (
            json.loads((tmp_path / f"{family}-{n}" / "manifest.json").read_text())["facts"]["validation_loss"]
            for n in (1, 2)
        )
        assert one == pytest.approx(two, rel=1e-3)


@pytest.mark.parametrize("family", [pytest.param("rnn", marks=pytest.mark.slow), "transformer"])
def test_half_precision_trains_saves_and_resumes(tokens, tmp_path, family):
    settings = settings_for(tokens, tmp_path / "model", family, precision="bfloat16", steps=6, checkpoint_every=0)

    def interrupt(update):
        if update.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(settings, interrupt)
    facts = train(settings, silent).facts
    assert facts["steps"] == 6 and 0 < facts["train_loss"] < 4
