"""Written files on their way to the disk, in a thread of its own: nobody who writes waits for a disk."""

from __future__ import annotations

import contextlib
import os
from _thread import allocate_lock, start_new_thread
from queue import Empty, SimpleQueue
from threading import Lock
from time import monotonic

from tracer.journal.file import to_disk

_PAUSE = 0.05  # seconds in which whoever asks is served by the same call


class Disk:
    """Descriptors that are to be synced, and those to be closed after it."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew: in a forked child the thread is not there, and the queue may be locked."""
        # a signal handler or a finalizer may ask in the middle of another's asking: only this queue bears that
        self._asked: SimpleQueue[tuple[int, bool]] = SimpleQueue()
        self._waiting: set[int] = set()
        self._served: Lock | None = None  # held as long as the thread runs

    def soon(self, descriptor: int) -> None:
        """Sync it within a moment."""
        if descriptor not in self._waiting:
            self._waiting.add(descriptor)
            self._ask(descriptor, False)

    def close(self, descriptor: int) -> None:
        """Sync it a last time, then close it."""
        self._ask(descriptor, True)

    def wait(self, seconds: float) -> None:
        """Give what was asked for so far at most so long."""
        served, self._served = self._served, None
        if served is not None:
            self._asked.put((-1, True))
            served.acquire(timeout=seconds)

    def _ask(self, descriptor: int, last: bool) -> None:
        self._asked.put((descriptor, last))
        if self._served is None:
            self._served = served = allocate_lock()
            served.acquire()
            try:
                start_new_thread(self._serve, (served,))  # a `Thread` would be waited for, which may be for ever
            except (RuntimeError, MemoryError):  # the interpreter ends, or there is no room for a thread
                self._served = None
                self._sync(self._batch(0))

    def _serve(self, served: Lock) -> None:
        over = False
        while not over:
            batch = self._batch(_PAUSE)
            over = batch.pop(-1, None) is not None
            self._sync(batch)
        served.release()

    def _batch(self, pause: float) -> dict[int, bool]:
        """What was asked for, and what is within `pause` seconds after it."""
        batch, until = dict([self._asked.get()]), monotonic() + pause
        with contextlib.suppress(Empty):
            while -1 not in batch:
                descriptor, last = self._asked.get(timeout=max(0.0, until - monotonic()))
                batch[descriptor] = last or batch.get(descriptor, False)
        return batch

    def _sync(self, batch: dict[int, bool]) -> None:
        for descriptor, last in batch.items():
            self._waiting.discard(descriptor)
            with contextlib.suppress(OSError):  # closed behind our back: the writer sees to it
                to_disk(descriptor)
            if last:
                with contextlib.suppress(OSError):
                    os.close(descriptor)


disk = Disk()
os.register_at_fork(after_in_child=disk.reset)
