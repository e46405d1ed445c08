import json

import pyarrow.parquet as pq
import pytest

from tests.training.corpora import babble, tokenized
from textgen_core.datasets.manifest import read_manifest
from textgen_core.datasets.verify import verify
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train, training_key


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    return tokenized(tmp_path_factory.mktemp("corpus") / "tokens", babble(30, 200), babble(5, 200, seed=1))


def settings_for(tokens, output, family="rnn", **options):
    return TrainingSettings(preset="tiny", model={"family": family}, tokens=tokens, output=output, **options)


@pytest.mark.parametrize("family", ["rnn", "transformer"])
def test_a_training_makes_a_whole_model_directory(tokens, tmp_path, family):
    updates = []
    manifest = train(settings_for(tokens, tmp_path / "model", family, samples=2), updates.append)
    assert verify(tmp_path / "model") == []
    assert {path.name for path in (tmp_path / "model").iterdir()} == {
        *("README.md", "config.json", "fingerprint.json", "history", "manifest.json"),
        *("model.safetensors", "tensorboard", "tokenizer.json"),
    }
    facts = manifest.facts
    assert facts["steps"] == 30 and facts["tokens_seen"] == 30 * 8 * 16
    assert load_model(tmp_path / "model").count_params() == facts["parameters"]
    history = pq.read_table(tmp_path / "model" / "history").to_pandas()
    losses = history[history.split == "train"].loss
    assert len(losses) == 30 and losses.iloc[-5:].mean() < 0.8 * losses.iloc[:5].mean()
    assert list(history[history.split == "validation"].step) == [10, 20, 30]
    assert facts["validation_loss"] == round(history[history.split == "validation"].loss.min(), 4)
    assert json.loads((tmp_path / "model" / "fingerprint.json").read_text())["figures"] == facts
    card = (tmp_path / "model" / "README.md").read_text()
    assert card.count("\n▸") == 2 and f"| {facts['validation_loss']} |" in card
    assert logged(tmp_path / "model" / "tensorboard") == {
        (f"{row['split']}/{name}", row["step"]): pytest.approx(row[name], rel=1e-6)
        for row in history.to_dict("records")
        for name in ("loss", "bits_per_char", "learning_rate")
    }
    assert updates[0].done == 0 and updates[-1].done == updates[-1].total == 30


def logged(directory):
    """What TensorBoard reads there."""
    import tensorflow as tf

    (path,) = directory.iterdir()
    events = tf.compat.v1.train.summary_iterator(str(path))
    return {(value.tag, event.step): value.simple_value for event in events for value in event.summary.value}


def test_a_finished_training_is_not_done_again(tokens, tmp_path):
    first = train(settings_for(tokens, tmp_path / "model", steps=3), silent)
    assert train(settings_for(tokens, tmp_path / "model", steps=3, checkpoint_every=1.0), silent) == first


def test_the_key_knows_what_changes_the_model_and_nothing_else(tokens, tmp_path):
    base = settings_for(tokens, tmp_path / "model")
    key = training_key(base)
    assert key == training_key(base.model_copy(update={"output": tmp_path / "b", "checkpoint_every": 1.0}))
    assert key == training_key(TrainingSettings.model_validate(base.model_dump() | {"preset": "base"}))
    assert key != training_key(base.model_copy(update={"seed": 1}))
    other = tokenized(tmp_path / "tokens", babble(31, 200))
    assert key != training_key(base.model_copy(update={"tokens": other}))
    assert read_manifest(tokens).digest("tokenizer.json", "sequences") == key.inputs["sequences"]
