import json

import pyarrow.parquet as pq
import pytest

from tests.training.corpora import babble, tiny, tokenized
from tests.training.families import BY_GRADIENTS
from textgen_core.datasets.manifest import read_manifest
from textgen_core.datasets.verify import verify
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.training.evaluator import Evaluator
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train, training_key
from textgen_core.training.tokens import token_stream


@pytest.mark.parametrize("family", BY_GRADIENTS)
def test_a_training_makes_a_whole_model_directory(trained, family):
    run = trained(family)
    assert verify(run.directory) == []
    assert {path.name for path in run.directory.iterdir()} == {
        *("README.md", "config.json", "fingerprint.json", "history", "manifest.json"),
        *("model.safetensors", "tensorboard", "tokenizer.json"),
    }
    facts = run.manifest.facts
    assert facts["steps"] == 30 and facts["tokens_seen"] == 30 * 8 * 16
    assert load_model(run.directory).count_params() == facts["parameters"]
    assert json.loads((run.directory / "fingerprint.json").read_text())["figures"] == facts
    card = (run.directory / "README.md").read_text()
    assert card.count("\n▸") == run.settings.samples and f"| {facts['validation_loss']} |" in card
    assert run.updates[0].done == 0 and run.updates[-1].done == run.updates[-1].total == 30


@pytest.mark.parametrize("family", BY_GRADIENTS)
def test_history_is_the_curve_and_tensorboard_shows_it(trained, family):
    run = trained(family)
    history = pq.read_table(run.directory / "history").to_pandas()
    losses = history[history.split == "train"].loss
    assert len(losses) == 30 and losses.iloc[-5:].mean() < 0.8 * losses.iloc[:5].mean()
    assert run.manifest.facts["train_loss"] == pytest.approx(losses.iloc[-10:].mean(), abs=1e-4)
    validation = history[history.split == "validation"]
    assert list(validation.step) == [10, 20, 30]
    assert run.manifest.facts["validation_loss"] == round(validation.loss.min(), 4)
    assert logged(run.directory / "tensorboard") == {
        (f"{row['split']}/{name}", row["step"]): pytest.approx(row[name], rel=1e-6)
        for row in history.to_dict("records")
        for name in ("loss", "bits_per_char", "learning_rate")
    }


def logged(directory):
    """What TensorBoard reads there."""
    import tensorflow as tf

    (path,) = directory.iterdir()
    events = tf.compat.v1.train.summary_iterator(str(path))
    return {(value.tag, event.step): value.simple_value for event in events for value in event.summary.value}


@pytest.mark.parametrize("family", BY_GRADIENTS)
def test_the_weights_on_disk_have_the_validation_loss_of_the_facts(trained, family, tmp_path):
    run = trained(family)
    assert held_out_loss(run.settings, tmp_path) == pytest.approx(run.manifest.facts["validation_loss"], abs=1e-4)


def held_out_loss(settings, scratch):
    model = load_model(settings.output)
    stream = token_stream(settings.tokens / "sequences", "validation", model.vocab_size, scratch)
    return Evaluator(model, stream, settings.batch_size, settings.window, settings.evaluate_tokens)()


def test_a_finished_training_is_not_done_again(trained):
    run = trained("rnn")
    again = run.settings.model_copy(update={"checkpoint_every": 1.0})
    assert train(again, lambda update: pytest.fail("at work")) == run.manifest


def test_the_key_knows_what_changes_the_model_and_nothing_else(tokens, tmp_path):
    base = tiny(tokens, tmp_path / "model")
    key = training_key(base)
    assert key == training_key(base.model_copy(update={"output": tmp_path / "b", "checkpoint_every": 1.0}))
    assert key == training_key(TrainingSettings.model_validate(base.model_dump() | {"preset": "base"}))
    assert key != training_key(base.model_copy(update={"seed": 1}))
    other = tokenized(tmp_path / "tokens", babble(31, 200))
    assert key != training_key(base.model_copy(update={"tokens": other}))
    assert read_manifest(tokens).digest("tokenizer.json", "sequences") == key.inputs["sequences"]


def test_the_best_weights_are_kept_when_training_stops_early(tmp_path):
    # To learn one half is to unlearn the other.
    tokens = tokenized(tmp_path / "tokens", ["abcabcabc" * 5], ["hgfedcba" * 20])
    settings = tiny(tokens, tmp_path / "model", steps=500, evaluate_every=5, patience=2)
    facts = train(settings, silent).facts
    assert facts["stopped_early"] and facts["steps"] == facts["best_step"] + 10 < 500
    assert held_out_loss(settings, tmp_path) == pytest.approx(facts["validation_loss"], abs=1e-4)


def test_without_a_validation_split_the_last_weights_are_kept(tmp_path):
    tokens = tokenized(tmp_path / "tokens", babble(10, 100))
    facts = train(tiny(tokens, tmp_path / "model", steps=4), silent).facts
    assert facts["validation_loss"] is None and facts["best_step"] == 4
