"""Which tokens a model is shown together when long texts are scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Window(NamedTuple):
    """Inputs start to stop - 1 of a sequence are shown; the predictions after inputs from counted on are counted."""

    start: int
    stop: int
    counted: int

    @property
    def shown(self) -> int:
        """Inputs in it."""
        return self.stop - self.start


class Chain(NamedTuple):
    """Windows of one sequence that are read one after the other, the state handed on."""

    sequence: int
    windows: tuple[Window, ...]


def sliding(length: int, size: int, stride: int) -> Iterator[Window]:
    """Windows over length inputs, each counted once.

    After the first window a prediction sees at least size - stride inputs before its own. With stride equal to size
    the windows are separate: a prediction sees half a window on average.
    """
    yield Window(0, min(size, length), 0)
    for counted in range(size, length, stride):
        stop = min(counted + stride, length)
        yield Window(counted if stride == size else stop - size, stop, counted)


def carried(lengths: Sequence[int], size: int) -> list[Chain]:
    """A chain for each sequence: all its windows in a row."""
    return _like_beside_like([Chain(row, tuple(sliding(length, size, size))) for row, length in enumerate(lengths)])


def separate(lengths: Sequence[int], size: int, stride: int) -> list[Chain]:
    """A chain for each window."""
    return _like_beside_like(
        [Chain(row, (window,)) for row, length in enumerate(lengths) for window in sliding(length, size, stride)]
    )


def _like_beside_like(chains: list[Chain]) -> list[Chain]:
    """The longest first, so that little is padded."""
    return sorted(
        chains, key=lambda chain: (-len(chain.windows), -chain.windows[0].shown, chain.sequence, chain.windows)
    )


def power_of_four(number: int) -> int:
    """The next one that isn't smaller: fewer shapes, for what shrinks while it is worked on."""
    return 1 << ((number - 1).bit_length() + 1 & ~1)


def power_of_four_within(number: int) -> int:
    """The largest one that isn't larger: so many rows are not filled up with others."""
    return 1 << (number.bit_length() - 1 & ~1)
