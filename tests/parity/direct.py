"""Scenarios of tools that the program calls itself, and of tools that are no decorated functions."""

from __future__ import annotations

import importlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.parity.scenario import Scenario
from tests.parity.tools import ask, count, double, fail, ran
from tests.provider import call, turn

SPEC: Any = {
    "name": "weigh",
    "description": "Weigh it.",
    "inputSchema": {"json": {"type": "object", "properties": {"what": {"type": "string"}, "unit": {}}}},
}
WEIGHED = [turn(call("weigh", {"what": "a stone"})), turn("Heavy.")]


def called(name: str, **given: Any) -> Callable[[Any], Any]:
    """A program that calls the tool and tells what it got, then prompts."""

    async def drive(stage: Any) -> None:
        try:
            stage.tell("run", ("direct", {"result": getattr(stage.agent.tool, name)(**given)}))
        except Exception as error:
            stage.tell("raised", (type(error).__name__, str(error)))
        await stage.ask("go")

    return drive


def refuse(event: Any) -> None:
    event.cancel_tool = "not that one"


def weigh(tool: Any, **kwargs: Any) -> Any:
    ran("weigh", input=tool["input"], found=[key for key in WITH_IT if key in kwargs], tools=tools_of(kwargs))
    content = [{"text": f"{kwargs['system_prompt']} {len(kwargs['messages'])}"}]
    return {"toolUseId": tool["toolUseId"], "status": "success", "content": content}


WITH_IT = ("agent", "model", "messages", "system_prompt", "tool_config", "user_id")


def tools_of(kwargs: Any) -> list[str]:
    return [tool["toolSpec"]["name"] for tool in kwargs["tool_config"]["tools"]]


def module(sdk: Any) -> dict[str, Any]:
    made = ModuleType("weigh")
    made.__file__ = str(Path(__file__).with_name("weigh.py"))
    made.TOOL_SPEC, made.weigh = SPEC, weigh  # type: ignore[attr-defined]
    return {"tools": [made], "system_prompt": "Be exact."}


def subclass(sdk: Any) -> dict[str, Any]:
    port: Any = importlib.import_module(f"{sdk.top.__name__}.types.tools").AgentTool

    class Scale(port):  # type: ignore[misc]
        tool_name, tool_spec, tool_type = "weigh", SPEC, "own"

        async def stream(self, tool_use: Any, invocation_state: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
            ran("weigh", input=tool_use["input"])
            yield "on it"
            yield {"toolUseId": tool_use["toolUseId"], "status": "success", "content": [{"text": "3 kg"}]}

    return {"tools": [Scale()]}


SCENARIOS = [
    Scenario(name="a direct call of a stream tool", turns=[turn("Yes.")], tools=[count], drive=called("count", to=3)),
    Scenario(name="a direct call that fails", turns=[turn("Yes.")], tools=[fail], drive=called("fail", kind="value")),
    Scenario(name="a direct call of no tool", turns=[turn("Yes.")], tools=[fail], drive=called("nothing", kind="x")),
    Scenario(name="a direct call that asks", turns=[turn("Yes.")], tools=[ask], drive=called("ask", what="now?")),
    Scenario(
        name="a direct call that a hook refuses",
        turns=[turn("Yes.")],
        tools=[double],
        hooks=[("BeforeToolCallEvent", refuse)],
        drive=called("double", number=4),
    ),
    Scenario(name="a module as a tool", turns=WEIGHED, options=module, call={"user_id": "u"}),
    Scenario(name="a direct call of a module", turns=[turn("Yes.")], options=module, drive=called("weigh", what="it")),
    Scenario(name="a tool of a class of its own", turns=WEIGHED, options=subclass),
]
