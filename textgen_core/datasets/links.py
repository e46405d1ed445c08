"""Names for finished directories: symbolic links that change over in one atomic step."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from textgen_core.errors import DatasetError


def point(link: Path, target: Path) -> None:
    """Make link lead to target. The link is relative, so that both can be moved or archived together.

    Raises:
        DatasetError: a folder that is no link has the name.
    """
    link = Path(os.path.abspath(link))
    if link.is_dir() and not link.is_symlink():
        raise DatasetError("the name of a dataset must be free", f"{link}, a folder", "Move it away; nothing is lost")
    link.parent.mkdir(parents=True, exist_ok=True)
    relative = os.path.relpath(target, link.parent)
    _clear(link)
    while not _leads(link, relative):
        with suppress(FileNotFoundError, FileExistsError):
            _change(link, relative)
            return
        _clear(link)


def _clear(link: Path) -> None:
    """Remove what a process left that was killed while it changed the link. One that is alive will try again."""
    for temporary in link.parent.glob(f".{link.name}.*.tmp"):
        temporary.unlink(missing_ok=True)


def _leads(link: Path, relative: str) -> bool:
    return link.is_symlink() and os.readlink(link) == relative  # noqa: PTH115


def _change(link: Path, relative: str) -> None:
    temporary = link.with_name(f".{link.name}.{os.getpid()}.tmp")
    temporary.symlink_to(relative)
    temporary.replace(link)
