"""What an import reads, in all the forms in which it is found, and what it refuses."""

import json
import pickle

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.huggingface import gpt2
from textgen_core.datasets.manifest import read_manifest
from textgen_core.errors import InputError
from textgen_core.huggingface.importing import import_model
from textgen_core.huggingface.settings import ImportSettings
from textgen_core.models.config import MODEL_FILES, read_config
from textgen_core.models.settings import TransformerSettings
from textgen_core.progress import silent


@pytest.fixture
def source(tmp_path):
    return gpt2.write(tmp_path / "theirs")


def imported(source, name="ours"):
    output = source.parent / name
    import_model(ImportSettings(source=source, output=output), silent)
    return output


def content(directory, names=MODEL_FILES):
    return [(directory / name).read_bytes() for name in names]


def refuses(source, words):
    with pytest.raises(InputError, match=words):
        imported(source)
    assert not (source.parent / "ours").exists()


def test_the_architecture_is_gpt2s(source):
    model = read_config(imported(source)).model
    assert model == TransformerSettings(
        layers=2,
        width=8,
        heads=2,
        context=16,
        dropout=0.1,
        norm="layer",
        positions="learned",
        activation="gelu",
        biases="layers",
    )
    assert model.feed_forward_width == 32


def test_what_config_leaves_out_is_transformers_default(tmp_path):
    few = {
        name: gpt2.CONFIG[name] for name in ("model_type", "vocab_size", "n_positions", "n_embd", "n_layer", "n_head")
    }
    whole = imported(gpt2.write(tmp_path / "a" / "theirs"))
    assert content(imported(gpt2.write(tmp_path / "b" / "theirs", few))) == content(whole)


def test_a_second_import_does_nothing_and_other_weights_are_another_run(source):
    first = read_manifest(imported(source)).created
    assert read_manifest(imported(source)).created == first
    gpt2.write(source, weights=gpt2.tensors(gpt2.CONFIG, seed=1))
    from textgen_core.errors import DatasetError

    with pytest.raises(DatasetError, match="one run only"):
        imported(source)


def test_shards_are_read_as_one(source):
    whole = content(imported(source))
    weights = load_file(source / "model.safetensors")
    (source / "model.safetensors").unlink()
    halves = {f"model-0000{n + 1}-of-00002.safetensors": sorted(weights)[n::2] for n in range(2)}
    for name, held in halves.items():
        save_file({key: weights[key] for key in held}, source / name)
    index = {"weight_map": {key: name for name, held in halves.items() for key in held}}
    (source / "model.safetensors.index.json").write_text(json.dumps(index))
    assert content(imported(source, "sharded")) == whole
    (source / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(InputError, match="without model-00002-of-00002"):
        imported(source, "half")


def test_older_names_and_masks_among_the_weights(source):
    whole = content(imported(source))
    weights = {name.removeprefix("transformer."): tensor for name, tensor in gpt2.tensors(gpt2.CONFIG).items()}
    weights |= {f"h.{n}.attn.bias": np.ones((1, 1, 16, 16), "uint8") for n in range(2)}
    weights["lm_head.weight"] = weights["wte.weight"]
    gpt2.write(source, weights=weights)
    assert content(imported(source, "older")) == whole


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_half_precision_is_widened(source, dtype):
    halves = {name: tensor.astype(dtype) for name, tensor in gpt2.tensors(gpt2.CONFIG).items()}
    gpt2.write(source, weights=halves)
    found = load_file(imported(source) / "model.safetensors")["positions/embeddings"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, halves["transformer.wpe.weight"].astype(np.float32))


def test_vocab_and_merges_say_the_same_as_tokenizer_json(source):
    whole = content(imported(source))
    (source / "tokenizer.json").unlink()
    (source / "vocab.json").write_text(json.dumps(gpt2.tokenizer()["model"]["vocab"]))
    lines = ["#version: 0.2", *(" ".join(pair) for pair in gpt2.MERGES)]
    (source / "merges.txt").write_text("\n".join(lines) + "\n")
    assert content(imported(source, "older")) == whole


def test_merges_may_be_pairs(source):
    whole = content(imported(source))
    document = gpt2.tokenizer()
    document["model"]["merges"] = [list(pair) for pair in gpt2.MERGES]
    gpt2.write(source, document=document)
    assert content(imported(source, "pairs")) == whole


def test_rows_without_text_are_left_out_and_told(source, caplog):
    document = gpt2.tokenizer()
    document["added_tokens"].append(gpt2.added(gpt2.IDS, "<|pad|>"))
    gpt2.write(source, gpt2.config(vocab_size=gpt2.IDS + 7), document)
    manifest = read_manifest(imported(source))
    assert (manifest.facts["vocab_size"], manifest.facts["left_out"]) == (gpt2.IDS + 1, 7)
    assert "7 rows" in caplog.text and "<|pad|>" in caplog.text
    found = load_file(source.parent / "ours" / "model.safetensors")["embedding/embeddings"]
    assert len(found) == gpt2.IDS + 1


def test_where_the_end_has_another_name_config_says_which_it_is(source):
    document = gpt2.tokenizer()
    document["added_tokens"] = [gpt2.added(gpt2.IDS - 1, "</s>")]
    vocab = document["model"]["vocab"]
    del vocab[gpt2.END]
    gpt2.write(source, document=document)
    assert read_manifest(imported(source)).facts["left_out"] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model_type": "llama"}, r"type gpt2.*config\.json: model_type 'llama'"),
        ({"activation_function": "relu"}, r"activation_function: .*gelu_new.*received: relu"),
        ({"layer_norm_epsilon": 1e-6}, "layer_norm_epsilon"),
        ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx"),
        ({"n_head": 3}, r"width \(8\) must be a multiple of 3"),
        ({"n_embd": 16}, r"weights must fit config\.json.*h\.0\.attn\.c_attn\.bias is \(24,\), expected \(48,\)"),
        ({"n_layer": 3}, r"h\.2\.attn\.c_attn\.bias is absent"),
        ({"tie_word_embeddings": False}, r"lm_head\.weight is absent"),
        ({"vocab_size": 9}, r"ids up to \d+, and an embedding of 9 rows"),
    ],
)
def test_a_config_that_ours_cannot_be_or_that_fits_nothing(source, change, words):
    (source / "config.json").write_text(json.dumps(gpt2.config(**change)))
    refuses(source, words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"normalizer": {"type": "Lowercase"}}, "normalizer"),
        ({"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True}}, "add_prefix_space"),
        ({"pre_tokenizer": {"type": "Metaspace"}}, "ByteLevel"),
        ({"model": {"type": "WordPiece", "vocab": {}, "merges": []}}, "BPE"),
        ({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b c"]}}, "nothing|token"),
    ],
)
def test_a_tokenizer_of_another_kind(source, change, words):
    gpt2.write(source, document=gpt2.tokenizer(**change))
    refuses(source, f"byte-level BPE.*tokenizer\\.json.*({words})")


def test_a_merge_of_what_is_no_token(source):
    document = gpt2.tokenizer()
    document["model"]["merges"].append("the cat")
    gpt2.write(source, document=document)
    refuses(source, "can't be loaded")


def test_two_tokens_of_one_id(source):
    document = gpt2.tokenizer()
    document["model"]["vocab"]["Ġin"] = 5
    gpt2.write(source, document=document)
    refuses(source, "two tokens have one id")


def test_a_text_must_end(source):
    document = gpt2.tokenizer(added_tokens=[])
    del document["model"]["vocab"][gpt2.END]
    gpt2.write(source, gpt2.config(eos_token_id=None), document)
    refuses(source, "neither eos_token_id None")


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("config.json", r"config\.json"),
        ("model.safetensors", r"holds model\.safetensors"),
        ("tokenizer.json", r"tokenizer\.json, or vocab\.json and merges\.txt"),
    ],
)
def test_a_missing_file_is_named(source, missing, words):
    (source / missing).unlink()
    refuses(source, words)


def test_a_pickle_is_never_loaded(source):
    (source / "model.safetensors").unlink()
    (source / "pytorch_model.bin").write_bytes(pickle.dumps({}))
    refuses(source, r"pickle can run any code.*save_pretrained")


@pytest.mark.parametrize("name", ["../elsewhere.safetensors", "/etc/hosts", ""])
def test_an_index_names_nothing_outside(source, name):
    (source / "model.safetensors").unlink()
    (source / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"wte.weight": name}}))
    refuses(source, "names files beside it")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff" * 100])
def test_a_damaged_file_is_one_error(source, name, content):
    (source / name).write_bytes(content)
    refuses(source, name.replace(".", r"\."))
