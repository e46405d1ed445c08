"""Doing one step of the stream while the next is done: Arrow, hashing and disk release the interpreter's lock."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
_END = object()
DEPTH = 2
"""Items that wait between two steps: enough to keep both busy, few enough to keep memory small."""


def ahead(items: Iterable[T]) -> Generator[T, None, None]:
    """The same items, made in another thread a little before they are wanted."""
    waiting: queue.Queue[Any] = queue.Queue(DEPTH)
    stopped = threading.Event()

    def put(item: Any) -> bool:
        while not stopped.is_set():
            try:
                waiting.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        try:
            for item in items:
                if not put((item, None)):
                    return
            put((_END, None))
        except BaseException as error:  # raised again where the items are used
            put((_END, error))

    thread = threading.Thread(target=work, daemon=True, name="ingestion-ahead")
    thread.start()
    try:
        while True:
            item, error = waiting.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item
    finally:
        stopped.set()
        thread.join()


@contextmanager
def behind(work: Callable[[T], None]) -> Iterator[Callable[[T], None]]:
    """A function that hands its argument to `work` in another thread; what that raises is raised by a later call
    or at the end of the block, by which time all is done."""
    waiting: queue.Queue[Any] = queue.Queue(DEPTH)
    failed: list[BaseException] = []

    def drain() -> None:
        while (item := waiting.get()) is not _END:
            if not failed:
                try:
                    work(item)
                except BaseException as error:  # raised again by hand_over
                    failed.append(error)

    def hand_over(item: T) -> None:
        if failed:
            raise failed[0]
        waiting.put(item)

    thread = threading.Thread(target=drain, daemon=True, name="ingestion-behind")
    thread.start()
    try:
        yield hand_over
    finally:
        waiting.put(_END)
        thread.join()
    if failed:
        raise failed[0]
