"""A line breakpoint in an editor: on a tool's function it stops before that tool, elsewhere it says why not."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from agent_runtime import tool
from tests.debug import support
from tests.debug.support import ONE, bench
from tests.runtimes import RUNTIMES
from tracer import records as r
from tracer.debug.sources import at_line, places_of

FILE = str(Path(support.__file__))
FIRST = inspect.getsourcelines(support.calculator)[1]
LAST = FIRST + len(inspect.getsourcelines(support.calculator)[0]) - 1


async def _set(client: Any, *lines: dict[str, Any], file: str = FILE) -> list[dict[str, Any]]:
    told = await client.request("setBreakpoints", {"source": {"path": file}, "breakpoints": list(lines)})
    found: list[dict[str, Any]] = told["breakpoints"]
    return found


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("line", [FIRST, LAST])
async def test_a_line_of_a_tool_stops_before_it(runtime: str, line: int) -> None:
    async with bench(ONE, runtime=runtime) as made, made.client() as client:
        (answer,) = await _set(client, {"line": line, "condition": 'input.expression = "6*7"'})
        assert (answer["verified"], answer["line"], answer["source"]["path"]) == (True, FIRST, FILE)
        run = made.run()
        stop = await client.stopped()
        assert (stop["point"], stop["name"]) == ("before_tool", "calculator")
        await client.go(stop)
        await made.end(run)


async def test_a_log_point_on_a_line_writes_and_does_not_stop() -> None:
    async with bench(ONE) as made, made.client() as client:
        await _set(client, {"line": FIRST, "logMessage": "computes {input.expression}"})
        await made.end(made.run())
        assert [log.text for log in made.records(r.Log)] == ["computes 6*7"] and not made.records(r.Stopped)


async def test_lines_that_are_cleared_or_of_no_tool_stop_nothing() -> None:
    async with bench(ONE) as made, made.client() as client:
        good, outside = await _set(client, {"line": FIRST}, {"line": 1})
        assert good["verified"] and not outside["verified"]
        assert "no tool of a live agent is written there" in outside["message"]
        (elsewhere,) = await _set(client, {"line": FIRST}, file=str(Path(FILE).with_name("oracle.py")))
        assert not elsewhere["verified"]
        assert await _set(client) == []
        await made.end(made.run())
        assert not made.records(r.Stopped)


def test_a_decorator_belongs_to_its_function(tmp_path: Path) -> None:
    file = tmp_path / "tools.py"
    file.write_text("# 1\n\n@tool(\n    name='one',\n)\ndef first(a: str) -> str:\n    return a\n\n\nx = 1\n")
    names: dict[str, Any] = {"tool": tool}
    exec(compile(file.read_text(), str(file), "exec"), names)
    agent = type("A", (), {"tool_registry": type("R", (), {"registry": {"one": names["first"]}})})()
    found = [line for line in range(1, 11) if at_line(places_of(agent), str(file), line)]
    assert found == [3, 6, 7]
