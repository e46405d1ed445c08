"""Content hashes and document ids."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textgen_core.ingestion.rows import Rows

HASH_BYTES = 16
"""The first 128 bits of SHA-256: among a billion texts two share them with a probability of 1e-21."""

Hashes = npt.NDArray[np.uint64]
"""[n, 2]: the two halves of each hash, big-endian as they are written in hex."""

_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)


def content_hashes(texts: pa.Array) -> Hashes:
    """First 16 bytes of the SHA-256 of each text's UTF-8; anyone can compute them again."""
    content, bounds = utf8(texts)
    first, sha256 = int(bounds[0]), hashlib.sha256
    piece = content[first : int(bounds[-1])].tobytes()  # slices of bytes are made quicker than those of a view
    digests = b"".join([sha256(piece[a:b]).digest() for a, b in pairwise((bounds - first).tolist())])
    halves = np.frombuffer(digests, ">u8").reshape(-1, 4)[:, :2]
    return halves.astype(np.uint64)


@dataclass(frozen=True, slots=True)
class Hashed:
    """A stretch of rows with the hashes [n, 2] of its texts."""

    rows: Rows
    hashes: Hashes


def hashed(stretches: Iterable[Rows]) -> Iterator[Hashed]:
    """Each stretch with its hashes."""
    for rows in stretches:
        yield Hashed(rows, content_hashes(single(rows.table.column("text"))))


def document_ids(
    salts: Hashes, rows: npt.NDArray[np.int64], offsets: npt.NDArray[np.int64], hashes: Hashes
) -> pa.Array:
    """32 hex digits from the source's salt, row, offset in the row's text and content; equal only where all are."""
    places = _mixed(rows.astype(np.uint64) + _mixed(offsets.astype(np.uint64)))
    halves = _mixed(hashes[:, 0] + salts[:, 0]) ^ places, _mixed(hashes[:, 1] ^ salts[:, 1] ^ places)
    return hexadecimal(np.stack(halves, 1))


def salts_of(sources: Sequence[str]) -> Hashes:
    """[n, 2]: a number for each source's name."""
    digests = b"".join(hashlib.sha256(source.encode()).digest()[:HASH_BYTES] for source in sources)
    return np.frombuffer(digests, ">u8").reshape(-1, 2).astype(np.uint64)


def hexadecimal(hashes: Hashes) -> pa.Array:
    """Hashes as strings of 32 hex digits."""
    digits = _HEX[hashes.astype(">u8").view(np.uint8).reshape(-1)]
    offsets = np.arange(0, 32 * len(hashes) + 1, 32, dtype=np.int32)
    return pa.StringArray.from_buffers(len(hashes), pa.py_buffer(offsets), pa.py_buffer(digits))


def from_hexadecimal(texts: pa.Array) -> Hashes:
    """The inverse of hexadecimal()."""
    digits = "".join(texts.to_pylist())
    return np.frombuffer(bytes.fromhex(digits), ">u8").reshape(-1, 2).astype(np.uint64)


def utf8(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """The bytes of a string array and the n + 1 bounds of its texts in them."""
    _, offsets, content = texts.buffers()
    if not len(texts):
        return np.empty(0, np.uint8), np.zeros(1, np.int32)
    bounds = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return np.frombuffer(content, np.uint8) if content is not None else np.empty(0, np.uint8), bounds


def single(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finalizer of SplitMix64 (Steele et al. 2014): a bijection that spreads every bit over all."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: npt.NDArray[np.uint64] = values ^ (values >> np.uint64(31))
    return mixed
