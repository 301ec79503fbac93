"""Where messages were written: those used last, and always more than the living agents' histories hold."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec

KEPT = 10_000  # messages, some 2 MB


class Places:
    """Fingerprints of messages and their seqs. A message of long ago is forgotten, and is written again if it returns:
    a server's recording would otherwise grow in memory for as long as it lives. `live` counts the messages in use."""

    def __init__(self, live: Callable[[], int]) -> None:
        self._live = live
        self._seqs: OrderedDict[bytes, int] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._seqs)

    def get(self, fingerprint: bytes) -> int | None:
        """Where it was written; None if it was not, or long ago."""
        with self._lock:
            seq = self._seqs.get(fingerprint)
            if seq is not None:
                self._seqs.move_to_end(fingerprint)
            return seq

    def put(self, fingerprint: bytes, seq: int) -> None:
        """It was written there."""
        with self._lock:
            self._seqs[fingerprint] = seq
            self._seqs.move_to_end(fingerprint)
            if len(self._seqs) > KEPT and len(self._seqs) > (most := max(KEPT, 2 * self._live())):
                while len(self._seqs) > most * 3 // 4:  # a quarter at once, so that the count is seldom made
                    self._seqs.popitem(last=False)

    def clear(self) -> None:
        """Nothing was written yet. In a forked child too, where the lock may be held by a thread that is not there."""
        self._lock = threading.Lock()
        self._seqs.clear()


def fingerprint(value: Any, plain: Callable[[Any], Any]) -> bytes:
    """What tells values apart, without keeping them; `plain` is asked for what JSON has no form for."""
    try:
        raw = msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError, OverflowError):
        raw = msgspec.json.encode(plain(value))
    return hashlib.blake2b(raw, digest_size=16).digest()
