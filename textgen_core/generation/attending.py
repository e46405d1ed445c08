"""Which models have attention to show: told by their configuration, before anything heavy is loaded."""

from __future__ import annotations

from pathlib import Path

from textgen_core.errors import InputError
from textgen_core.models.config import read_config
from textgen_core.models.seq2seq_settings import attends


def check_attention(directory: Path) -> None:
    """Raise unless the model of this directory is an encoder-decoder that looks at its source.

    Raises:
        InputError: it is none.
        DatasetError: the directory holds no configuration of ours.
    """
    settings = read_config(directory).model
    if not attends(settings):
        raise no_attention(settings.label)


def no_attention(received: str) -> InputError:
    """The refusal of a model without."""
    return InputError(
        "attention is shown of an encoder-decoder that pays it to a source",
        received,
        "Name a model of a family seq2seq-.., trained with attention dot or additive where there is a choice",
    )
