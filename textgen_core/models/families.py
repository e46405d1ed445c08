"""The families by name, and how a model is made from its settings."""

from __future__ import annotations

from typing import Any

from textgen_core.models.cnn import CNNModel
from textgen_core.models.interface import LanguageModel
from textgen_core.models.rnn import RNNModel
from textgen_core.models.settings import CNNSettings, ModelSettings, RNNSettings, TransformerSettings
from textgen_core.models.transformer import TransformerModel

FAMILIES: dict[str, tuple[type[Any], type[LanguageModel]]] = {
    "rnn": (RNNSettings, RNNModel),
    "cnn": (CNNSettings, CNNModel),
    "transformer": (TransformerSettings, TransformerModel),
}


def build_model(settings: ModelSettings, vocab_size: int, dtype: str = "float32") -> LanguageModel:
    """A model with fresh weights. dtype: a Keras policy, ``float32`` or ``mixed_bfloat16``."""
    _, model = FAMILIES[settings.family]
    return model(settings, vocab_size, dtype=dtype)


def count_parameters(model: LanguageModel) -> int:
    """The number of weights."""
    return sum(int(weight.value.shape.num_elements()) for weight in model.weights)
