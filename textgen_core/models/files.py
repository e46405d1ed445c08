"""A model on disk: config.json (ours, validated) and model.safetensors. Nothing in it is ever executed.

No Keras here: a model can be read and written as arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from textgen_core.datasets.stage import write_file
from textgen_core.errors import DatasetError
from textgen_core.models.config import CONFIG, WEIGHTS, first_line
from textgen_core.models.settings import Architecture

Weights = Mapping[str, np.ndarray]
"""Arrays, float32 or uint32, by the names they have on disk, e.g. ``block_0/attention/qkv/kernel``."""


def write_model(config: Architecture, weights: Weights, directory: Path) -> None:
    """Write config.json and model.safetensors, each whole or not at all."""
    dtypes = {name: np.uint32 if array.dtype.kind == "u" else np.float32 for name, array in weights.items()}
    plain = {name: np.ascontiguousarray(array, dtypes[name]) for name, array in weights.items()}
    write_file(directory / WEIGHTS, save(plain))
    absent = set() if config.pairs else {"pairs"}  # so that all other models keep their digests
    write_file(directory / CONFIG, config.model_dump_json(indent=1, exclude=absent).encode())


def read_weights(directory: Path) -> dict[str, np.ndarray]:
    """The arrays of model.safetensors.

    Raises:
        DatasetError: the file is missing or damaged.
    """
    path = directory / WEIGHTS
    try:
        weights: dict[str, np.ndarray] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise DatasetError(
            "model.safetensors must be readable", f"{path}: {first_line(error)}", "Restore it, or train again"
        ) from None
    return weights


Shapes = Mapping[str, tuple[int, ...]]


def misfit(expected: Shapes, found: Shapes) -> str:
    """The first name whose shapes differ, in words; nothing where all fit."""
    names = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if not names:
        return ""
    return f"{names[0]} is {found.get(names[0], 'absent')}, expected {expected.get(names[0], 'absent')}"
