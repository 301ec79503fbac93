"""SIGTERM and SIGHUP close the screen as a key does: the terminal is as it was, and nothing is left behind."""

import signal
from pathlib import Path

import pytest

from tests.terminal import TRACER, Terminal, environment
from tracer.testing import build_session

pytestmark = pytest.mark.slow
APPS = Path(__file__).parents[1] / "launch" / "apps.py"
LEFT = b"\x1b[?1049l"  # the alternate screen is left


def _told(terminal: Terminal, number: int) -> bytes:
    terminal.settle()
    terminal.process.send_signal(number)
    assert terminal.end() == 128 + number
    assert b"Traceback" not in terminal.raw
    return terminal.raw


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("words", [("view",), ("replay", "--speed", "0.1")])
def test_a_view_leaves_the_terminal_as_it_was(words: tuple[str, ...], number: int, tmp_path: Path) -> None:
    path = build_session(tmp_path / "s.jsonl", "tool say").path
    terminal = Terminal([str(TRACER), *words, str(path)], environment(tmp_path))
    terminal.until("calculator" if words == ("view",) else "tester")
    assert LEFT in _told(terminal, number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_copy_of_standard_input_goes_too(number: int, tmp_path: Path) -> None:
    path, temp = build_session(tmp_path / "s.jsonl", "tool say").path, tmp_path / "temp"
    temp.mkdir()
    terminal = Terminal([str(TRACER), "view", "-"], environment(tmp_path, TMPDIR=str(temp)), stdin=path)
    terminal.until("calculator")
    assert list(temp.glob("*.jsonl"))
    assert LEFT in _told(terminal, number) and not list(temp.glob("*.jsonl"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_on_screen_ends_with_its_agent_and_without_a_traceback(number: int, tmp_path: Path) -> None:
    terminal = Terminal([str(TRACER), "run", f"{APPS}:patient", "go"], environment(tmp_path))
    terminal.until("cycle 1")
    assert LEFT in _told(terminal, number)
