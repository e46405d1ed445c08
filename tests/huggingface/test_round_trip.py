"""In and out again: nothing is lost but what has no meaning, and no bit of what is kept changes."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from tests.huggingface import gpt2
from textgen_core.datasets.verify import verify
from textgen_core.errors import DatasetError
from textgen_core.huggingface.exporting import export_key, export_model
from textgen_core.huggingface.importing import import_model
from textgen_core.huggingface.settings import ExportSettings, ImportSettings
from textgen_core.huggingface.tensors import OUR_INPUT, names, to_ours, to_theirs
from textgen_core.models.config import MODEL_FILES, read_config
from textgen_core.models.directory import load_model, save_model
from textgen_core.models.families import build_model
from textgen_core.models.files import read_weights, write_model
from textgen_core.models.seq2seq_settings import Seq2SeqTransformerSettings
from textgen_core.models.settings import RNNSettings, TransformerSettings
from textgen_core.progress import silent
from textgen_core.tokenization.byte import ByteTokenizer
from textgen_core.tokenization.interface import END, PAD
from textgen_core.tokenization.settings import SubwordSettings
from textgen_core.tokenization.subword import SubwordTokenizer
from textgen_core.tokenization.tokenizers import dump, load_tokenizer

AS_GPT2 = {"norm": "layer", "positions": "learned", "activation": "gelu", "biases": "layers"}
TINY = {"layers": 1, "width": 8, "heads": 2, "context": 16}
TEXTS = ["the cat in the hat", "  Ünïcode\n\tis spelt: 日本", f"a {gpt2.END} in a text is text", ""]


def imported(source, output):
    import_model(ImportSettings(source=source, output=output), silent)
    return output


def exported(model, output):
    export_model(ExportSettings(model=model, output=output), silent)
    return output


def content(directory, names=MODEL_FILES):
    return {name: (directory / name).read_bytes() for name in names}


def ours(directory, settings=None, tokenizer=None):
    """A directory with a model of ours, as a training leaves it."""
    from textgen_core.datasets.manifest import RunKey
    from textgen_core.datasets.stage import run_stage

    model = settings or TransformerSettings(**TINY, **AS_GPT2)
    tokenizer = tokenizer or SubwordTokenizer.fit(SubwordSettings(vocab_size=300), [TEXTS * 5])

    def body(partial):
        save_model(build_model(model, tokenizer.vocab_size), model, partial)
        (partial / "tokenizer.json").write_bytes(dump(tokenizer))
        return {}

    run_stage(RunKey(stage="t", code_version=1, schema_version=1, settings={}, inputs={}, numerics={}), directory, body)
    return directory


@pytest.mark.parametrize("tied", [True, False])
def test_what_is_imported_comes_out_as_it_went_in(tmp_path, tied):
    source = gpt2.write(tmp_path / "theirs", gpt2.config(tie_word_embeddings=tied))
    first = imported(source, tmp_path / "first")
    back = exported(first, tmp_path / "back")
    given, found = load_file(source / "model.safetensors"), load_file(back / "model.safetensors")
    assert given.keys() == found.keys()
    for name in given:
        np.testing.assert_array_equal(found[name], given[name], err_msg=name)
    again = imported(back, tmp_path / "again")
    assert content(again) == content(first)
    assert content(exported(again, tmp_path / "twice")) == content(back)
    assert verify(first) == verify(back) == []


def test_a_model_of_ours_comes_back_with_the_same_tokenizer_config_and_logits(tmp_path):
    first = ours(tmp_path / "ours")
    again = imported(exported(first, tmp_path / "theirs"), tmp_path / "again")
    same = ("config.json", "tokenizer.json")
    assert content(again, same) == content(first, same)
    tokens = np.array([[END, 7, 9, 8]], "int32")
    np.testing.assert_array_equal(load_model(again)(tokens), load_model(first)(tokens))


@given(st.permutations(range(6)), st.booleans())
@settings(max_examples=20, deadline=None)
def test_rows_go_where_the_ids_say_and_back(ids, tied):
    config = gpt2.config(vocab_size=6, tie_word_embeddings=tied)
    theirs = {name.removeprefix("transformer."): tensor for name, tensor in gpt2.tensors(config).items()}
    model = TransformerSettings(layers=2, width=8, heads=2, tied=tied, **AS_GPT2)
    mine = to_ours(theirs, model, ids)
    np.testing.assert_array_equal(mine[OUR_INPUT][1:], theirs["wte.weight"][ids])
    assert not mine[OUR_INPUT][PAD].any()
    back = to_theirs(mine, model, ids)
    assert back.keys() == theirs.keys()
    for name, tensor in theirs.items():
        np.testing.assert_array_equal(back[name], tensor)


def test_every_weight_of_the_model_has_a_name_in_theirs():
    model = build_model(TransformerSettings(layers=2, width=8, heads=2, **AS_GPT2), 5)
    weights = {weight.path.split("/", 1)[1] for weight in model.weights}
    assert weights == {*names(2).values(), OUR_INPUT}


@pytest.mark.parametrize("first", [False, True])
def test_ids_are_theirs_moved_up(tmp_path, first):
    end = 0 if first else gpt2.IDS - 1
    source = gpt2.write(tmp_path / "theirs", gpt2.config(eos_token_id=end), gpt2.tokenizer(first))
    tokenizer = load_tokenizer(imported(source, tmp_path / "ours"))
    assert tokenizer.vocab_size == gpt2.IDS + 1
    theirs = Tokenizer.from_file(str(source / "tokenizer.json"))
    up = 1 if first else 2  # above an end that is first there is one id less
    for text in TEXTS:
        plain = text.replace(gpt2.END, "")  # theirs takes it for the token
        assert tokenizer.encode([plain])[0] == [id + up for id in theirs.encode(plain).ids]
        assert tokenizer.decode(tokenizer.encode([text])[0]) == text
    again = Tokenizer.from_file(str(exported(tmp_path / "ours", tmp_path / "back") / "tokenizer.json"))
    assert again.token_to_id(gpt2.END) == gpt2.IDS - 1
    assert [id + 2 for id in again.encode("the cat").ids] == tokenizer.encode(["the cat"])[0]


def test_an_export_says_what_ends_a_text(tmp_path):
    back = exported(imported(gpt2.write(tmp_path / "theirs"), tmp_path / "ours"), tmp_path / "back")
    config = json.loads((back / "config.json").read_text())
    assert config["eos_token_id"] == config["bos_token_id"] == config["vocab_size"] - 1 == gpt2.IDS - 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (RNNSettings(units=4), "only a Transformer.*LSTM, 1 x 4.* --family transformer --norm layer "),
        (
            TransformerSettings(**TINY),
            "norm rms, not layer, positions rotary, not learned, .*Train one with --family transformer --norm layer",
        ),
        (TransformerSettings(**TINY, **AS_GPT2, key_value_heads=1), "key_value_heads 1, not 2"),
    ],
)
def test_what_is_no_gpt2_is_not_exported(tmp_path, settings, words):
    with pytest.raises(DatasetError, match=words):
        exported(ours(tmp_path / "ours", settings), tmp_path / "theirs")
    assert not (tmp_path / "theirs").exists()


def test_a_model_of_pairs_is_not_exported(tmp_path):
    home = ours(tmp_path / "ours")
    config = read_config(home).model_copy(update={"pairs": True})
    write_model(config, read_weights(home), home)
    with pytest.raises(DatasetError, match=r"a model of pairs\. Train .*without `--pairs`"):
        export_key(ExportSettings(model=home, output=tmp_path / "theirs"))


def test_an_encoder_decoder_is_refused_as_a_model_of_pairs(tmp_path):
    home = ours(tmp_path / "ours", Seq2SeqTransformerSettings(**TINY))
    config = read_config(home).model_copy(update={"pairs": True})
    write_model(config, read_weights(home), home)
    with pytest.raises(DatasetError, match="a model of pairs"):
        export_key(ExportSettings(model=home, output=tmp_path / "theirs"))


def test_a_tokenizer_that_gpt2_has_not_is_not_exported(tmp_path):
    with pytest.raises(DatasetError, match=r"byte-level BPE; received: .*: byte"):
        export_key(ExportSettings(model=ours(tmp_path / "ours", tokenizer=ByteTokenizer()), output=tmp_path / "theirs"))
