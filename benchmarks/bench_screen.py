"""What it costs until a session shows, on a real pseudo-terminal: whole processes in turn, from Python's start on.

Against an app of Textual's that shows one empty scroll view; a million events against a thousand; and its last screen.
"""

from __future__ import annotations

import os
import pty
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import big
from benchmarks.ab import Row, Sample, Work, compare

EVENTS, FEW, PAIRS = 1_000_000, 1_000, 16
EMPTY = """
from textual.app import App
from textual.scroll_view import ScrollView
class Empty(App):
    def compose(self):
        yield ScrollView()
    def on_ready(self):
        self.call_after_refresh(self.exit)
Empty().run()
"""
FIRST = """
import sys
from tracer.cli import main
from tracer.tui.screens.desk import Desk
Desk._drawn = lambda self: self.app.exit()  # the first rows are painted
main()
"""
LAST = """
import sys
from tracer.cli import main
from tracer.tui.screens.main import MainScreen
tick = MainScreen.tick
def until_end(self):
    tick(self)
    viewer = self.viewer
    if viewer.reach(-1):
        self.waterfall.goto(-1)
        self.call_after_refresh(self.app.exit)
MainScreen.tick = until_end
main()
"""


def shown(code: str, *args: str) -> None:
    """Run a program on a terminal of its own until it ends; RuntimeError if it fails or paints nothing."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"TERM": "xterm-256color"}
    pid, fd = pty.fork()
    if not pid:
        os.execve(sys.executable, [sys.executable, "-c", code, *args], env)
    written = 0
    try:
        while data := os.read(fd, 1 << 16):
            written += len(data)
    except OSError:  # it has closed its end
        pass
    os.close(fd)
    code_of = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code_of or written < 1000:
        raise RuntimeError(f"{args or 'the empty app'} ended with {code_of} after {written} bytes")


def of_child(work: Work) -> Sample:
    """CPU and wall time of the process that `work` starts and waits for."""
    cpu, wall = os.times(), time.perf_counter_ns()
    work()
    after = os.times()
    used = after.children_user + after.children_system - cpu.children_user - cpu.children_system
    return Sample(max(1, int(used * 1e9)), time.perf_counter_ns() - wall)


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        os.environ["TRACER_HOME"] = name
        many, few = (str(big.write(Path(name, f"{count}.jsonl"), count)) for count in (EVENTS, FEW))
        empty, first = partial(shown, EMPTY), partial(shown, FIRST, "view")
        for what, a, b, budget in (
            ("first paint of 1M events / of an empty Textual app", empty, partial(first, many), 1.25),
            ("first paint of 1M events / of 1k events", partial(first, few), partial(first, many), 1.15),
        ):
            yield Row.of(what, compare(a, b, PAIRS, of_child), budget)
        last = partial(shown, LAST, "view")
        last(many)  # the index is kept from now on
        verdict = compare(partial(last, few), partial(last, many), PAIRS, of_child)
        yield Row.of("last screen of 1M events / of 1k events, opened before", verdict, 1.15)
