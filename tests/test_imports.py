"""What a start may load, each in an interpreter of its own, and how long a file may grow. Not a timed test."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPO = Path(__file__).parent.parent
HEAVY = {"litellm", "textual", "opentelemetry", "structlog", "pydantic"}
MAX_LINES = 400
HELP = "from tracer.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit as end:\n    assert not end.code"
STARTS = {
    "import tracer": HEAVY,
    "import agent_runtime": HEAVY,
    "from agent_runtime import Agent, tool": HEAVY,
    HELP: HEAVY | {"asyncio", "importlib.metadata"},
}


def loaded(code: str) -> set[str]:
    """Names of the modules in `sys.modules` after the code has run."""
    script = f"{code}\nimport json, sys; print('\\n' + json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(("code", "unwanted"), STARTS.items(), ids=["tracer", "agent_runtime", "Agent, tool", "--help"])
def test_a_start_loads_nothing_heavy(code: str, unwanted: set[str]) -> None:
    assert not loaded(code) & unwanted


def test_the_look_sees_a_heavy_import() -> None:
    assert loaded("import asyncio") & (HEAVY | {"asyncio"}) == {"asyncio"}


@pytest.mark.parametrize("package", ["agent_runtime", "tracer"])
def test_no_file_is_over_400_lines(package: str) -> None:
    sizes = {path: len(path.read_text().splitlines()) for path in (REPO / package).rglob("*.py")}
    assert sizes
    assert not {str(path.relative_to(REPO)): size for path, size in sizes.items() if size > MAX_LINES}
