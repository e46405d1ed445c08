"""What stops a training, what it starts from, and that several devices, or a batch in parts, train as one does."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from keras import ops

from tests.training.corpora import tiny
from tests.training.families import BY_GRADIENTS
from textgen_core.datasets.manifest import read_manifest, working_directory
from textgen_core.errors import TrainingError
from textgen_core.models.directory import load_model
from textgen_core.models.seq2seq_settings import Seq2SeqRNNSettings
from textgen_core.models.settings import RNNSettings, TransformerSettings
from textgen_core.progress import silent
from textgen_core.training import trainer
from textgen_core.training.batches import Streams
from textgen_core.training.checkpoints import read_checkpoint
from textgen_core.training.learner import dataset
from textgen_core.training.schedule import KerasSchedule, WarmupCosine
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train

ROOT = Path(__file__).parents[2]
EVERY = [pytest.param(name, marks=[pytest.mark.slow] if name != "transformer" else []) for name in BY_GRADIENTS]


class Exploding(KerasSchedule):
    """A rate that is absurd from the update on that makes step 7."""

    def __call__(self, step):
        return ops.where(ops.cast(step, "int32") < 6, super().__call__(step), np.inf)


def test_nothing_goes_on_sleeping_when_the_last_batch_is_read():
    """TensorFlow's thread that tunes buffers looks around once a minute, in the end, and whoever has read all waits."""
    batches = Streams(np.arange(1000, dtype=np.uint16), 2, 8, seed=0)
    assert dataset(batches, range(3)).options().autotune.enabled is False


MODELS = {
    "gpt2": TransformerSettings(
        layers=1, width=8, heads=2, context=8, norm="layer", positions="learned", biases="layers"
    ),
    "gru": RNNSettings(cell="gru", units=8, tied=False),
    "seq2seq": Seq2SeqRNNSettings(units=8, attention="additive"),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_nothing_decays_but_what_features_are_multiplied_with(model):
    """A step without gradients: what it changes is what decays."""
    settings = TrainingSettings(preset="tiny", model=model, weight_decay=0.5, tokens="t", output="o")
    data = trainer.Data(np.zeros(9, np.uint16), np.zeros(9, np.uint16), 11, {})
    learner = trainer.make_learner(settings, data, WarmupCosine(0.1, 0, 10, 1.0), "float32")
    weights = learner.model.trainable_variables
    for weight in weights:
        weight.assign(ops.ones_like(weight))
    learner.optimizer.apply_gradients([(ops.zeros_like(weight), weight) for weight in weights])
    shrunk = {weight.path for weight in weights if np.all(weight.numpy() < 1)}
    still = {weight.path: weight.shape for weight in weights if weight.path not in shrunk}
    assert all(np.all(weight.numpy() == 1) for weight in weights if weight.path in still)
    assert all("kernel" in path.split("/")[-1] for path in shrunk) and shrunk
    assert all(len(shape) < 2 or path.endswith(("/bias", "/embeddings")) for path, shape in still.items())


@pytest.mark.parametrize("family", EVERY)
def test_a_training_that_diverges_keeps_the_last_good_checkpoint(tokens, tmp_path, family, monkeypatch):
    monkeypatch.setattr(trainer, "KerasSchedule", Exploding)
    settings = tiny(tokens, tmp_path / "model", family, checkpoint_every=0)
    with pytest.raises(TrainingError, match="finite"):
        train(settings, silent)
    assert not (tmp_path / "model").exists()
    run, arrays = read_checkpoint(working_directory(tmp_path / "model") / "scratch" / "checkpoints")
    assert run.step == 6 and [row["step"] for row in run.history] == [1, 2, 3, 4, 5, 6]
    assert all(np.isfinite(array).all() for array in arrays.values())


def test_a_loss_that_is_no_number_is_not_saved_either(tokens, tmp_path):
    settings = tiny(tokens, tmp_path / "model", learning_rate=1e30, warmup=0, checkpoint_every=0)
    with pytest.raises(TrainingError, match="finite"):
        train(settings, silent)
    found = read_checkpoint(working_directory(tmp_path / "model") / "scratch" / "checkpoints")
    assert found is None or all(np.isfinite(array).all() for array in found[1].values())


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_validation_loss_that_is_no_number_is_no_best_one(tokens, tmp_path, monkeypatch, loss):
    """No later one would be less than NaN: the first weights would be kept, however well it went on."""
    monkeypatch.setattr(trainer, "make_evaluator", lambda *_: lambda: float(loss))
    with pytest.raises(TrainingError, match=f"a validation loss of {loss} at step 2"):
        train(tiny(tokens, tmp_path / "model", evaluate_every=2), silent)
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(("window", "warned"), [(32, True), (256, False), (16, False)])
def test_a_window_shorter_than_the_context_is_warned_of_unless_both_are_the_presets(
    tokens, tmp_path, caplog, window, warned
):
    train(tiny(tokens, tmp_path / "model", steps=1, window=window), silent)
    assert ("shorter than the model's context (256)" in caplog.text) == warned


def test_a_training_that_stops_before_its_first_row_of_history_is_due_has_one_all_the_same(tokens, tmp_path):
    hopeless = {"learning_rate": 1e-12, "warmup": 0, "evaluate_every": 1, "patience": 1}
    facts = train(tiny(tokens, tmp_path / "model", steps=50_000, **hopeless), silent).facts
    assert facts["stopped_early"] and facts["steps"] < 50 and facts["train_loss"] > 0


@pytest.mark.parametrize("family", EVERY)
def test_a_warm_start_begins_where_the_other_model_ended(trained, tokens, tmp_path, family):
    first = trained(family)
    warm = tiny(tokens, tmp_path / "b", family, steps=1, learning_rate=1e-9, warm_start=first.directory)
    second = train(warm, silent)
    before, after = (run.facts["validation_loss"] for run in (first.manifest, second))
    assert after == pytest.approx(before, abs=1e-3)
    weights = zip(load_model(first.directory).weights, load_model(tmp_path / "b").weights, strict=True)
    assert all(np.allclose(a, b, atol=1e-6) for a, b in weights)
    assert "warm_start" in second.key.inputs


def same_training(facts, other):
    for name in ("train_loss", "validation_loss"):
        assert facts[name] == pytest.approx(other[name], rel=1e-3)


@pytest.mark.parametrize("family", EVERY)
def test_a_batch_in_parts_is_the_same_step(trained, tokens, tmp_path, family):
    facts = train(tiny(tokens, tmp_path / "model", family, accumulate=2), silent).facts
    same_training(facts, trained(family).manifest.facts)


TWO_DEVICES = """
import sys
import tensorflow as tf
from pathlib import Path
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from textgen_core.progress import silent
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train
train(TrainingSettings.model_validate_json(Path(sys.argv[1]).read_text()), silent)
"""


@pytest.mark.slow  # that they make the same steps is tested always
@pytest.mark.parametrize("family", ["rnn", "cnn", "transformer"])
def test_two_devices_train_as_one_does(trained, tokens, tmp_path, family):
    path = tmp_path / "settings.json"
    path.write_text(tiny(tokens, tmp_path / "model", family, replicas=2, device="cpu").model_dump_json())
    subprocess.run([sys.executable, "-c", TWO_DEVICES, str(path)], check=True, cwd=ROOT)
    same_training(read_manifest(tmp_path / "model").facts, trained(family).manifest.facts)


@pytest.mark.parametrize("family", EVERY)
def test_half_precision_trains_saves_and_resumes(trained, tokens, tmp_path, family):
    settings = tiny(tokens, tmp_path / "model", family, precision="bfloat16", checkpoint_every=0)

    def interrupt(update):
        if update.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(settings, interrupt)
    facts = train(settings, silent).facts
    assert facts["steps"] == 30
    assert facts["train_loss"] == pytest.approx(trained(family).manifest.facts["train_loss"], rel=0.05)
