"""A model from a directory, and into one."""

from __future__ import annotations

from pathlib import Path

from textgen_core.errors import DatasetError
from textgen_core.models.config import WEIGHTS, read_config
from textgen_core.models.families import build_model
from textgen_core.models.files import misfit, read_weights, write_model
from textgen_core.models.interface import LanguageModel
from textgen_core.models.settings import Architecture, ModelSettings


def weight_name(path: str) -> str:
    """A weight's name on disk: its Keras path without the model's own name, e.g. ``lstm_0/kernel``."""
    return path.split("/", 1)[1]


def save_model(model: LanguageModel, settings: ModelSettings, directory: Path) -> None:
    """Write config.json and model.safetensors (float32), each whole or not at all."""
    weights = {weight_name(weight.path): weight.numpy() for weight in model.weights}
    write_model(Architecture(vocab_size=model.vocab_size, model=settings), weights, directory)


def load_model(directory: Path, dtype: str = "float32") -> LanguageModel:
    """The model that a training directory holds.

    Raises:
        DatasetError: a file is missing, damaged, or the weights don't fit the configuration.
    """
    config = read_config(directory)
    model = build_model(config.model, config.vocab_size, dtype)
    load_weights(model, directory)
    return model


def load_weights(model: LanguageModel, directory: Path) -> None:
    """Put the weights of a directory into a model of the same architecture.

    Raises:
        DatasetError: the file is missing or damaged, or names or shapes differ.
    """
    weights = read_weights(directory)
    expected = {weight_name(weight.path): tuple(weight.shape) for weight in model.weights}
    if wrong := misfit(expected, {name: array.shape for name, array in weights.items()}):
        raise DatasetError(
            "weights must fit the configuration",
            f"{directory / WEIGHTS}: {wrong}",
            "Restore the pair of config.json and model.safetensors, or train again",
        )
    for weight in model.weights:
        weight.assign(weights[weight_name(weight.path)])
