"""A model from a directory, and into one."""

from __future__ import annotations

from pathlib import Path

from textgen_core.errors import DatasetError
from textgen_core.models.config import WEIGHTS, read_config
from textgen_core.models.families import build_model
from textgen_core.models.files import Weights, misfit, read_weights, write_model
from textgen_core.models.interface import LanguageModel
from textgen_core.models.settings import Architecture, ModelSettings


def weight_name(path: str) -> str:
    """A weight's name on disk: its Keras path without the model's own name, e.g. ``lstm_0/kernel``."""
    return path.split("/", 1)[1]


def save_model(model: LanguageModel, settings: ModelSettings, directory: Path) -> None:
    """Write config.json and model.safetensors, each whole or not at all."""
    weights = {weight_name(weight.path): weight.numpy() for weight in model.weights}
    write_model(Architecture(vocab_size=model.vocab_size, model=settings, pairs=model.pairs), weights, directory)


def load_model(directory: Path) -> LanguageModel:
    """The model that a training directory holds.

    Raises:
        DatasetError: a file is missing, damaged, or the weights don't fit the configuration.
    """
    config = read_config(directory)
    model = build_model(config.model, config.vocab_size)
    model.pairs = config.pairs
    load_weights(model, directory)
    return model


def load_weights(model: LanguageModel, directory: Path) -> None:
    """Put the weights of a directory into a model of the same architecture.

    Raises:
        DatasetError: the file is missing or damaged, or names or shapes differ.
    """
    try:
        put_weights(model, read_weights(directory))
    except ValueError as error:
        raise DatasetError(
            "weights must fit the configuration",
            f"{directory / WEIGHTS}: {error}",
            "Restore the pair of config.json and model.safetensors, or train again",
        ) from None


def put_weights(model: LanguageModel, weights: Weights) -> None:
    """Give a model its weights by their names on disk.

    Raises:
        ValueError: names or shapes differ.
    """
    shapes = {name: array.shape for name, array in weights.items()}
    if not model.built:  # an n-gram's tables are as large as its corpus made them
        model.build(shapes)
    if wrong := misfit({weight_name(weight.path): tuple(weight.shape) for weight in model.weights}, shapes):
        raise ValueError(wrong)
    for weight in model.weights:
        weight.assign(weights[weight_name(weight.path)])
