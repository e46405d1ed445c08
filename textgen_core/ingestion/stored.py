"""A source's bytes as stored: a failure of the disk or the network is no damage of the source."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textgen_core.errors import InputError


class Stored(io.RawIOBase):
    """A file whose failures are InputErrors: the bytes behind them may be there the next time, so that neither a reject
    nor a dataset without them may come of it."""

    def __init__(self, file: Any, name: str) -> None:
        self._file, self._name = file, name

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Whether the file is; what a server sends without its length is not."""
        return bool(self._file.seekable())

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, but for the end of the file; returns the bytes read."""
        view = memoryview(buffer)
        count = 0
        with reaching(self._name):
            while count < len(view) and (block := self._file.read(len(view) - count)):
                view[count : count + len(block)] = block
                count += len(block)
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """The place from which is read next."""
        with reaching(self._name):
            try:
                return int(self._file.seek(offset, whence))
            except ValueError as error:  # so fsspec says that what a server sends is a stream
                raise io.UnsupportedOperation(str(error)) from None

    def tell(self) -> int:
        """The same."""
        return int(self._file.tell())

    def close(self) -> None:
        """Close the file, too."""
        self._file.close()
        super().close()


@contextmanager
def reaching(name: str) -> Iterator[None]:
    """Wherever a source is opened or read.

    Raises:
        InputError: it can't be, because of the OSError that is its cause.
    """
    try:
        yield
    except OSError as error:
        raise InputError("a source must be readable", f"{name}: {error}", "Check it, and run again") from error
