"""Unpacking gzip, bz2, xz and zstd by their first bytes, with a limit on what comes out."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import BinaryIO, cast

import pyarrow as pa

from textgen_core.ingestion.rows import SourceRefused

BLOCK_BYTES = 2 << 20
"""Bytes a block: large enough that the work per block costs little. A dozen are in work or waiting at a time: larger
ones took no less time and more memory."""

# The caller closes the file below; closing these closes nothing more.
MAGIC: dict[bytes, Callable[[BinaryIO], BinaryIO]] = {
    b"\x1f\x8b": lambda file: cast("BinaryIO", gzip.open(file)),  # noqa: SIM115
    b"BZh": lambda file: cast("BinaryIO", bz2.open(file)),  # noqa: SIM115
    b"\xfd7zXZ\x00": lambda file: cast("BinaryIO", lzma.open(file)),  # noqa: SIM115
    b"\x28\xb5\x2f\xfd": lambda file: cast("BinaryIO", pa.CompressedInputStream(pa.PythonFile(file), "zstd")),
}


def unpacked(file: BufferedReader, size: int | None, max_bytes: int, max_ratio: float) -> Iterator[bytes]:
    """The blocks of a file of `size` stored bytes, unpacked if packed. Where the size is unknown (None), as of what a
    server sends without its length, so much may come out at any time as the bytes that were read by then allow.

    Raises:
        SourceRefused: it is damaged, or unpacks to more than max_bytes or max_ratio times its size.
        OSError: a file that is not packed can't be read. (Of one that is packed, whoever reads it has to tell a failure
            of the disk from damage: see Stored.)
    """
    head = file.peek(8)  # a stream can't be wound back
    unpack = next((opener for magic, opener in MAGIC.items() if head.startswith(magic)), None)
    total = 0
    try:
        stream = file if unpack is None else unpack(file)
        while block := stream.read(BLOCK_BYTES):
            total += len(block)
            stored = file.tell() if size is None else size
            limit = max_bytes if unpack is None else min(max_bytes, int(max_ratio * max(stored, 1)))
            if total > limit:
                raise SourceRefused(
                    "too-large",
                    f"a source of {stored:,} bytes may unpack to {limit:,} bytes at most; received: more. "
                    "If you trust it, raise max_source_bytes or max_compression_ratio",
                )
            yield block
    except (OSError, EOFError, zlib.error, lzma.LZMAError, pa.ArrowException) as error:
        if unpack is None:
            raise
        raise SourceRefused(
            "damaged", f"a packed source must be whole; received: {error} after {total:,} bytes. Copy it again"
        ) from None
