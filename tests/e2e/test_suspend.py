"""Ctrl-Z gives the terminal back to the shell; once the screen is in the foreground again it paints itself."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.terminal import TRACER, Terminal, environment, eventually
from tracer.testing import build_session

pytestmark = pytest.mark.slow


def _is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only /proc says that a process is stopped")
@pytest.mark.parametrize("keys", ["", "\r"], ids=["main", "value"])
def test_a_screen_that_comes_back_is_painted_at_once(tmp_path: Path, keys: str) -> None:
    path = build_session(tmp_path / "s.jsonl", "tool say").path
    terminal = Terminal([TRACER, "view", str(path)], environment(tmp_path))
    try:
        terminal.until("waterfall", "calculator")
        terminal.settle()
        if keys:
            terminal.type(keys)
            terminal.until("Esc closes")
            terminal.settle()
        os.kill(terminal.process.pid, signal.SIGTSTP)
        eventually(lambda: terminal.read(0.01) and _is_stopped(terminal.process.pid))
        terminal.settle()
        terminal.raw = b""
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.until("Esc closes" if keys else "waterfall", "tester", seconds=60)
        terminal.type("qq" if keys else "q")
        assert terminal.end() == 0
    finally:
        terminal.close()
