"""What the agent's process prints, on its way through this one and back: it records nothing.

Native code that holds the interpreter's lock while it prints would wait for a reader in its own process for ever.
"""

from __future__ import annotations

import contextlib
import os
import threading
from queue import Queue

_CHUNK = 1 << 16
_MOST = 4096  # chunks that may wait for a process that does not read


class Pump:
    """Two ways there and back, for standard output and error. `given` are the ends of the agent's process."""

    def __init__(self) -> None:
        self._ways: list[tuple[int, int]] = []
        self.given: list[int] = []
        for _ in range(2):
            (printed, into), (out, back) = os.pipe(), os.pipe()
            self._ways.append((printed, back))
            self.given += [into, out]

    def start(self) -> None:
        """Carry on until all who print are gone; the other process has its ends."""
        for descriptor in self.given:
            os.close(descriptor)
        for printed, back in self._ways:
            waiting: Queue[bytes] = Queue(_MOST)
            threading.Thread(target=_take, args=(printed, waiting), daemon=True).start()
            threading.Thread(target=_give, args=(back, waiting), daemon=True).start()


def _take(printed: int, waiting: Queue[bytes]) -> None:
    with os.fdopen(printed, "rb", 0) as pipe:
        while chunk := pipe.read(_CHUNK):
            waiting.put(chunk)
    waiting.put(b"")


def _give(back: int, waiting: Queue[bytes]) -> None:
    gone = False
    with os.fdopen(back, "wb", 0) as pipe:
        while chunk := waiting.get():
            while chunk and not gone:
                try:
                    chunk = chunk[pipe.write(chunk) or 0 :]
                except BrokenPipeError:  # its process has ended; what others still print is taken, so that they go on
                    gone = True
        with contextlib.suppress(OSError):
            pipe.flush()
