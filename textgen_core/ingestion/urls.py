"""What a file found by an fsspec URL is called: a URL that leads to it alone, and gives no password away."""

from __future__ import annotations

from typing import Any

LINK = "::"
"""Between the parts of a chained URL, the outermost file last: ``zip://a.txt::s3://bucket/one.zip``."""


def url_of(path: str, files: Any, url: str, root: str) -> str:
    """The URL of one file.

    Args:
        path: of the file in its file system.
        files: the fsspec file system.
        url: what was typed, which may have been a glob or a folder.
        root: the path of that in the file system.
    """
    parts = url.split(LINK)
    own = next((place for place, part in enumerate(parts) if "://" in part), 0)  # a cache before it is no place
    return LINK.join([_own_part(path, files, parts[own], root), *map(_without_password, parts[own + 1 :])])


def without_link(url: str) -> str:
    """The first part of a chained URL, which ends with the file's own name."""
    return url.partition(LINK)[0]


def _own_part(path: str, files: Any, typed: str, root: str) -> str:
    """A path of some file systems says all; of others, the host or the repository is in the URL alone."""
    head = typed.rstrip("/").removesuffix(root.rstrip("/"))
    if _options(typed) and head != typed.rstrip("/"):
        return _without_password(head) + path
    return str(files.unstrip_protocol(path))


def _without_password(part: str) -> str:
    password = _options(part).get("password")
    return part.replace(f":{password}@", "@", 1) if password else part


def _options(part: str) -> dict[str, Any]:
    """What a part says besides a path, e.g. host, user, password."""
    import fsspec  # here, so that a command on local files starts without it

    kind = fsspec.get_filesystem_class(part.partition("://")[0]) if "://" in part else None
    return dict(kind._get_kwargs_from_urls(part)) if kind is not None else {}
