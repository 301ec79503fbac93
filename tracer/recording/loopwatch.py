"""The watchdog of event loops: it names the line that holds one up, while it does. It sleeps while nobody runs."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import sysconfig
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING

from tracer import records as r

if TYPE_CHECKING:
    from tracer.recording.run import Run

THRESHOLD = 0.1  # seconds that a loop may take to answer
TICK = 0.05
_OURS = Path(__file__).parents[1]
_FOLDERS = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
_LIBRARY = tuple(f"{folder}{os.sep}" for folder in (*_FOLDERS, _OURS, _OURS.with_name("agent_runtime")))


@dataclass(slots=True, eq=False)
class _Watched:
    """One loop: its thread, the runs in it, since when (monotonic ns) it owes an answer, and what was told of that.

    `there` is the function and tool call that the last look found, `since` when they were first found so; `told` those
    of the last record, after `lag`. A hold-up is often the work of several: tools that block one after the other leave
    the loop no moment to answer in between, and the second would stay unnamed.
    """

    loop: asyncio.AbstractEventLoop
    thread: int
    runs: list[Run] = field(default_factory=list)
    asked: int = 0
    there: tuple[CodeType, str] | None = None
    since: int = 0
    told: tuple[CodeType, str] | None = None
    lag: int = 0

    def answer(self) -> None:
        """On the loop: it is free again."""
        lag, told = time.monotonic_ns() - self.asked, self.told
        self.asked, self.there, self.told = 0, None, None
        if told is not None:
            self.tell(lag)

    def look(self, now: int) -> None:
        """Ask, or see how long the answer takes. Raises RuntimeError where the loop is closed: nobody ever will."""
        if self.loop.is_closed():
            raise RuntimeError("closed, perhaps before it answered")
        if self.asked and now - self.asked < THRESHOLD * 1e9:
            return
        frame = frame_of(self.thread)
        if frame is None or _waits(frame):
            return  # it waits for work (or, once asked, for a thread such as an import's that holds the interpreter)
        if self.asked:
            self.blame(now, users(frame))
        else:
            self.asked = now
            self.loop.call_soon_threadsafe(self.answer)

    def blame(self, now: int, frame: FrameType) -> None:
        """Tell of the line there; of another function's only when that stays, or the hold-up is twice as old."""
        runs, lag = self.runs, now - self.asked
        there = frame.f_code, runs[-1].latest.open_tool if runs else ""
        if there != self.there:
            self.there, self.since = there, now
        if there == self.told:
            return
        if self.told is None or now - self.since >= THRESHOLD * 1e9 or lag >= 2 * self.lag:
            self.told, self.lag = there, lag
            self.tell(lag, frame, there[1])

    def tell(self, lag: int, frame: FrameType | None = None, tool: str = "") -> None:
        """Record it, in the run that began last; without a frame it is over."""
        runs = self.runs  # the loop's thread puts another list in its place when a run ends
        if not runs:
            return
        run = runs[-1].latest
        record = r.LoopBlocked(lag=lag, where=frame and place(frame), over=frame is None, tool_use_id=tool)
        record.inv, record.cycle = run.inv, run.cycle
        if record.where is not None:
            record.where.file = run.recording.redactor.text(record.where.file)
        run.recording.write(record)


class LoopWatch:
    """All loops of this process in which recorded agents run, and the thread that asks them."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._loops: dict[asyncio.AbstractEventLoop, _Watched] = {}
        self._thread: threading.Thread | None = None

    def enter(self, run: Run) -> None:
        """A run begins in the running loop."""
        loop = asyncio.get_running_loop()
        with self._change:
            watched = self._loops.setdefault(loop, _Watched(loop, threading.get_ident()))
            watched.runs.append(run)
            if self._thread is None:
                thread = threading.Thread(target=self._watch, name="tracer-loopwatch", daemon=True)
                thread.start()
                self._thread = thread  # only now: where none can be started, the next run tries again
            self._change.notify()

    def leave(self, run: Run) -> None:
        """It is over."""
        with self._change:
            for loop, watched in list(self._loops.items()):
                watched.runs = [one for one in watched.runs if one is not run]
                if not watched.runs:
                    del self._loops[loop]

    def _watch(self) -> None:
        while True:
            with self._change:
                while not self._loops:
                    self._change.wait()
                watched = list(self._loops.values())
            now = time.monotonic_ns()
            for one in watched:
                try:
                    one.look(now)
                except RuntimeError:  # the loop is closed: nobody will ever answer
                    self._forget(one)
            time.sleep(TICK)

    def _forget(self, one: _Watched) -> None:
        with self._change:
            self._loops.pop(one.loop, None)

    def forked(self) -> None:
        """In a forked child: its loops are its own, and the thread is not there."""
        self.__init__()  # type: ignore[misc]


def _waits(frame: FrameType) -> bool:
    """Whether it is the loop itself that waits, and not what runs in it: `subprocess` waits with a selector too."""
    caller = frame.f_back
    return os.path.basename(frame.f_code.co_filename) == "selectors.py" and (
        caller is not None and caller.f_code.co_name == "_run_once"
    )


def frame_of(thread: int) -> FrameType | None:
    """Where a thread is; None where it has ended.

    Python 3.11 holds a lock of its own meanwhile. A collection that begins there, with a finalizer that wants the same
    lock (one that starts a thread does), would stop the whole program for good: so none begins.
    """
    collects = sys.version_info < (3, 12) and gc.isenabled()
    if collects:
        gc.disable()
    try:
        return sys._current_frames().get(thread)
    finally:
        if collects:
            gc.enable()


def is_library(file: str) -> bool:
    """Whether a file is Python's own, an installed package's, or ours."""
    return file.startswith((*_LIBRARY, "<"))  # <frozen ..> and <string>: written by a machine


def users(frame: FrameType) -> FrameType:
    """The innermost frame that is neither Python's library's, a package's, nor ours; else the innermost of all."""
    found: FrameType | None = frame
    while found is not None and is_library(found.f_code.co_filename):
        found = found.f_back
    return found or frame


def place(frame: FrameType) -> r.Where:
    """The line where a frame stands."""
    return r.Where(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


WATCH = LoopWatch()
