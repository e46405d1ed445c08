"""Names for finished directories: symbolic links that change over in one atomic step."""

from __future__ import annotations

import os
from pathlib import Path


def point(link: Path, target: Path) -> None:
    """Make link lead to target. The link is relative, so that both can be moved or archived together."""
    link = Path(os.path.abspath(link))
    link.parent.mkdir(parents=True, exist_ok=True)
    relative = os.path.relpath(target, link.parent)
    if link.is_symlink() and os.readlink(link) == relative:  # noqa: PTH115
        return
    temporary = link.with_name(f".{link.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(relative)
    temporary.replace(link)
