"""A client that nobody here wrote, npm's `@vscode/debugadapter-testsupport`, drives a real run over `tracer dap`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.steered import Steered
from tests.terminal import TRACER, environment
from tracer import records as r

PACKAGE = "@vscode/debugadapter-testsupport"
SCRIPT = Path(__file__).parent / "foreign.js"


@pytest.fixture
def modules() -> Path:
    """A folder in which node finds the client. Tests use no network, so whoever wants this one installs it before."""
    folder = Path(os.environ.get("DAP_CLIENT_MODULES", ""))
    if not shutil.which("node") or not (folder / PACKAGE).is_dir():
        pytest.skip(f"$DAP_CLIENT_MODULES names no node_modules with {PACKAGE} (1.68 was tried), or node is not here")
    return folder


@pytest.mark.slow
def test_a_foreign_client_stops_edits_and_continues_a_live_run(modules: Path, tmp_path: Path, home: Path) -> None:
    run = Steered(tmp_path / "runs", "before_tool:add")
    try:
        run.stop()
        env = environment(run.home, NODE_PATH=str(modules))
        node = subprocess.run(["node", str(SCRIPT), TRACER], check=False, env=env, capture_output=True, timeout=200)
        assert node.returncode == 0, node.stderr
        session = run.end()
    finally:
        run.process.kill()
        run.process.communicate()
    seen = json.loads(node.stdout.decode())
    assert seen["points"] == ["before_tool add", "after_tool add"] and seen["frames"] == 3
    assert seen["evaluated"]["result"] == "100" and "## messages[1] assistant" in seen["document"]
    assert seen["text"].endswith("It is 3.\n") and "tool result: add success" in seen["text"]
    (ended,) = [record for record in session.records() if isinstance(record, r.ToolEnd)]
    assert ended.input == {"a": 100, "b": 2} and "102" in str(ended.result)
    (edited,) = [record for record in session.records() if isinstance(record, r.Edited)]
    assert edited.before == {"a": 1, "b": 2}


@pytest.mark.slow
def test_a_foreign_client_walks_through_a_recording_and_back(modules: Path, tmp_path: Path) -> None:
    sample = Path(__file__).parents[2] / "sample_sessions" / "tools.jsonl"
    env = environment(tmp_path, NODE_PATH=str(modules))
    line = ["node", str(SCRIPT.with_name("foreign_recorded.js")), TRACER, str(sample)]
    node = subprocess.run(line, check=False, env=env, capture_output=True, timeout=40)
    assert node.returncode == 0, node.stderr
    seen = json.loads(node.stdout.decode())
    first, *there, last = seen["said"]
    assert first == last == "message user" and seen["reasons"][0] == seen["reasons"][-1] == "entry"
    assert there[0].startswith("after_tool") and there[1] == there[0].replace("after_", "before_")
    assert there[2] == there[0]
