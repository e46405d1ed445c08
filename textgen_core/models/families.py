"""The families by name, and how a model is made from its settings."""

from __future__ import annotations

from textgen_core.models.cnn import CNNModel
from textgen_core.models.interface import LanguageModel
from textgen_core.models.ngram import NgramModel
from textgen_core.models.rnn import RNNModel
from textgen_core.models.seq2seq_cnn import Seq2SeqCNNModel
from textgen_core.models.seq2seq_rnn import Seq2SeqRNNModel
from textgen_core.models.seq2seq_transformer import Seq2SeqTransformerModel
from textgen_core.models.settings import ModelSettings
from textgen_core.models.transformer import TransformerModel

FAMILIES: dict[str, type[LanguageModel]] = {
    "rnn": RNNModel,
    "cnn": CNNModel,
    "transformer": TransformerModel,
    "ngram": NgramModel,
    "seq2seq-rnn": Seq2SeqRNNModel,
    "seq2seq-cnn": Seq2SeqCNNModel,
    "seq2seq-transformer": Seq2SeqTransformerModel,
}


def build_model(settings: ModelSettings, vocab_size: int, dtype: str = "float32") -> LanguageModel:
    """A model with fresh weights. dtype: a Keras policy, ``float32`` or ``mixed_bfloat16``.

    An n-gram model has none yet: how large its tables are follows from data. ``build`` makes them.
    """
    return FAMILIES[settings.family](settings, vocab_size, dtype=dtype)


def count_parameters(model: LanguageModel) -> int:
    """The number of weights; whole numbers, by which tables are looked up, are none."""
    weights = [weight for weight in model.weights if weight.dtype.startswith("float")]
    return sum(int(weight.value.shape.num_elements()) for weight in weights)
