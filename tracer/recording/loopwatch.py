"""The watchdog of event loops: it names the line that holds one up, while it does. It sleeps while nobody runs."""

from __future__ import annotations

import asyncio
import os
import sys
import sysconfig
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
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
    """One loop: its thread, the runs in it, since when (monotonic ns) it owes an answer, whether that was told."""

    loop: asyncio.AbstractEventLoop
    thread: int
    runs: list[Run] = field(default_factory=list)
    asked: int = 0
    told: bool = False

    def answer(self) -> None:
        """On the loop: it is free again."""
        lag, told = time.monotonic_ns() - self.asked, self.told
        self.asked, self.told = 0, False
        if told:
            self.tell(lag, None)

    def look(self, now: int) -> None:
        """Ask, or see how long the answer takes."""
        if not self.asked:
            self.asked = now
            self.loop.call_soon_threadsafe(self.answer)
        elif now - self.asked >= THRESHOLD * 1e9 and not self.told:
            frame = sys._current_frames().get(self.thread)
            if frame is not None and Path(frame.f_code.co_filename).name == "selectors.py":
                return  # it waits for work: another thread, such as an import's, holds the interpreter
            self.told = True
            self.tell(now - self.asked, line_of(frame))

    def tell(self, lag: int, where: r.Where | None) -> None:
        """Record it, in the run that began last; without a place it is over."""
        if not self.runs:
            return
        run = self.runs[-1].latest
        record = r.LoopBlocked(lag=lag, where=where, over=where is None)
        record.inv, record.cycle = run.inv, run.cycle
        if where is not None:
            where.file = run.recording.redactor.text(where.file)
            record.tool_use_id = run.open_tool
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
                self._thread = threading.Thread(target=self._watch, name="tracer-loopwatch", daemon=True)
                self._thread.start()
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


def is_library(file: str) -> bool:
    """Whether a file is Python's own, an installed package's, or ours."""
    return file.startswith((*_LIBRARY, "<"))  # <frozen ..> and <string>: written by a machine


def line_of(frame: FrameType | None) -> r.Where:
    """The innermost line that is neither Python's library's, a package's, nor ours; else the innermost of all."""
    innermost = frame
    while frame is not None and is_library(frame.f_code.co_filename):
        frame = frame.f_back
    chosen = frame or innermost
    if chosen is None:
        return r.Where()
    return r.Where(chosen.f_code.co_filename, chosen.f_lineno, chosen.f_code.co_name)


WATCH = LoopWatch()
