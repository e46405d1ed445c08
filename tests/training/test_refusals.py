"""What can't be trained is one clear error, before anything heavy is done."""

import json

import pytest

from flows.cli import exits
from tests.training.corpora import babble, tiny, tokenized
from textgen_core.errors import DatasetError, SettingsError, TrainingError
from textgen_core.numerics import resolve_device
from textgen_core.progress import silent
from textgen_core.training.settings import TrainingSettings
from textgen_core.training.stage import train, training_key


def test_nothing_to_learn_from(tmp_path):
    tokens = tokenized(tmp_path / "tokens", [], babble(1, 50))
    with pytest.raises(TrainingError, match="train split"):
        train(tiny(tokens, tmp_path / "model"), silent)


def test_a_warm_start_of_another_architecture_or_tokenizer(trained, tokens, tmp_path):
    warm = trained("transformer").directory
    with pytest.raises(SettingsError, match="same architecture"):
        train(tiny(tokens, tmp_path / "b", model={"layers": 2}, warm_start=warm), silent)
    with pytest.raises(SettingsError, match="same architecture"):
        train(tiny(tokens, tmp_path / "b", "rnn", warm_start=warm), silent)
    other = tokenized(tmp_path / "tokens", babble(30, 200), letters="abcdefgh .,x")
    with pytest.raises(SettingsError, match="same tokenizer"):
        train(tiny(other, tmp_path / "b", warm_start=warm), silent)


def test_a_warm_start_brings_its_architecture_and_another_dropout_is_no_other_one(trained, tokens, tmp_path):
    first = trained("transformer")
    options = {"preset": "finetune", "tokens": tokens, "output": tmp_path / "b", "warm_start": first.directory}
    taken = TrainingSettings(**options)
    assert taken.model == first.settings.model
    assert taken.window == 128 < first.settings.model.context, "the preset's is shorter"
    assert TrainingSettings.model_validate(taken.model_dump()) == taken
    more = TrainingSettings(**options, model={"dropout": 0.5}, steps=1, evaluate_tokens=16, samples=0)
    assert more.model == first.settings.model.model_copy(update={"dropout": 0.5})
    train(more, silent)


def test_a_tie_by_the_vocabulary_is_no_other_architecture_than_the_same_one_told(tokens, tmp_path):
    first = tiny(tokens, tmp_path / "a", "rnn", steps=1)
    train(first, silent)
    assert first.model.tied is None
    train(tiny(tokens, tmp_path / "b", "rnn", warm_start=tmp_path / "a", steps=1, model={"tied": False}), silent)
    with pytest.raises(SettingsError, match="same architecture"):
        train(tiny(tokens, tmp_path / "c", "rnn", warm_start=tmp_path / "a", steps=1, model={"tied": True}), silent)


def test_an_encoder_decoder_without_pairs_is_refused_by_its_key(tokens, tmp_path):
    with pytest.raises(SettingsError, match="learns from pairs"):
        training_key(tiny(tokens, tmp_path / "b", "seq2seq-rnn"))


def test_small_steps_from_random_weights_are_warned_of(trained, tokens, tmp_path, caplog):
    short = {"samples": 0, "evaluate_tokens": 16, "steps": 1, "preset": "finetune", "tokens": tokens}
    train(TrainingSettings(**short, output=tmp_path / "a", warm_start=trained("transformer").directory), silent)
    assert "warm_start" not in caplog.text
    small = {"family": "transformer", "layers": 1, "width": 8, "heads": 2, "context": 256}
    train(TrainingSettings(**short, output=tmp_path / "b", model=small), silent)
    assert "no warm_start" in caplog.text and "window (128) is shorter" in caplog.text


def test_a_warm_start_from_what_is_no_model(tokens, tmp_path):
    with pytest.raises(DatasetError, match="manifest"):
        train(tiny(tokens, tmp_path / "b", warm_start=tmp_path / "absent"), silent)
    with pytest.raises(DatasetError, match=r"config\.json"):
        train(tiny(tokens, tmp_path / "b", warm_start=tokens), silent)


@pytest.mark.skipif(resolve_device("auto") == "gpu", reason="this machine has a GPU")
def test_a_device_that_is_not_there(tokens, tmp_path):
    with pytest.raises(SettingsError, match="needs a GPU"):
        train(tiny(tokens, tmp_path / "b", device="gpu"), silent)


def test_more_replicas_than_devices(tokens, tmp_path):
    with pytest.raises(SettingsError, match="8 replicas"):
        train(tiny(tokens, tmp_path / "b", replicas=8, device="cpu"), silent)


def command(tokens, output, *options):
    return exits.run(["train", str(tokens), "--output", str(output), "--preset", "tiny", "--json", *options])


def test_an_unknown_device_by_command(tokens, tmp_path, capsys):
    assert command(tokens, tmp_path / "b", "--device", "tpu") == exits.USAGE
    assert "tpu" in capsys.readouterr().err


def test_an_absurd_learning_rate_by_command(tokens, tmp_path, capsys):
    code = command(tokens, tmp_path / "b", "--family", "transformer", "--learning-rate", "1e30")
    error = json.loads(capsys.readouterr().err.strip().splitlines()[-1])
    assert code == TrainingError.exit_code and "finite" in str(error) and "lower learning_rate" in str(error)
    assert not (tmp_path / "b").exists()
