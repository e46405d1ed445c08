"""One model here and in Hugging Face transformers: the same logits, ids and ends, in and out.

transformers has an environment of its own, whose Python $PEERS_PYTHON names (see CONTRIBUTING.md).
"""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.huggingface import gpt2
from textgen_core.huggingface.exporting import export_model
from textgen_core.huggingface.importing import import_model
from textgen_core.huggingface.settings import ExportSettings, ImportSettings
from textgen_core.models.directory import load_model
from textgen_core.progress import silent
from textgen_core.tokenization.interface import END, SPECIALS
from textgen_core.tokenization.tokenizers import load_tokenizer

PEERS_PYTHON = os.environ.get("PEERS_PYTHON")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PEERS_PYTHON, reason="PEERS_PYTHON names no Python with transformers (see CONTRIBUTING.md)"),
]

SHAPE = {"n_layer": 3, "n_embd": 48, "n_head": 4, "n_positions": 32, "vocab_size": gpt2.IDS}
ENDS = {"bos_token_id": gpt2.IDS - 1, "eos_token_id": gpt2.IDS - 1}
CONFIGS = {
    "plain": SHAPE | ENDS,
    "untied": SHAPE | ENDS | {"tie_word_embeddings": False},
    "narrow": SHAPE | ENDS | {"n_inner": 40, "activation_function": "gelu_pytorch_tanh"},
    "sharded": SHAPE | ENDS,
    "padded": SHAPE | ENDS | {"vocab_size": gpt2.IDS + 15},
}
TEXTS = ["the cat in the hat", "  Ünïcode\n\tis spelt: 日本", "it's  \n the   end "]
TOKENS = np.random.default_rng(0).integers(0, gpt2.IDS, (3, 32))
"""Ids of theirs, as many as there are positions."""


def ask(what, folder):
    script = Path(__file__).with_name("peer.py")
    done = subprocess.run([PEERS_PYTHON, str(script), what, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def prepare(folder):
    vocab = gpt2.tokenizer()["model"]["vocab"]
    saving = {"sharded": {"max_shard_size": "50KB"}}
    given = {"configs": CONFIGS, "saving": saving, "vocab": vocab, "merges": gpt2.MERGES, "texts": TEXTS}
    (folder / "given.json").write_text(json.dumps(given))
    np.save(folder / "tokens.npy", TOKENS)
    return folder


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    """A folder of models by transformers, and what it says of them."""
    folder = prepare(tmp_path_factory.mktemp("theirs"))
    ask("make", folder)
    return folder


@pytest.fixture(scope="module")
def ours(theirs, tmp_path_factory):
    """The same models, imported."""
    folder = tmp_path_factory.mktemp("ours")
    for name in CONFIGS:
        import_model(ImportSettings(source=theirs / name, output=folder / name), silent)
    return folder


@pytest.fixture(scope="module")
def back(ours, tmp_path_factory):
    """The same models, exported again, and what transformers says of them."""
    folder = prepare(tmp_path_factory.mktemp("back"))
    for name in CONFIGS:
        export_model(ExportSettings(model=ours / name, output=folder / name), silent)
    ask("read", folder)
    return folder


def in_ours(ids):
    return np.where(ids == gpt2.IDS - 1, END, ids + SPECIALS).astype("int32")


def in_their_order(logits):
    """Our logits [.., vocab] in the order of their ids."""
    return np.concatenate([logits[..., SPECIALS:], logits[..., END : END + 1]], axis=-1)


@pytest.mark.parametrize("name", CONFIGS)
def test_logits_of_an_imported_model_are_theirs(theirs, ours, name):
    expected = np.load(theirs / name / "logits.npy")[..., : gpt2.IDS]
    found = in_their_order(np.asarray(load_model(ours / name)(in_ours(TOKENS))))
    assert np.abs(expected).max() > 5
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("name", CONFIGS)
def test_logits_of_an_exported_model_are_ours(ours, back, name):
    expected = in_their_order(np.asarray(load_model(ours / name)(in_ours(TOKENS))))
    np.testing.assert_allclose(np.load(back / name / "logits.npy"), expected, atol=1e-4)


@pytest.mark.parametrize("name", ["plain", "padded"])
def test_texts_have_the_same_ids_in_and_out(theirs, ours, back, name):
    expected = json.loads((theirs / name / "ids.json").read_text())
    assert json.loads((back / name / "ids.json").read_text()) == expected
    assert load_tokenizer(ours / name).encode(TEXTS) == [[id + SPECIALS for id in ids] for ids in expected]


def test_what_is_exported_ends_as_it_did(back):
    for name in CONFIGS:
        assert json.loads((back / name / "ends.json").read_text()) == [gpt2.IDS - 1] * 3


def test_one_of_them_was_in_shards(theirs):
    assert (theirs / "sharded" / "model.safetensors.index.json").exists()
