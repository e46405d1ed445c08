"""What results depend on besides their inputs: part of the run key of stages that compute, or that part text."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import unicodedata
from ctypes.util import find_library
from functools import cache
from pathlib import Path
from typing import Literal

Device = Literal["auto", "cpu", "gpu"]
NODES = Path("/dev")


def resolve_device(device: Device) -> Literal["cpu", "gpu"]:
    """``auto`` is the GPU where the machine has an NVIDIA one, and what TensorFlow needs for it is installed.

    Does not import TensorFlow.
    """
    if device == "auto":
        return "gpu" if has_gpu() and _has_cudnn() else "cpu"
    return device


def has_gpu() -> bool:
    """Whether the machine has an NVIDIA GPU, and the environment doesn't hide it."""
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return not hidden and any(NODES.glob("nvidia[0-9]*"))


@cache
def _has_cudnn() -> bool:
    """By the gpu extra, or by the system: what TensorFlow can't do without, and other users of a GPU rarely have."""
    by_the_extra = importlib.util.find_spec("nvidia") and importlib.util.find_spec("nvidia.cudnn")
    return by_the_extra is not None or find_library("cudnn") is not None


def numerics(device: Device) -> dict[str, str]:
    """Versions of the computing libraries and the kind of device, for the run key."""
    kind = resolve_device(device)
    return {
        "tensorflow": importlib.metadata.version("tensorflow"),
        "keras": importlib.metadata.version("keras"),
        "numpy": importlib.metadata.version("numpy"),  # its generators promise no stream beyond a version
        "device": f"cpu {_instruction_set()}" if kind == "cpu" else "gpu",
    }


def wording() -> dict[str, str]:
    """Versions of what parts text into words and sentences, for the run key of stages that do."""
    return {"regex": importlib.metadata.version("regex"), "unicode": unicodedata.unidata_version}


def _instruction_set() -> str:
    """The widest vector instructions: kernels, and so the last bits of sums, are chosen by them."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return platform.machine()
    widest = next((flag for flag in ("avx512_bf16", "avx512f", "avx2") if flag in flags), "")
    return f"{platform.machine()} {widest}".strip()
