"""What floating-point results depend on besides their inputs: part of the run key of stages that compute."""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path
from typing import Literal

Device = Literal["auto", "cpu", "gpu"]


def resolve_device(device: Device) -> Literal["cpu", "gpu"]:
    """``auto`` is the GPU where the machine has an NVIDIA one. Does not import TensorFlow."""
    if device == "auto":
        return "gpu" if Path("/dev/nvidia0").exists() else "cpu"
    return device


def numerics(device: Device) -> dict[str, str]:
    """Versions of the computing libraries and the kind of device, for the run key."""
    kind = resolve_device(device)
    return {
        "tensorflow": importlib.metadata.version("tensorflow"),
        "keras": importlib.metadata.version("keras"),
        "numpy": importlib.metadata.version("numpy"),  # its generators promise no stream beyond a version
        "device": f"cpu {_instruction_set()}" if kind == "cpu" else "gpu",
    }


def _instruction_set() -> str:
    """The widest vector instructions: kernels, and so the last bits of sums, are chosen by them."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return platform.machine()
    widest = next((flag for flag in ("avx512_bf16", "avx512f", "avx2") if flag in flags), "")
    return f"{platform.machine()} {widest}".strip()
