"""Doing one step of the stream while the next is done: Arrow, hashing and disk release the interpreter's lock."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
_END = object()
AHEAD = 2
"""Items that wait: enough to keep both steps busy, few enough to keep memory small."""
BEHIND_BYTES = 24 << 20
"""Bytes that wait: more than a row group's. Writing one takes long and comes seldom, and if fewer could wait, each step
would stand still while the other works."""


def ahead(items: Iterable[T]) -> Generator[T, None, None]:
    """The same items, made in another thread a little before they are wanted."""
    waiting: queue.Queue[Any] = queue.Queue(AHEAD)
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
def behind(work: Callable[[T], None], size: Callable[[T], int]) -> Iterator[Callable[[T], None]]:
    """A function that hands its argument, of `size` bytes, to `work` in another thread; what that raises is raised by a
    later call or at the end of the block, by which time all is done."""
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()
    room = threading.Condition()
    held = 0
    failed: list[BaseException] = []

    def drain() -> None:
        nonlocal held
        while (item := waiting.get()) is not _END:
            if not failed:
                try:
                    work(item)
                except BaseException as error:  # raised again by hand_over
                    failed.append(error)
            with room:
                held -= size(item)
                room.notify()

    def hand_over(item: T) -> None:
        nonlocal held
        with room:
            room.wait_for(lambda: held < BEHIND_BYTES)
            held += size(item)
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
