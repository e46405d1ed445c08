"""Checkpoints: one file each, whole or not there at all, its name holding the hash of its content; two are kept."""

from __future__ import annotations

import hashlib
import logging
import re
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from textgen_core.datasets.stage import write_file
from textgen_core.training.run import Run

CHECKPOINTS = "checkpoints"
"""Where they lie in a training's scratch folder."""
KEPT = 2  # the newest, and one more should the newest be damaged
NAME = re.compile(r"step-(\d{9})-([0-9a-f]{16})\.safetensors")

log = logging.getLogger(__name__)

Arrays = dict[str, np.ndarray]


def write_checkpoint(directory: Path, run: Run, arrays: Arrays) -> None:
    """Add a checkpoint and drop the oldest."""
    directory.mkdir(exist_ok=True)
    plain = {name: np.asarray(array, order="C") for name, array in arrays.items()}  # keeps scalars without a dimension
    content = save(plain, {"run": run.model_dump_json()})
    write_file(directory / f"step-{run.step:09}-{_digest(content)}.safetensors", content)
    for path in _checkpoints(directory)[KEPT:]:
        path.unlink()


def read_checkpoint(directory: Path) -> tuple[Run, Arrays] | None:
    """The newest undamaged checkpoint, or None."""
    for path in _checkpoints(directory):
        try:
            return _read(path)
        except (OSError, ValueError, SafetensorError) as error:
            log.warning("Checkpoint %s is damaged (%s); the one before is used", path, error)
    return None


def newest_step(directory: Path) -> int:
    """The step of the newest checkpoint, by its name alone; 0 without any."""
    named = [NAME.fullmatch(path.name) for path in _checkpoints(directory)]
    return int(named[0][1]) if named and named[0] else 0


def _checkpoints(directory: Path) -> list[Path]:
    """Newest first."""
    return sorted((path for path in directory.glob("step-*") if NAME.fullmatch(path.name)), reverse=True)


def _read(path: Path) -> tuple[Run, Arrays]:
    expected = NAME.fullmatch(path.name)
    if expected is None or _digest(path.read_bytes()) != expected[2]:
        raise ValueError("its content has another hash than its name")
    with safe_open(path, framework="numpy") as file:
        run = Run.model_validate_json(file.metadata()["run"])
        return run, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
