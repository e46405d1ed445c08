import json

import pytest

from textgen_core.errors import DatasetError
from textgen_core.models.directory import load_model, save_model
from textgen_core.models.families import build_model
from textgen_core.models.settings import RNNSettings


@pytest.fixture
def saved(tmp_path):
    settings = RNNSettings(units=4)
    save_model(build_model(settings, 7), settings, tmp_path)
    return tmp_path


def refuses(directory, words):
    with pytest.raises(DatasetError, match=words):
        load_model(directory)


def test_names_on_disk_are_plain_and_stable(saved):
    from safetensors.numpy import load_file

    assert sorted(load_file(saved / "model.safetensors")) == [
        "embedding/embeddings",
        "embedding/output_bias",
        "embedding/output_kernel",
        "lstm_0/bias",
        "lstm_0/kernel",
        "lstm_0/recurrent_kernel",
    ]


def test_a_directory_without_a_model_is_refused(tmp_path):
    refuses(tmp_path, "config.json")


def test_an_unknown_setting_is_refused(saved):
    config = json.loads((saved / "config.json").read_text())
    (saved / "config.json").write_text(json.dumps(config | {"run": "rm -rf"}))
    refuses(saved, "config.json of ours")


def test_weights_of_another_shape_are_refused_by_name(saved):
    config = json.loads((saved / "config.json").read_text())
    config["vocab_size"] = 8
    (saved / "config.json").write_text(json.dumps(config))
    refuses(saved, r"embedding/embeddings is \(7, 4\), expected \(8, 4\)")


@pytest.mark.parametrize("size", [0, 5, 100])
def test_a_truncated_file_is_refused(saved, size):
    path = saved / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    refuses(saved, "model.safetensors must be readable")


def test_a_pickle_in_its_place_is_refused(saved):
    import pickle

    (saved / "model.safetensors").write_bytes(pickle.dumps({"weights": [1]}))
    refuses(saved, "model.safetensors must be readable")
