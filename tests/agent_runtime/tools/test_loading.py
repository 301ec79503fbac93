"""Tools by name, and errors that say what to do."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

from agent_runtime.tools import ToolRegistry, calculator, load, tool
from agent_runtime.tools.files import LoadError

MINE = """
from agent_runtime.tools import calculator, tool
@tool
def one() -> int: return 1
@tool
def two() -> int: return 2
def plain(): "A function."
both = [one, two]
"""


def write(folder: Path, name: str, source: str) -> str:
    (folder / name).write_text(source)
    return str(folder / name)


def names(spec: str) -> list[str]:
    return [made.tool_name for made in load(spec)]


def test_shipped_tools_by_name() -> None:
    assert load("calculator") == [calculator]
    with pytest.raises(LoadError, match="no shipped tool 'calculater'; did you mean calculator"):
        load("calculater")
    with pytest.raises(LoadError, match=r"there are calculator and http_request, or name a file\.py"):
        load("zzz")


def test_all_tools_of_a_file_but_not_what_it_imports(tmp_path: Path) -> None:
    file = write(tmp_path, "mine.py", MINE)
    assert names(file) == ["one", "two"]
    assert names(f"{file}:two") == ["two"]
    assert names(f"{file}:both") == ["one", "two"]
    assert load(file)[0] is load(file)[0], "a file is imported once"


@pytest.mark.parametrize(
    ("source", "spec", "message"),
    [
        (MINE, ":plain", "'plain' in .*mine.py is not a tool; decorate it with @tool"),
        (MINE, ":three", "has no 'three'; it defines one, two, plain, both$"),
        (f"from __future__ import annotations\nfrom typing import Any, List\n{MINE}\nx: Any = 1", ":y", "both, x$"),
        ("def a(): 'Doc.'\ndef b(): 'Doc.'", "", "has no tools; decorate a, b with @tool"),
        ("x = 1\n\nraise RuntimeError('boom')", "", r"mine.py:3: RuntimeError: boom"),
        ("import nowhere_at_all", "", r"mine.py:1: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("x = 1\ndef (", "", r"mine.py:2: SyntaxError"),
        ("import sys\nsys.exit(3)", "", r"mine.py:2: SystemExit: 3"),
    ],
)
def test_bad_files(tmp_path: Path, source: str, spec: str, message: str) -> None:
    file = write(tmp_path, "mine.py", source)
    with pytest.raises(LoadError, match=message) as caught:
        load(file + spec)
    assert "\n" not in str(caught.value)


def test_a_missing_file() -> None:
    with pytest.raises(LoadError, match=r"there is no file nowhere\.py"):
        load("nowhere.py:x")


def test_the_registry_takes_tools_and_lists_of_them() -> None:
    @tool
    def other() -> None: ...

    registry = ToolRegistry([calculator, [other, calculator]])
    assert list(registry.registry) == ["calculator", "other"]
    assert [spec["name"] for spec in registry.get_all_tool_specs()] == ["calculator", "other"]


@pytest.mark.parametrize(
    ("item", "hint"),
    [
        (lambda: 1, "decorate it with @tool"),
        (textwrap, "module textwrap has no tools"),
        ("mine.py", r"there is no file mine\.py"),
        (3, r"it needs tool_name"),
    ],
)
def test_what_is_no_tool_says_why(item: Any, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        ToolRegistry([item])


def test_names_must_be_fit_and_unique() -> None:
    with pytest.raises(ValueError, match="is no tool name"):
        ToolRegistry([tool(name="two words")(lambda: 1)])
    with pytest.raises(ValueError, match="rename one"):
        ToolRegistry([tool(name="a-b")(lambda: 1), tool(name="a_b")(lambda: 1)])
