"""What is shown of attention is that of the very text that would have been written."""

from contextlib import nullcontext

import numpy as np
import pytest

from tests.decoding.letters import Letters
from textgen_core.errors import InputError
from textgen_core.generation.alignment import align
from textgen_core.generation.attending import check_attention
from textgen_core.generation.preview import continue_prompt
from textgen_core.generation.settings import GenerationOptions
from textgen_core.models.families import build_model
from textgen_core.models.seq2seq_settings import Seq2SeqCNNSettings, Seq2SeqRNNSettings
from textgen_core.models.settings import Architecture, RNNSettings
from textgen_core.tokenization.settings import ByteSettings
from textgen_core.tokenization.tokenizers import fit_tokenizer

LETTERS = Letters(8)
OPTIONS = GenerationOptions(max_new_tokens=12)


def model_of(settings, tokenizer=LETTERS):
    model = build_model(settings, tokenizer.vocab_size)
    for i, weight in enumerate(model.weights):  # far from uniform: END comes, and attention has its favourites
        weight.assign(np.random.default_rng(i).normal(size=weight.shape))
    model.pairs = True
    return model


@pytest.fixture(scope="module")
def model():
    return model_of(Seq2SeqRNNSettings(cell="gru", units=8))


def test_every_token_of_the_target_looked_somewhere_in_the_source(model):
    found = align(model, LETTERS, "abcd", OPTIONS, prefix="ef")
    assert found.text == "".join(continue_prompt(model, LETTERS, "abcd", OPTIONS, prefix="ef"))
    assert found.source == ["", *"abcd"] and "".join(found.target) == "ef" + found.text
    assert found.weights.shape == (len(found.target), 5)
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, atol=1e-5)


def test_bytes_that_are_no_characters_show_their_digits():
    tokenizer = fit_tokenizer(ByteSettings(), iter([]))
    found = align(model_of(Seq2SeqRNNSettings(units=8), tokenizer), tokenizer, "né", OPTIONS)
    assert found.source == ["", "n", "C3", "A9"] and "\ufffd" not in "".join(found.target)


@pytest.mark.parametrize(
    ("settings", "named"),
    [(RNNSettings(units=8), "encoder-decoder"), (Seq2SeqRNNSettings(units=8, attention="none"), "attention none")],
)
def test_a_model_without_attention_is_refused(settings, named):
    with pytest.raises(InputError, match=named):
        align(model_of(settings), LETTERS, "abcd", OPTIONS)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (RNNSettings(units=8), "LSTM, 1 x 8"),
        (Seq2SeqRNNSettings(units=8, attention="none"), "no attention"),
        (Seq2SeqRNNSettings(units=8), None),
        (Seq2SeqCNNSettings(width=8), None),
    ],
)
def test_the_configuration_tells_it_too(tmp_path, settings, told):
    document = Architecture(vocab_size=9, model=settings, pairs=True).model_dump_json()
    (tmp_path / "config.json").write_text(document)
    with nullcontext() if told is None else pytest.raises(InputError, match=told):
        check_attention(tmp_path)
