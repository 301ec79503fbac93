"""The real screen on a pseudo-terminal: the demo stopped, edited, continued and quit; a session seen in two places."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import TRACER, Terminal, environment, tracer
from tracer import records as r
from tracer.session import Session, open_session
from tracer.testing import build_session

pytestmark = pytest.mark.slow
APPS = Path(__file__).parent.parent / "launch" / "apps.py"


@pytest.fixture
def opened() -> Iterator[list[Terminal]]:
    every: list[Terminal] = []
    yield every
    for terminal in every:
        terminal.close()


def start(opened: list[Terminal], home: Path, *words: str, stdin: Path | None = None) -> Terminal:
    terminal = Terminal([TRACER, *words], environment(home), stdin=stdin)
    opened.append(terminal)
    return terminal


def recorded(home: Path) -> Session:
    (path,) = (home / "sessions").iterdir()
    return open_session(path)


def test_the_demo_is_stopped_edited_continued_and_quit(tmp_path: Path, opened: list[Terminal]) -> None:
    screen = start(opened, tmp_path, "demo", "--speed", "8")
    screen.until("STOPPED", "delete_folder", "photos", "refuse the call")
    screen.settle()
    screen.type("i")
    screen.until("edit the input of delete_folder")
    screen.settle()
    for key in ("\x1b[A",) * 3 + ("\x1b[H",) + ("\x1b[3~",) * 30:  # up, Home, and Delete all there is
        screen.type(key)
    screen.settle()
    screen.type('{"path": "scratch"}')
    screen.until("valid; Ctrl+S applies")
    screen.settle()
    screen.type("\x13")
    screen.until("The input is changed: c continues")
    screen.settle()
    screen.type("c")
    screen.until("q quits and tells what was deleted")
    screen.type("q")
    said = screen.until("see it again:")
    assert screen.end() == 0
    assert "deleted:  scratch/" in said and "the photos are safe" in said
    session = recorded(tmp_path)
    edits = [record for record in session.records() if isinstance(record, r.Edited)]
    assert [(edit.before, edit.after) for edit in edits] == [({"path": "photos"}, {"path": "scratch"})]
    assert session.state == "ended"
    shown = tracer(tmp_path, "show", "last").out
    assert "resumed: continue" in shown and "somebody knew better" in shown


def test_quitting_while_it_is_stopped_deletes_nothing(tmp_path: Path, opened: list[Terminal]) -> None:
    screen = start(opened, tmp_path, "demo", "--speed", "8")
    screen.until("STOPPED", "refuse the call")
    screen.settle()
    screen.type("q")
    said = screen.until("see it again:")
    assert screen.end() == 0
    assert "deleted:  nothing" in said and "nothing is lost" in said
    assert recorded(tmp_path).state == "ended"


def test_a_run_on_a_terminal_opens_the_screen_and_quitting_it_ends_the_agent(
    tmp_path: Path, opened: list[Terminal]
) -> None:
    screen = start(opened, tmp_path, "run", f"{APPS}:patient", "go")
    screen.until("waterfall", "one")
    screen.settle()
    screen.type("q")
    said = screen.until("the screen was closed while the agent ran", "see it again:")
    assert screen.end() == 130 and "Traceback" not in said
    assert recorded(tmp_path).state == "ended"


@pytest.mark.parametrize("how", ["q", "\x03", "SIGTERM"])
def test_a_run_whose_screen_is_closed_at_a_stop_ends_there_and_the_call_does_not_run(
    tmp_path: Path, opened: list[Terminal], how: str
) -> None:
    words = ("run", "--on-lost", "continue", "-b", "before_tool:add", f"{APPS}:adder", "go")
    screen = start(opened, tmp_path, *words)
    screen.until("STOPPED", "refuse the call")
    screen.settle()
    if how == "SIGTERM":
        screen.process.send_signal(signal.SIGTERM)
    else:
        screen.type(how)
    screen.until("the screen was closed while the agent ran")
    assert screen.end() == (143 if how == "SIGTERM" else 130)
    kinds = [type(record) for record in recorded(tmp_path).records()]
    assert kinds.count(r.ModelStart) == 1 and "It is 3." not in tracer(tmp_path, "show", "last").out
    assert "success" not in tracer(tmp_path, "show", "last", "kind:tool_end").out


def test_run_and_view_show_one_live_session_in_two_terminals(tmp_path: Path, opened: list[Terminal]) -> None:
    first = start(opened, tmp_path, "run", "-b", "before_tool:add", f"{APPS}:adder", "go")
    first.until("STOPPED", "add")
    second = start(opened, tmp_path, "view", "last")
    second.until("STOPPED", "refuse the call")
    second.settle()
    second.type("c")
    first.until("It is 3.")
    second.until("It is 3.")
    for screen in (second, first):
        screen.settle()
        screen.type("q")
        assert screen.end() == 0


def test_attach_waits_for_a_session_that_comes(tmp_path: Path, opened: list[Terminal]) -> None:
    second = start(opened, tmp_path, "attach", "--wait", "100")
    second.until("waiting for a live session; Ctrl-C ends it")
    first = start(opened, tmp_path, "run", "--plain", "-b", "before_tool:add", f"{APPS}:adder", "go")
    second.until("STOPPED", "add")
    second.settle()
    second.type("c")
    second.until("It is 3.")
    second.settle()
    second.type("q")
    assert (second.end(), first.end()) == (0, 0)


def test_attach_that_waited_in_vain_says_so(tmp_path: Path, opened: list[Terminal]) -> None:
    screen = start(opened, tmp_path, "attach", "--wait", "0.3")
    screen.until("no live session can be debugged; `tracer run` starts one")
    assert screen.end() == 2


def test_view_in_lines_on_a_terminal_and_in_a_pipe(tmp_path: Path, opened: list[Terminal]) -> None:
    path = build_session(tmp_path / "s.jsonl", "tools3 say").path
    screen = start(opened, tmp_path, "view", "--plain", str(path))
    assert "using tool: calculator" in screen.until("recording ended") and screen.end() == 0
    piped = tracer(tmp_path, "view", path)
    assert (piped.code, piped.err) == (0, "") and "using tool: calculator" in piped.out
    assert "`tracer view --plain` follows it" in tracer(tmp_path, "attach").cause


def test_view_of_a_pipe_takes_its_keys_from_the_terminal(tmp_path: Path, opened: list[Terminal]) -> None:
    path = build_session(tmp_path / "s.jsonl", "think tools3 say").path
    screen = start(opened, tmp_path, "view", "-", stdin=path)
    screen.until("waterfall", "calculator")
    screen.settle()
    screen.type("q")
    assert screen.end() == 0


def test_replay_opens_a_failed_session_and_exits_0(tmp_path: Path, opened: list[Terminal]) -> None:
    path = build_session(tmp_path / "s.jsonl", "toolerror fail").path
    screen = start(opened, tmp_path, "replay", "--speed", "0", str(path))
    screen.until("waterfall", "calculator")
    screen.settle()
    screen.type("q")
    assert screen.end() == 0


def test_lines_are_coloured_on_a_terminal_unless_not_wished(tmp_path: Path, opened: list[Terminal]) -> None:
    path = build_session(tmp_path / "s.jsonl", "tool say").path
    plain = Terminal([TRACER, "show", str(path)], environment(tmp_path, NO_COLOR="1"))
    coloured = Terminal([TRACER, "show", str(path)], environment(tmp_path))
    opened += [plain, coloured]
    assert plain.end() == coloured.end() == 0
    assert b"\x1b[36musing tool" in coloured.raw and b"\x1b" not in plain.raw
