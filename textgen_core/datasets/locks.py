"""A lock that a file stands for, in a folder that is made for it."""

from __future__ import annotations

from pathlib import Path

import filelock

from textgen_core.errors import DatasetError

REFUSALS = (FileExistsError, FileNotFoundError, NotADirectoryError, PermissionError)
"""What a place says that nobody can write to. A full or failing disk says something else, and may do better later."""


def lock_at(path: Path) -> filelock.BaseFileLock:
    """The lock of a file, which is there afterwards: filelock takes a folder that holds none for a lock in use.

    Raises:
        DatasetError: nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except REFUSALS as error:
        raise DatasetError(
            "an output needs a folder that can be written to",
            f"{path.parent} (the system says of {error.filename}: {error.strerror})",
            "Choose another output",
        ) from None
    return filelock.FileLock(path)
