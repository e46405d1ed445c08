"""Cutting a stream of blocks at separators, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """Whole documents with their separators, the last document of a stream without; or the head of one too long."""

    content: bytes
    too_long: bool = False


def frames(blocks: Iterator[bytes], separator: bytes, limit: int) -> Iterator[Frame]:
    """Regroup blocks so that each frame ends with a separator; a document beyond the limit is dropped to its head."""
    overlap = len(separator) - 1
    kept: list[bytes] = []
    size = 0
    rest = b""
    for block in blocks:
        block = rest + block
        cut = block.rfind(separator)
        if cut >= 0:
            end = cut + len(separator)
            if size + block.find(separator) > limit:
                yield Frame(b"".join(kept) or block[:1024], too_long=True)
                kept, block, end = [], block[(skip := block.find(separator) + len(separator)) :], end - skip
            if kept or end:
                yield Frame(b"".join(kept) + block[:end])
            kept, size, rest = [], 0, block[end:]
        else:
            whole = len(block) - overlap
            kept.append(block[: max(0, whole)])
            rest = block[max(0, whole) :]
            size += max(0, whole)
            if size > limit:
                kept = [b"".join(kept)[:1024]]
    if size + len(rest) > limit:
        yield Frame(b"".join(kept) or rest[:1024], too_long=True)
    elif content := b"".join(kept) + rest:
        yield Frame(content)


def pieces(content: bytes, separator: bytes, size: int) -> Iterator[bytes]:
    """A frame in pieces of about `size` bytes that end with separators, as the frame itself does."""
    start = 0
    while start < len(content):
        cut = content.find(separator, start + size - len(separator))
        end = len(content) if cut < 0 else cut + len(separator)
        yield content[start:end]
        start = end
