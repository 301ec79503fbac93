"""tracer.toml: its breakpoints are those of each run, beside `-b`; what is wrong with it is one line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.terminal import TRACER, environment
from tracer.cli.config import configured_breakpoints
from tracer.errors import TracerError

APP = """
from agent_runtime import Agent, ScriptedModel
from agent_runtime.models.scripted import call
from agent_runtime.tools import calculator
agent = Agent(ScriptedModel([[call("calculator", {"expression": "6*7"})], "Done."]), tools=[calculator])
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("TRACER_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_without_a_file_there_are_none() -> None:
    assert configured_breakpoints() == ()


def test_a_file_elsewhere_is_named_by_the_environment(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "tracer.toml").write_text('breakpoints = ["any"]')
    (here / "other.toml").write_text('breakpoints = ["tool_error", "before_tool:a*"]')
    monkeypatch.setenv("TRACER_CONFIG", str(here / "other.toml"))
    assert configured_breakpoints() == ("tool_error", "before_tool:a*")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("breakpoints = ]", r"tracer.toml is no TOML: .*line 1.*; correct that line"),
        ("breakpoints = 'any'", r"tracer.toml: breakpoints is no list of texts; write it as"),
        ("breakpoints = [3]", r"tracer.toml: breakpoints is no list of texts; write it as"),
        ("breakpoint = ['any']", r"tracer.toml has breakpoint; it holds `breakpoints = \[...\]` and nothing else"),
        ("breakpoints = ['before_tol:x']", r"tracer.toml: breakpoint 'before_tol:x', column 1: there is no point"),
        (None, r"cannot read .*gone.toml: No such file or directory; correct \$TRACER_CONFIG, or unset it"),
    ],
)
def test_what_is_wrong_with_it_is_one_line(
    text: str | None, said: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is None:
        monkeypatch.setenv("TRACER_CONFIG", str(here / "gone.toml"))
    else:
        (here / "tracer.toml").write_text(text)
    with pytest.raises(TracerError, match=said) as caught:
        configured_breakpoints()
    assert "\n" not in str(caught.value) and caught.value.exit_code == 2


@pytest.mark.slow
def test_a_run_stops_there(here: Path) -> None:
    (here / "app.py").write_text(APP)
    (here / "tracer.toml").write_text('breakpoints = ["before_tool:calc*"]')
    command = [TRACER, "run", "--plain", "--stop-timeout", "1", "app.py:agent", "go"]
    done = subprocess.run(command, env=environment(here), capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "before_tool:calc*" in done.stdout, done.stderr
    (here / "tracer.toml").write_text('breakpoints = ["before_tol"]')
    done = subprocess.run(command, env=environment(here), capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "before_tol" in done.stderr and done.stderr.count("\n") == 1
