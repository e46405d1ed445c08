"""A trained model for the commands that use one directly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flows.cli.extras import resolved_model
from textgen_core.numerics import Device

if TYPE_CHECKING:
    from textgen_core.models.interface import LanguageModel
    from textgen_core.tokenization.interface import Tokenizer


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model, its tokenizer, and the kind of device it computes on."""

    model: LanguageModel
    tokenizer: Tokenizer
    device: str


@contextmanager
def loaded(
    reference: str, registry: str | None, device: Device, check: Callable[[Path], None] | None = None
) -> Iterator[Loaded]:
    """The model of a directory, or of a role in a registry, on its device within the block.

    Args:
        check: refuses, before anything heavy is loaded, a directory whose model can't do what is asked.

    Raises:
        DatasetError: there is no finished model directory.
        SettingsError: the device is not there.
    """
    from textgen_core.datasets.manifest import read_manifest

    directory = resolved_model(reference, registry)
    read_manifest(directory)  # before TensorFlow is imported: a wrong name is told at once
    if check is not None:
        check(directory)
    from textgen_core.models.backend import on_device, prepare_device
    from textgen_core.models.directory import load_model
    from textgen_core.tokenization.tokenizers import load_tokenizer

    kind = prepare_device(device)
    with on_device(kind):
        yield Loaded(load_model(directory), load_tokenizer(directory / "tokenizer.json"), kind)
