"""What the environment allows recordings to take: when a session's next part begins, and what goes from the home."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from tracer import records as r
from tracer.errors import TracerError
from tracer.journal.paths import id_of, list_sessions
from tracer.journal.writer import Writer
from tracer.units import read_age, read_count, read_size

_log = logging.getLogger("tracer")
_ELSEWHERE = 86_400  # seconds in which another machine's session, whose process cannot be asked for, may still run


def open_writer(path: Path, durable: bool, on_restart: Callable[[r.Record], None]) -> Writer:
    """A new session's file, in parts as the environment has it; its bounds are kept from here on. Raises OSError."""
    writer = Writer(path, _log.warning, durable=durable, on_restart=on_restart, **parts())
    keep_bounds(path)
    return writer


class Parts(TypedDict):
    """When a writer begins the next part; 0 is never."""

    part_bytes: int
    part_seconds: int


def parts() -> Parts:
    """What $TRACER_PART_BYTES and $TRACER_PART_AGE say; without them a session stays one file, whatever its size."""
    return {"part_bytes": _wish("TRACER_PART_BYTES", read_size), "part_seconds": _wish("TRACER_PART_AGE", read_age)}


def _wish(name: str, read: Callable[[str], int]) -> int:
    text = os.environ.get(name, "").strip()
    try:
        return read(text) if text not in ("", "0") else 0
    except ValueError as error:
        _log.warning("%s is not heeded: %s", name, error)
        return 0


class Kept:
    """The sessions of the home and the bytes of each, oldest first."""

    def __init__(self) -> None:
        from tracer.journal.keep import bytes_of  # here, as most recordings need none of this

        self.sizes = {path: size for path in reversed(list_sessions()) if (size := bytes_of(path)) >= 0}
        self.total = sum(self.sizes.values())

    def without(self, path: Path) -> None:
        """It is gone, or goes."""
        self.total -= self.sizes.pop(path)


@dataclass(frozen=True)
class Bounds:
    """The most bytes that all sessions together may have, and the most sessions; 0 is no bound."""

    most_bytes: int = 0
    most: int = 0

    def broken(self, kept: Kept) -> str:
        """Which bound these sessions break, as it was set; empty where none."""
        if self.most and len(kept.sizes) > self.most:
            return f"TRACER_KEEP={self.most}"
        if self.most_bytes and kept.total > self.most_bytes:
            return f"TRACER_MAX_BYTES={self.most_bytes}"
        return ""


def keep_bounds(begun: Path) -> None:
    """Hold the home to $TRACER_MAX_BYTES and $TRACER_KEEP, now that a recording begins; in a thread of its own."""
    bounds = Bounds(_wish("TRACER_MAX_BYTES", read_size), _wish("TRACER_KEEP", read_count))
    if bounds != Bounds():
        with contextlib.suppress(RuntimeError, MemoryError):  # no room for a thread: the next recording sees to it
            # no daemon: the exit waits for it, lest programs that are over at once never delete any
            threading.Thread(target=_thin_out, args=(bounds, begun), name="tracer-bounds", daemon=False).start()


def _thin_out(bounds: Bounds, begun: Path) -> None:
    try:
        if why := thin_out(bounds, begun):
            _log.warning("the recorded sessions still exceed %s: what is left is live, or no session", why)
    except (OSError, TracerError) as error:
        _log.warning("the recorded sessions could not be held to their bounds: %s", error)


def thin_out(bounds: Bounds, begun: Path) -> str:
    """Delete the oldest sessions that are over, failed ones last, until the bounds hold; the bound that does not.

    `begun` and live sessions stay. Raises OSError or TracerError where sessions cannot be listed or deleted.
    """
    from tracer.text.choose import FAILED
    from tracer.text.summary import summarise

    kept = Kept()
    failed: list[tuple[Path, str]] = []
    for path in list(kept.sizes):
        if not bounds.broken(kept):
            return ""
        if not path.exists():  # another process keeps the same bounds
            kept.without(path)
            continue
        status = "live" if path == begun else summarise(path).status
        if status in FAILED:
            failed.append((path, status))
        elif status != "live":
            _drop(path, status, bounds, kept)
    for path, status in failed:
        if bounds.broken(kept) and not _may_be_live(path):
            _drop(path, status, bounds, kept)
    return bounds.broken(kept)


def _drop(path: Path, status: str, bounds: Bounds, kept: Kept) -> None:
    from tracer.journal.keep import remove
    from tracer.logs import own_log

    # first, as the process may be killed in between
    said = {"status": status, "bytes": kept.sizes[path], "why": bounds.broken(kept)}
    own_log("bounds").info("delete", session=id_of(path), **said)
    with contextlib.suppress(FileNotFoundError):
        remove(path)
    kept.without(path)


def _may_be_live(path: Path) -> bool:
    """Of one that did not end well: whether it may only have begun, or runs on a machine that cannot be asked."""
    from tracer.journal.reader import Reader

    try:
        reader = Reader(path)
    except TracerError:
        return True
    try:
        elsewhere = reader.header.host not in ("", "localhost", os.uname().nodename)
        return elsewhere and reader.standing() != "ended" and time.time() - reader.modified() < _ELSEWHERE
    finally:
        reader.close()
