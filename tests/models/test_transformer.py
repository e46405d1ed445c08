import numpy as np
import pytest
from pydantic import ValidationError

from textgen_core.models.families import build_model
from textgen_core.models.seq2seq_settings import Seq2SeqTransformerSettings
from textgen_core.models.settings import TransformerSettings
from textgen_core.tokenization.interface import PAD

TOKENS = np.array([[1, 4, 2, 4]], "int32")


def test_names_of_the_default_are_those_of_older_files():
    names = {weight.path.split("/", 1)[1] for weight in build_model(TransformerSettings(layers=1), 5).weights}
    assert names == {
        "embedding/embeddings",
        "embedding/output_bias",
        "block_0/attention_norm/scale",
        "block_0/attention/qkv/kernel",
        "block_0/attention/merge/kernel",
        "block_0/feed_norm/scale",
        "block_0/gate_up/kernel",
        "block_0/down/kernel",
        "norm/scale",
    }


def test_an_older_config_is_the_default():
    old = {"family": "transformer", "layers": 1, "width": 32, "heads": 2, "context": 64, "feed_forward": None}
    settings = TransformerSettings.model_validate(old | {"dropout": 0.0})
    assert settings == TransformerSettings(layers=1, width=32, heads=2, context=64)
    assert (settings.norm, settings.positions, settings.activation) == ("rms", "rotary", "swiglu")


def test_shared_keys_take_their_share_of_the_cache():
    model = build_model(TransformerSettings(layers=1, width=24, heads=6, key_value_heads=2), 5)
    assert model.init_state(3, 128)["blocks"][0]["k"].shape == (3, 2, 128, 4)


def test_without_a_bias_at_the_output_padding_has_no_probability():
    logits = np.asarray(build_model(TransformerSettings(layers=1, width=8, heads=1, biases="layers"), 5)(TOKENS))
    shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
    assert (shares[..., PAD] == 0).all() and (shares[..., 1:] > 0).all()


@pytest.mark.parametrize("width", [48, 768])
@pytest.mark.parametrize("settings", [TransformerSettings, Seq2SeqTransformerSettings])
def test_initial_weights_are_gpt2s_at_its_width_and_larger_in_narrower_models(settings, width):
    """All matrices alike, but the last of a branch: smaller by the root of the branches."""
    model = build_model(settings(layers=2, width=width, heads=2, feed_forward=64), 300)
    stddev, branches = 0.02 * (768 / width) ** 0.5, {"merge", "down"}
    for weight in model.weights:
        if len(weight.shape) == 2:
            share = 0.5 if weight.path.split("/")[-2] in branches else 1
            assert np.std(weight.numpy()) == pytest.approx(share * stddev, rel=0.05), weight.path


def test_learned_positions_tell_places_apart():
    """Two of the same token see the same where nothing else tells them apart."""
    last = []
    for positions in ("learned", "rotary"):
        model = build_model(TransformerSettings(layers=1, width=8, heads=2, positions=positions), 5)
        logits = np.asarray(model(np.array([[3, 3]], "int32")))[0]
        last.append(np.allclose(logits[0], logits[1], atol=1e-5))
    assert last == [False, True]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"width": 20, "heads": 4}, r"width \(20\) must be a multiple of 8, twice the heads"),
        ({"width": 21, "heads": 4, "positions": "learned"}, r"multiple of 4, the heads"),
        ({"width": 48, "heads": 6, "key_value_heads": 4}, r"key_value_heads \(4\) must divide heads \(6\)"),
        ({"width": 48, "heads": 2, "key_value_heads": 4}, r"key_value_heads \(4\) must divide heads \(2\)"),
    ],
)
def test_heads_that_do_not_fit_are_refused(change, words):
    with pytest.raises(ValidationError, match=words):
        TransformerSettings(**change)
