"""Edits that hooks make, and what is told of them. No test is here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from agent_runtime import Agent, hooks
from agent_runtime.hooks import EditedEvent
from agent_runtime.models.scripted import call
from agent_runtime.testing import scripted_agent
from tests.agent_runtime.asked import echo

Told = tuple[str, str, Any, Any, str]


def listen(agent: Agent) -> list[EditedEvent]:
    seen: list[EditedEvent] = []
    agent.hooks.add_callback(EditedEvent, seen.append)
    return seen


def told(seen: list[EditedEvent]) -> list[Told]:
    return [(e.what, e.path, e.before, e.after, e.by.name if e.by else "") for e in seen]


def line_of(function: Any) -> int:
    """Of the `def`: the source of a function begins with its decorators."""
    lines, first = inspect.getsourcelines(inspect.unwrap(function))
    return first + next(i for i, line in enumerate(lines) if line.lstrip().startswith(("def ", "async def ")))


def say(text: str) -> list[dict[str, Any]]:
    return [{"text": text}]


def one_call(**kwargs: Any) -> Agent:
    return scripted_agent([call("echo", {"words": "a"}, id="c")], "Done.", tools=[echo], **kwargs)


# each writable field, assigned and in place: event, edit, what is told


def prompt(event: Any) -> None:
    event.messages = [{"role": "user", "content": say("cut")}]


def prompt_in_place(event: Any) -> None:
    event.messages[0]["content"][0]["text"] = "cut"


def message_in_place(event: Any) -> None:
    if event.message["role"] == "assistant":
        event.message["content"].insert(0, {"text": "by me"})


def system(event: Any) -> None:
    event.agent.system_prompt = "Be brief."


def history(event: Any) -> None:
    if len(event.agent.messages) == 1:
        event.agent.messages = [{"role": "user", "content": say("before")}, *event.agent.messages]


def history_in_place(event: Any) -> None:
    event.agent.messages[0]["content"][0]["text"] = "cut"


def request_messages(event: Any) -> None:
    event.request.messages = event.request.messages[1:]


def request_in_place(event: Any) -> None:
    event.request.messages[0]["content"][0]["text"] = "cut"


def request_rest(event: Any) -> None:
    event.request.system_prompt, event.request.tool_choice = "Be brief.", {"any": {}}
    event.request.tool_specs[0]["description"] = "Loud."
    event.request.params["temperature"] = 0


def tool_input(event: Any) -> None:
    event.tool_use = {**event.tool_use, "input": {"words": "b"}}


def tool_input_in_place(event: Any) -> None:
    event.tool_use["input"]["words"] = "b"


def tool_name(event: Any) -> None:
    event.tool_use["name"] = "nobody"


def no_tool(event: Any) -> None:
    event.selected_tool = None


def result(event: Any) -> None:
    event.result = {**event.result, "content": say("b")}


def result_in_place(event: Any) -> None:
    event.result["status"] = "error"


def results(event: Any) -> None:
    event.message["content"][0]["toolResult"]["content"] = say("b")


def answer(event: Any) -> None:
    event.stop_response.message["content"] = [*event.stop_response.message["content"], {"text": "b"}]


USE = {"toolUse": {"toolUseId": "c", "name": "echo", "input": {"words": "a"}}}
CASES: list[tuple[type, Callable[[Any], None], list[tuple[str, str, Any, Any]]]] = [
    (hooks.BeforeInvocationEvent, prompt, [("prompt", "[0].content[0].text", "go", "cut")]),
    (hooks.BeforeInvocationEvent, prompt_in_place, [("prompt", "[0].content[0].text", "go", "cut")]),
    (hooks.BeforeInvocationEvent, system, [("system", "", "Be kind.", "Be brief.")]),
    (hooks.MessageAddedEvent, message_in_place,
     [("message", f"[{n}].content[0:0]", [], [{"text": "by me"}]) for n in (1, 3)]),
    (hooks.MessageAddedEvent, history, [("message", "[0:0]", [], [{"role": "user", "content": say("before")}])]),
    (hooks.BeforeModelCallEvent, history_in_place, [("message", "[0].content[0].text", "go", "cut")]),
    (hooks.BeforeModelCallEvent, system, [("system", "", "Be kind.", "Be brief.")]),
    (hooks.BeforeModelCallEvent, request_messages,
     [("request", "messages", [{"role": "user", "content": say("go")}], []),
      ("request", "messages[0:1]", [{"role": "user", "content": say("go")}], [])]),
    (hooks.BeforeModelCallEvent, request_in_place, 2 * [("request", "messages[0].content[0].text", "go", "cut")]),
    (hooks.BeforeModelCallEvent, request_rest,
     2 * [("request", "system_prompt", "Be kind.", "Be brief."),
          ("request", "tool_specs[0].description", "Say it again.", "Loud."),
          ("request", "tool_choice", None, {"any": {}}),
          ("request", "params", {}, {"temperature": 0})]),
    (hooks.AfterModelCallEvent, answer,
     [("message", f"[{n}].content[1:1]", [], [{"text": "b"}]) for n in (1, 3)]),
    (hooks.BeforeToolsEvent, system, [("system", "", "Be kind.", "Be brief.")]),
    (hooks.BeforeToolCallEvent, tool_input, [("input", "", {"words": "a"}, {"words": "b"})]),
    (hooks.BeforeToolCallEvent, tool_input_in_place, [("input", "", {"words": "a"}, {"words": "b"})]),
    (hooks.BeforeToolCallEvent, tool_name, [("tool", "name", "echo", "nobody")]),
    (hooks.BeforeToolCallEvent, no_tool, [("tool", "selected", "echo", None)]),
    (hooks.AfterToolCallEvent, result, [("result", "content[0].text", "a", "b")]),
    (hooks.AfterToolCallEvent, result_in_place, [("result", "status", "success", "error")]),
    (hooks.AfterToolsEvent, results, [("message", "[2].content[0].toolResult.content[0].text", "a", "b")]),
]  # fmt: skip
