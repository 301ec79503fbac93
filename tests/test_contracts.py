"""The import contracts of pyproject.toml, each broken on purpose in a house of empty rooms."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).parent.parent
CONTRACTS = tomllib.loads((REPO / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
KEYS = ("source_modules", "forbidden_modules")
NAMED = {name for contract in CONTRACTS for key in KEYS for name in contract.get(key, ())}
ROOMS = {name for name in NAMED if name.startswith("tracer.") and "*" not in name}
ROOMS |= {"tracer.errors", "tracer.recorder"}
ROOMS |= {f"agent_runtime.{room}" for room in ("server", "testing", "event_loop", "edits", "tools", "hooks")}

BROKEN = {
    "agent_runtime/agent/agent.py": ("import tracer.records", "The runtime never knows the tracer"),
    "agent_runtime/tools/port.py": ("import agent_runtime.event_loop", "The runtime's rooms"),
    "agent_runtime/hooks/__init__.py": ("import agent_runtime.edits", "The runtime's rooms"),
    "tracer/timeline/__init__.py": ("from tracer.errors import X", "know nothing of ours but each other"),
    "tracer/ids/__init__.py": ("import agent_runtime.agent", "know nothing of ours but each other"),
    "tracer/journal/reader.py": ("def f():\n    from tracer.text import X", "The journal knows no view"),
    "tracer/text/plain.py": ("import textual.app", "Textual only under tui"),
    "tracer/recorder/__init__.py": ("from opentelemetry.sdk.trace import X", "OpenTelemetry only under otel"),
    "agent_runtime/models/other.py": ("def f():\n    import litellm", "litellm only behind its adapter"),
}
ALLOWED = {
    "tracer/timeline/__init__.py": "from tracer import records, ids, filters",
    "tracer/tui/widgets/list.py": "import textual",
    "tracer/otel/spans.py": "import opentelemetry.sdk.trace",
    "agent_runtime/models/litellm.py": "import litellm",
    "tracer/cli/run.py": "from tracer.tui.widgets import list\nfrom tracer.otel import spans\nimport agent_runtime",
}


def build(root: Path, planted: dict[str, str]) -> None:
    """An empty file for each room, and the planted source."""
    names = ["agent_runtime/__init__.py", "agent_runtime/agent/__init__.py"]
    names += ["agent_runtime/agent/agent.py", "agent_runtime/models/__init__.py"]
    names += ["agent_runtime/models/litellm.py", "tracer/__init__.py", "tracer/tui/widgets/__init__.py"]
    names += [f"{room.replace('.', '/')}/__init__.py" for room in ROOMS]
    for name in [*names, *planted]:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(planted.get(name, "") + "\n")
    shutil.copy(REPO / "pyproject.toml", root)


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports_command as c; c(['--no-cache', '--no-logo'])"
    env = {**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run([sys.executable, "-c", code], cwd=root, env=env, capture_output=True, text=True, check=False)


def test_what_design_allows_is_kept(tmp_path: Path) -> None:
    build(tmp_path, ALLOWED)
    done = lint(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in done.stdout


QUICK = {"agent_runtime/agent/agent.py", "tracer/timeline/__init__.py"}


@pytest.mark.parametrize(
    ("path", "planted", "contract"),
    [pytest.param(path, *rest, marks=[] if path in QUICK else pytest.mark.slow) for path, rest in BROKEN.items()],
)
def test_a_broken_rule_is_named(tmp_path: Path, path: str, planted: str, contract: str) -> None:
    build(tmp_path, {path: planted})
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(contract in line and "BROKEN" in line for line in done.stdout.splitlines()), done.stdout
    assert f"{len(CONTRACTS) - 1} kept, 1 broken" in done.stdout
