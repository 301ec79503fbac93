"""Programs of the Strands docs say the same here with only their imports changed, and on stock Strands unchanged."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from agent_runtime.models import scripted
from tests.agent_runtime.surface import agents, corners, hooks, tools
from tests.runtimes import make_model, needs_strands

PROGRAMS = {
    f"{room.__name__.rpartition('.')[2]}-{name.lower()}": source
    for room in (agents, tools, hooks, corners)
    for name, source in vars(room).items()
    if name.isupper()
}
IMPORT = re.compile(r"^(\s*(?:from|import) )strands\b", re.MULTILINE)


def plain(value: Any) -> Any:
    """Without what only one runtime adds to a message, drawn ids, and the newline after an agent's answer as a tool."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in ("metadata", "tracking_id")}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return re.sub(r"(tooluse_\w+?)_\d+$", r"\1", value.rstrip("\n")) if isinstance(value, str) else value


def run(runtime: str, source: str, folder: Path) -> str:
    """What the program prints; `scripted(*turns)` in it makes a model of its runtime."""
    if runtime == "own":
        source = IMPORT.sub(r"\1agent_runtime", source)
    folder.mkdir()
    names: dict[str, Any] = {key: getattr(scripted, key) for key in ("call", "fail", "text", "think", "usage")}
    names |= {"scripted": lambda *turns: make_model(runtime, turns), "plain": plain, "folder": str(folder)}
    names["Sequential"] = _sequential(runtime)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(source, f"{runtime}.py", "exec", dont_inherit=True), names)
    return printed.getvalue()


def _sequential(runtime: str) -> Any:
    if runtime == "own":
        from agent_runtime.tools.executors import SequentialToolExecutor

        return SequentialToolExecutor
    from strands.tools.executors import SequentialToolExecutor as Stock

    return Stock


@needs_strands
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_says_the_same_on_both(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    modules = set(sys.modules)
    said = {}
    for runtime in ("own", "stock"):
        said[runtime] = run(runtime, PROGRAMS[name], tmp_path / runtime)
        for module in set(sys.modules) - modules:
            if str(tmp_path) in str(getattr(sys.modules[module], "__file__", "")):
                del sys.modules[module]
    assert said["own"] == said["stock"]
    assert said["own"]
