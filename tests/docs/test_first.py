"""docs/first.md is typed: its agent is run, read, stopped and edited as it stands, without a key."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.docs.blocks import REPO, blocks
from tests.docs.test_readme import told
from tests.terminal import environment, on_path
from tracer import records as r
from tracer.session import open_session

PAGE = "docs/first.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (app,) = blocks(PAGE, "python")
    (tmp_path / "my_app.py").write_text(app.code)
    return tmp_path


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return environment(tmp_path / "home", **on_path(tmp_path / "bin"))


def typed(line: str, folder: Path, env: dict[str, str]) -> str:
    done = subprocess.run(
        line, shell=True, env=env, cwd=folder, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, (line, done.stderr)
    return done.stdout


def test_it_is_run_and_read(folder: Path, env: dict[str, str]) -> None:
    run, ls, show, view = (typed(line, folder, env) for line in told(blocks(PAGE, "console")[0]))
    assert "tool result: http_report success" in run and "text: The boxes cost 42 euros." in run
    assert "Fetch the report" in ls and 'using tool: calculator {"expression": "6*7"}' in show
    assert "text: The boxes cost 42 euros." in view


@pytest.mark.slow
def test_it_is_stopped_and_edited_from_a_second_terminal(folder: Path, env: dict[str, str]) -> None:
    run, *others = told(blocks(PAGE, "console")[1])
    process = subprocess.Popen(shlex.split(run), env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    try:
        stops, *_ = [typed(line, folder, env) for line in others]
        assert stops.startswith('  1  before_tool calculator  {"expression": "6*7"}')
        assert b"tool result: calculator success in" in process.communicate(timeout=200)[0]
    finally:
        process.kill()
        process.communicate()
    (path,) = (folder / "home" / "sessions").iterdir()
    ends = [record for record in open_session(path).records() if isinstance(record, r.ToolEnd)]
    assert [end.input for end in ends][1] == {"expression": "100+1"}


@pytest.mark.parametrize("page", ["README.md", "docs/debugger.md"])
@pytest.mark.slow
def test_the_other_pages_runs_of_my_app_are_runs_of_it(page: str, folder: Path, env: dict[str, str]) -> None:
    lines = [line for block in blocks(page, "console") for line in told(block) if "my_app.py:agent" in line]
    assert lines
    for line in lines:
        stopped = " -b " in line
        done = subprocess.run(
            line.replace(" -b ", " --stop-timeout 0.2 -b "), shell=True, env=env, cwd=folder, capture_output=True,
            text=True, timeout=200, check=False,
        )  # fmt: skip
        assert done.returncode == stopped, (line, done.stderr)
        assert ("stopped at before_tool" in done.stdout) == stopped


def test_the_links_lead_somewhere() -> None:
    assert os.path.exists(REPO / PAGE) and f"]({PAGE})" in (REPO / "README.md").read_text()
