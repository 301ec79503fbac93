"""Exceptions that a tool raises and catches within itself, as `sys.monitoring` shows them (Python 3.12 and later).

What a library raises and catches on its own is its business: only what the user's own code catches is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any

from tracer.recording.loopwatch import is_library
from tracer.recording.place import CURRENT, Place

if TYPE_CHECKING:
    from tracer.recording.run import Run

Call = tuple[int, int | None]  # id of its run, seq of its tool_start

MOST = 20  # of one call; what a loop swallows a thousand times is told by these
_NAME = "tracer"
_CONTROL = (StopIteration, StopAsyncIteration, GeneratorExit, asyncio.CancelledError)


class Swallowed:
    """Which tool calls run, and what each has caught. `start` and `end` are called around a call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[Call, list[tuple[BaseException, dict[str, Any]]]] = {}
        self._id: int | None = None

    def start(self, place: Place) -> None:
        """A tool call begins."""
        with self._lock:
            self._calls[_call(place)] = []
            if len(self._calls) == 1:
                self._listen()

    def end(self, place: Place, raised: BaseException | None) -> list[dict[str, Any]]:
        """It is over; what it caught: {"type", "message", "file", "line", "name"}, but for what it then raised."""
        with self._lock:
            caught = self._calls.pop(_call(place), [])
            self._rest()
        left = _chain(raised)
        return [told for error, told in caught if id(error) not in left]

    def forget(self, run: Run) -> None:
        """The run is over: calls that never ended are watched no more."""
        with self._lock:
            for call in [call for call in self._calls if call[0] == id(run)]:
                del self._calls[call]
            self._rest()

    def _listen(self) -> None:
        monitoring = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        if self._id is None:
            free = (number for number in (4, 3, 5) if monitoring.get_tool(number) is None)
            number = next(free, None)
            if number is None:  # a coverage tool, a profiler and a debugger are here already
                return
            monitoring.use_tool_id(number, _NAME)
            self._id = number
            monitoring.register_callback(number, monitoring.events.EXCEPTION_HANDLED, self._handled)
        monitoring.set_events(self._id, monitoring.events.EXCEPTION_HANDLED)

    def _rest(self) -> None:
        if self._id is not None and not self._calls:
            sys.monitoring.set_events(self._id, 0)  # type: ignore[attr-defined, unused-ignore]

    def _handled(self, code: CodeType, offset: int, error: BaseException) -> None:
        """Runs where the exception was caught, in its thread and context. Never raises."""
        with contextlib.suppress(Exception):
            place = CURRENT.get()
            caught = self._calls.get(_call(place)) if place is not None else None
            if caught is None or len(caught) >= MOST or isinstance(error, _CONTROL) or is_library(code.co_filename):
                return
            if any(known is error for known, _ in caught):
                return
            said = {"type": type(error).__name__, "message": str(error)[:1000]}
            caught.append((error, said | _raised_at(error.__traceback__)))


def _call(place: Place) -> Call:
    return id(place.run), place.seq


def _raised_at(traceback: TracebackType | None) -> dict[str, Any]:
    """The innermost line of the user's own code on the exception's way."""
    found: dict[str, Any] = {}
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not is_library(code.co_filename):
            found = {"file": code.co_filename, "line": traceback.tb_lineno, "name": code.co_name}
        traceback = traceback.tb_next
    return found


def _chain(error: BaseException | None) -> set[int]:
    """The exception that left the call, and those that led to it."""
    found: set[int] = set()
    while error is not None and id(error) not in found:
        found.add(id(error))
        error = error.__cause__ or error.__context__
    return found


SWALLOWED = Swallowed() if sys.version_info >= (3, 12) else None  # before, Python cannot tell
