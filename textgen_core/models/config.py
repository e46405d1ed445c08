"""config.json of a model directory. No Keras here: it's read long before a model is built."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from textgen_core.errors import DatasetError
from textgen_core.models.settings import Architecture

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
MODEL_FILES = (CONFIG, WEIGHTS, "tokenizer.json")
"""What a model is: by their digest it is known to whatever is made from it."""


def read_config(directory: Path) -> Architecture:
    """The validated config.json.

    Raises:
        DatasetError: it is missing or no configuration of ours.
    """
    path = directory / CONFIG
    try:
        return Architecture.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise DatasetError(
            "a model directory holds a config.json of ours",
            f"{path}: {first_line(error)}",
            "Name a training output; of Hugging Face's models, what `textgen import` made",
        ) from None


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return (str(error).splitlines() or [type(error).__name__])[0]
