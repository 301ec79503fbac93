"""@tool: the schema it describes, the input it accepts, what the model reads of results and errors."""

from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from agent_runtime.events import ToolResultEvent
from agent_runtime.models.scripted import call
from agent_runtime.testing import scripted_agent
from agent_runtime.tools import ToolContext, timing, tool
from tests.clock import movable

WHERE: contextvars.ContextVar[str] = contextvars.ContextVar("WHERE", default="nowhere")


async def run(made: Any, arguments: Any = None, state: dict[str, Any] | None = None) -> tuple[list[Any], Any]:
    """What the tool yielded, and its ToolResultEvent."""
    use = {"toolUseId": "c1", "name": made.tool_name, "input": {} if arguments is None else arguments}
    items = [item async for item in made.stream(use, state or {})]
    assert isinstance(items[-1], ToolResultEvent)
    return items[:-1], items[-1]


async def told(made: Any, arguments: Any = None) -> tuple[str, str]:
    result = (await run(made, arguments))[1].result
    return result["status"], result["content"][0]["text"]


@tool
def search(query: str, limit: int = 5, kind: Literal["a", "b"] | None = None) -> str:
    """Find things.

    Looks everywhere.

    Args:
        query: What to find
        limit: How many

    Returns:
        What was found
    """
    return f"{query} {limit!r} {kind}"


def test_the_spec_comes_from_hints_and_docstring() -> None:
    assert search.tool_spec == {
        "name": "search",
        "description": "Find things.\n\nLooks everywhere.\n\nReturns:\n    What was found",
        "inputSchema": {
            "json": {
                "type": "object",
                "properties": {
                    "query": {"type": "string", "description": "What to find"},
                    "limit": {"type": "integer", "default": 5, "description": "How many"},
                    "kind": {"type": "string", "enum": ["a", "b"], "default": None, "description": "Parameter kind"},
                },
                "required": ["query"],
            }
        },
    }


def test_it_is_still_the_function() -> None:
    assert search("x", limit=2) == "x 2 None"
    assert search.__name__ == "search"


def test_decorating_imports_nothing_heavy() -> None:
    code = (
        "import sys; from agent_runtime.tools import tool, calculator, http_request\n"
        "from agent_runtime.models import ScriptedModel\n@tool\ndef f(a: int) -> int: return a\n"
        "print([m for m in ('pydantic','docstring_parser','litellm','httpx','simpleeval') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


async def test_input_is_converted_and_checked() -> None:
    assert await told(search, {"query": "x", "limit": "3"}) == ("success", "x 3 None")
    status, text = await told(search, {"limit": "many"})
    assert status == "error"
    assert text.startswith("Error: Validation failed for input parameters: 2 validation errors for SearchTool\nquery")
    assert (await told(search, ["no", "object"]))[0] == "error"


async def test_names_that_pydantic_keeps_for_itself() -> None:
    @tool
    def odd(schema: str, _hidden: int, model_config: str, **rest: Any) -> str:
        return f"{schema} {_hidden} {model_config} {rest}"

    assert list(odd.tool_spec["inputSchema"]["json"]["properties"]) == ["schema", "_hidden", "model_config"]
    given = {"schema": "s", "_hidden": 1, "model_config": "m", "more": 2}
    assert await told(odd, given) == ("success", "s 1 m {'more': 2}")


async def test_annotated_descriptions_and_constraints() -> None:
    @tool
    def pick(count: Annotated[int, Field(ge=1, description="How many")], name: Annotated[str, "Whose"]) -> str:
        return "ok"

    properties = pick.tool_spec["inputSchema"]["json"]["properties"]
    assert properties["count"] == {"type": "integer", "minimum": 1, "description": "How many"}
    assert properties["name"]["description"] == "Whose"
    assert (await told(pick, {"count": 0, "name": "x"}))[0] == "error"


class Point(BaseModel):
    x: int


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (49, "49"),
        ({"a": "é"}, '{"a": "é"}'),
        ([1, None], "[1, null]"),
        (None, "null"),
        (Point(x=1), '{"x":1}'),
        (b"\x00", "b'\\x00'"),
        ({1}, "{1}"),
    ],
)
async def test_results_as_text(value: Any, text: str) -> None:
    @tool
    def give() -> Any:
        return value

    assert await told(give) == ("success", text)


async def test_a_tool_result_passes_and_the_returned_dict_is_left_alone() -> None:
    kept = {"status": "error", "content": [{"json": {"a": 1}}]}

    @tool
    def give() -> Any:
        return kept

    assert (await run(give))[1].result == {"toolUseId": "c1", **kept}
    assert "toolUseId" not in kept


async def test_errors_as_the_model_reads_them() -> None:
    @tool
    def fall(kind: str) -> None:
        raise {"value": ValueError, "key": KeyError, "exit": SystemExit, "stop": StopIteration}[kind]("boom")

    assert await told(fall, {"kind": "value"}) == ("error", "Error: boom")
    assert await told(fall, {"kind": "key"}) == ("error", "Error: KeyError - 'boom'")
    assert await told(fall, {"kind": "exit"}) == ("error", "Error: SystemExit - boom")
    assert (await told(fall, {"kind": "stop"}))[0] == "error"
    assert isinstance((await run(fall, {"kind": "key"}))[1].exception, KeyError)


async def test_a_function_runs_in_a_thread_with_the_context() -> None:
    @tool
    def where() -> str:
        return f"{WHERE.get()} {threading.current_thread() is threading.main_thread()}"

    WHERE.set("here")
    assert await told(where) == ("success", "here False")


async def test_async_functions_and_generators() -> None:
    @tool
    async def later() -> str:
        await asyncio.sleep(0)
        return f"loop {threading.current_thread() is threading.main_thread()}"

    @tool
    async def stages() -> AsyncIterator[Any]:
        yield {"stage": 1}
        yield "done"

    assert await told(later) == ("success", "loop True")
    items, last = await run(stages)
    assert items == [{"stage": 1}, "done"]
    assert last.result["content"] == [{"text": "done"}]


async def test_a_generator_that_is_left_is_closed() -> None:
    closed = []

    @tool
    async def stages() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    stream = stages.stream({"toolUseId": "c", "name": "stages", "input": {}}, {})
    await anext(stream)
    await stream.aclose()
    assert closed == [True]


async def test_timeouts_of_all_three_kinds() -> None:
    @tool(timeout=0.05)
    def blocks() -> None:
        time.sleep(5)

    @tool(timeout=0.05)
    async def waits() -> None:
        await asyncio.sleep(5)

    @tool(timeout=0.05)
    async def streams() -> AsyncIterator[int]:
        yield 1
        await asyncio.sleep(5)
        yield 2

    for made in (blocks, waits, streams):
        assert await told(made) == ("error", f"Error: ToolTimeout - {made.tool_name} did not finish within 0.05 s")


async def test_time_outside_of_a_streaming_tool_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    move = movable(monkeypatch, timing)

    @tool(timeout=10)
    async def streams() -> AsyncIterator[int]:
        yield 1
        yield 2

    stream = streams.stream({"toolUseId": "c", "name": "streams", "input": {}}, {})
    await anext(stream)
    move(100)
    for _ in range(3):
        await asyncio.sleep(0)  # whatever is due by now comes
    assert await anext(stream) == 2
    await stream.aclose()


def test_a_hanging_tool_does_not_keep_the_program_alive() -> None:
    code = (
        "import asyncio, time\nfrom agent_runtime.tools import tool\n"
        "@tool(timeout=0.05)\ndef hang() -> None: time.sleep(300)\n"
        "async def main():\n"
        "    async for item in hang.stream({'toolUseId': 'c', 'name': 'hang', 'input': {}}, {}): print(item.result)\n"
        "asyncio.run(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=100)
    assert "did not finish" in done.stdout


async def test_the_context_is_given_and_not_described() -> None:
    @tool(context=True)
    def who(tool_context: ToolContext, agent: Any = None) -> str:
        return f"{tool_context.tool_use['toolUseId']} {tool_context.invocation_state['user']} {agent}"

    @tool(context="ctx")
    def also(ctx: ToolContext) -> str:
        return ctx.tool_use["name"]

    assert who.tool_spec["inputSchema"]["json"]["properties"] == {}
    last = (await run(who, {}, {"user": "u1", "agent": "A"}))[1]
    assert last.result["content"] == [{"text": "c1 u1 A"}]
    assert await told(also) == ("success", "also")


def test_a_wrong_context_is_refused_at_once() -> None:
    def lacks(ctx: ToolContext) -> None: ...

    with pytest.raises(ValueError, match="must be set"):
        tool(lacks)
    with pytest.raises(ValueError, match="must be named 'other'"):
        tool(context="other")(lacks)
    with pytest.raises(ValueError, match="cannot be empty"):
        tool(context=" ")


async def test_a_tool_may_ask_and_gets_the_answer_when_the_run_goes_on() -> None:
    @tool(context=True)
    def delete(tool_context: ToolContext) -> str:
        return f"answer: {tool_context.interrupt('sure', reason='it is gone then')}"

    agent = scripted_agent([call("delete", id="c1")], "Done.", tools=[delete])
    asked = await agent.invoke_async("Delete it")
    assert (asked.stop_reason, asked.interrupts[0].reason) == ("interrupt", "it is gone then")
    response = {"interruptResponse": {"interruptId": asked.interrupts[0].id, "response": "yes"}}
    assert (await agent.invoke_async([response])).stop_reason == "end_turn"
    assert agent.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "answer: yes"}]


async def test_methods_are_tools_of_their_object() -> None:
    class Shop:
        def __init__(self, name: str) -> None:
            self.name = name

        @tool
        def price(self, item: str) -> str:
            """Ask the price."""
            return f"{self.name}: {item}"

    shop = Shop("corner")
    assert shop.price("tea") == "corner: tea"
    assert list(shop.price.tool_spec["inputSchema"]["json"]["properties"]) == ["item"]
    assert await told(shop.price, {"item": "tea"}) == ("success", "corner: tea")


async def test_an_object_in_a_given_schema_gets_a_description_like_all_else() -> None:
    @tool(inputSchema={"type": "object", "properties": {"r": {"type": "object", "properties": {"z": {}}}}})
    def find(r: Any = None) -> None:
        """Find."""

    assert find.tool_spec["inputSchema"]["json"]["properties"]["r"]["description"] == "Property r"


async def test_names_descriptions_and_schemas_can_be_given() -> None:
    @tool(name="other", description="Else.", inputSchema={"json": {"type": "object", "properties": {"n": {}}}})
    def f(n: int) -> int:
        return n

    assert f.tool_spec["name"] == f.tool_name == "other"
    assert f.tool_spec["description"] == "Else."
    assert f.tool_spec["inputSchema"]["json"]["properties"] == {"n": {"type": "string", "description": "Property n"}}
    with pytest.raises(ValueError, match="another name"):
        f.tool_spec = {**f.tool_spec, "name": "x"}
    inputs = {"type": "object", "properties": {"m": {}}}
    other = tool(None, "In order.", inputs, "placed")(f._func)  # by position, as Strands' takes them
    assert (other.tool_name, other.tool_spec["description"]) == ("placed", "In order.")
    assert list(other.tool_spec["inputSchema"]["json"]["properties"]) == ["m"]


def test_the_source_is_the_line_of_the_def() -> None:
    @tool(
        name="spread",
    )
    async def f() -> None: ...

    assert f.source is not None
    file, line = f.source
    assert file == __file__
    with open(__file__) as source:
        assert source.readlines()[line - 1].strip() == "async def f() -> None: ..."


def test_hints_without_a_schema_name_the_tool() -> None:
    def f(a: Callable[[], int]) -> None: ...

    with pytest.raises(ValueError, match=r"parameters of tool 'f' have no JSON Schema: "):
        tool(f).tool_spec


def test_hints_that_cannot_be_read_name_the_tool() -> None:
    def f(a: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    with pytest.raises(ValueError, match=r"type hints of tool 'f' cannot be read: name 'Nowhere'"):
        tool(f).tool_spec
