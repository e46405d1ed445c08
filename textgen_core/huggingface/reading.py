"""The tensors of a Hugging Face directory: safetensors only, in one file or in shards."""

from __future__ import annotations

from pathlib import Path

import ml_dtypes  # noqa: F401  # with it NumPy has bfloat16
import numpy as np
from safetensors import SafetensorError, safe_open

from textgen_core.errors import InputError
from textgen_core.huggingface.config import read_json
from textgen_core.huggingface.tensors import OUTPUT, shapes
from textgen_core.models.config import first_line
from textgen_core.models.files import misfit
from textgen_core.models.settings import TransformerSettings

WEIGHTS, INDEX, PICKLE = "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"
BUFFERS = (".attn.bias", ".attn.masked_bias")
"""Masks that older versions of transformers saved among the weights."""


def weight_files(directory: Path) -> list[Path]:
    """The files that hold the weights.

    Raises:
        InputError: there are none, or they are pickled.
    """
    if (directory / WEIGHTS).exists():
        return [directory / WEIGHTS]
    if (directory / INDEX).exists():
        return _shards(directory)
    if (directory / PICKLE).exists():
        raise InputError(
            "weights must be safetensors: a pickle can run any code when it is loaded",
            str(directory / PICKLE),
            "Convert it where you trust it: transformers' save_pretrained writes model.safetensors",
        )
    raise InputError(f"a Hugging Face directory holds {WEIGHTS}", str(directory), "Check its name, or download it")


def _shards(directory: Path) -> list[Path]:
    weight_map = read_json(directory / INDEX).get("weight_map")
    files = sorted({str(name) for name in weight_map.values()}) if isinstance(weight_map, dict) else []
    if not files or any(Path(name).name != name or not name.endswith(".safetensors") for name in files):
        raise InputError(
            "an index of weights names files beside it", f"{directory / INDEX}: {files!r:.80}", "Download it again"
        )
    if absent := [name for name in files if not (directory / name).is_file()]:
        raise InputError(
            "a Hugging Face directory must be whole", f"{directory} without {absent[0]}", "Download it again"
        )
    return [directory / name for name in files]


def read_tensors(directory: Path, settings: TransformerSettings, ids: int) -> dict[str, np.ndarray]:
    """A GPT-2's tensors in float32, by their names without ``transformer.``.

    Raises:
        InputError: a file is missing or damaged, or names or shapes don't fit config.json.
    """
    found: dict[str, np.ndarray] = {}
    for path in weight_files(directory):
        found |= {name.removeprefix("transformer."): tensor for name, tensor in _read(path).items()}
    unused = {name for name in found if name.endswith(BUFFERS)} | ({OUTPUT} if settings.tied else set())
    tensors = {name: np.asarray(tensor, np.float32) for name, tensor in found.items() if name not in unused}
    if wrong := misfit(shapes(settings, ids), {name: tensor.shape for name, tensor in tensors.items()}):
        raise InputError("weights must fit config.json", f"{directory}: {wrong}", "Download both again, as one model")
    return tensors


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, TypeError) as error:
        raise InputError("safetensors must be readable", f"{path}: {first_line(error)}", "Download it again") from None
