"""What a stage reads of another's directory, as its run key knows it: by a digest of what must be there."""

from __future__ import annotations

from pathlib import Path

from textgen_core.datasets.manifest import read_manifest
from textgen_core.errors import DatasetError

MAKERS = {
    "documents": "`textgen ingest`",
    "sequences": "`textgen tokenize`",
    "generations": "`textgen generate`",
    "config.json": "`textgen train` or `textgen import`",
    "model.safetensors": "`textgen train` or `textgen import`",
    "tokenizer.json": "`textgen tokenize` or `textgen train`",
}
"""The commands that make a dataset or a file that stages read."""


def digest_of(directory: Path, *names: str) -> str:
    """SHA-256 (hex) of the datasets and files of these names in a finished stage directory; the first says its kind.

    Raises:
        DatasetError: it is not finished, or lacks one of them: it is of another kind.
    """
    manifest = read_manifest(directory)
    held = {file.path.split("/")[0] for file in manifest.files}
    lacking = next((name for name in names if name not in held), None)
    if lacking is not None:
        raise DatasetError(
            f"what is read here must hold {lacking}",
            f"{directory}, made by {manifest.key.stage}",
            f"Name what {MAKERS[lacking]} made",
        )
    return manifest.digest(*names)
