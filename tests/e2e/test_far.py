"""`tracer attach --via`: the screen here, the session elsewhere. A program with another environment stands for ssh."""

from __future__ import annotations

import os
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.steered import Steered
from tests.terminal import TRACER, Terminal, environment, on_path
from tracer import records as r
from tracer.session import Session

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Steered]:
    made = Steered(tmp_path / "there", "before_tool:add")
    try:
        made.stop()
        yield made
    finally:
        made.process.kill()
        made.process.communicate()


def _attach(tmp_path: Path, run: Steered, *words: str) -> Terminal:
    path = on_path(tmp_path / "bin")["PATH"]
    via = f"env TRACER_HOME={shlex.quote(str(run.home))} PATH={shlex.quote(path)}"
    env = environment(tmp_path / "here", TMPDIR=str(tmp_path))
    return Terminal([TRACER, "attach", "--via", via, *words], env)


def _copies(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob("tracer-*/*.jsonl"))


def _lines(path: Path) -> list[bytes]:
    """All but the first, which tells whose the file is."""
    return path.read_bytes().splitlines()[1:]


def test_a_session_elsewhere_is_seen_decided_and_followed_to_its_end(tmp_path: Path, run: Steered) -> None:
    screen = _attach(tmp_path, run)
    try:
        screen.until("STOPPED", "add", "refuse the call", "Input")
        (copy,) = _copies(tmp_path)
        assert copy.stat().st_mode & 0o077 == 0 and copy.parent.stat().st_mode & 0o077 == 0
        screen.settle()
        screen.type("c")
        screen.until("ENDED ok")
        ended = run.end()
        screen.settle()
        assert _lines(copy) == _lines(ended.path)
        screen.type("q")
        assert screen.end() == 0
    finally:
        screen.close()
    (resumed,) = [record for record in ended.records() if isinstance(record, r.Resumed)]
    assert (resumed.act, resumed.who) == ("continue", "the screen")
    assert not _copies(tmp_path) and not (tmp_path / "here" / "sessions").exists()


def test_an_agent_that_is_killed_there_is_seen_as_crashed_here(tmp_path: Path, run: Steered) -> None:
    screen = _attach(tmp_path, run)
    try:
        screen.until("STOPPED", "refuse the call")
        screen.settle()
        (there,) = (run.home / "sessions").iterdir()
        os.kill(Session(there).header.pid, signal.SIGKILL)
        screen.until("CRASHED")
        screen.type("q")
        assert screen.end() == 0
    finally:
        screen.close()


def test_one_who_observes_decides_nothing_and_closing_ends_nothing(tmp_path: Path, run: Steered) -> None:
    screen = _attach(tmp_path, run, "--observe")
    try:
        screen.until("STOPPED", "it can look, not decide")
        screen.settle()
        screen.type("c")
        screen.until("no connection to the debugger")
        screen.type("q")
        assert screen.end() == 0
    finally:
        screen.close()
    assert run.do("continue", "1").code == 0
    assert "It is 3." in str([record.content for record in run.end().records() if isinstance(record, r.Message)])


def test_what_cannot_be_reached_is_said_in_one_line(tmp_path: Path) -> None:
    env = environment(tmp_path, TMPDIR=str(tmp_path))
    for via, said in (("no-such-program", "cannot be run"), ("false", "ended without an answer")):
        screen = Terminal([TRACER, "attach", "--via", via], env)
        assert screen.end() == 2 and said in screen.text and "Traceback" not in screen.text
    assert not list(tmp_path.glob("tracer-*")) and os.listdir(tmp_path) in ([], ["sessions"])
