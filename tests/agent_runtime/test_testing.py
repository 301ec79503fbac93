"""The check for people who write a model: a sound model passes, each kind of fault is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from agent_runtime import ScriptedModel
from agent_runtime.models.scripted import call, fail, text, think
from agent_runtime.testing import check_model

START, STOP = {"messageStart": {"role": "assistant"}}, {"messageStop": {"stopReason": "end_turn"}}
OPEN, CLOSE = {"contentBlockStart": {"start": {}}}, {"contentBlockStop": {}}
TEXT = {"contentBlockDelta": {"delta": {"text": "Hi"}}}


class Chunks:
    def __init__(self, *chunks: Any) -> None:
        self.chunks = chunks

    def get_config(self) -> dict[str, Any]:
        return {}

    def update_config(self, **config: Any) -> None: ...

    async def stream(self, messages: Any, tool_specs: Any = None, system_prompt: Any = None, **kwargs: Any) -> Any:
        for chunk in self.chunks:
            yield chunk


def provider_tool(delta: dict[str, Any]) -> list[dict[str, Any]]:
    """What its provider asked of a tool of its own and got from it, in one answer."""
    use = {"name": "web_search", "toolUseId": "s", "type": "server_tool_use"}
    result = {"toolUseId": "s", "type": "web_search_tool_result", "status": "success"}
    starts = [
        {"contentBlockStart": {"start": {kind: told}}} for kind, told in (("toolUse", use), ("toolResult", result))
    ]
    answer = {"contentBlockDelta": {"delta": delta}}
    return [dict(START), starts[0], dict(CLOSE), starts[1], answer, {"contentBlockStop": {}}, dict(STOP)]


def tool_start(use_id: str = "c") -> dict[str, Any]:
    return {"contentBlockStart": {"start": {"toolUse": {"name": "echo", "toolUseId": use_id}}}}


async def test_a_sound_model_passes_inside_a_loop_too() -> None:
    turn: list[Any] = [think("Hm.", signature="s"), text("Let me see.")]
    turn += [call("echo", {"text": "a"}), call("echo", {"text": "b"})]
    assert check_model(ScriptedModel([turn])) == []


def test_what_a_provider_ran_itself_is_sound() -> None:
    assert check_model(Chunks(*provider_tool({"toolResult": [{"json": []}]})), strict=False) == []


FAULTS: list[tuple[list[Any], str]] = [
    ([], "no chunk at all"),
    ([START, OPEN, TEXT, CLOSE], "without messageStop"),
    ([OPEN, TEXT, CLOSE, STOP], "before messageStart"),
    ([START, {"messageStart": {"role": "assistant"}}, STOP], "a second messageStart"),
    ([{"messageStart": {"role": "user"}}, STOP], "role assistant"),
    ([START, TEXT, STOP], "without an open block"),
    ([START, OPEN, {"contentBlockStart": {"start": {}}}, CLOSE, STOP], "while a block is open"),
    ([START, OPEN, TEXT, STOP], "messageStop while a block is open"),
    ([START, CLOSE, STOP], "contentBlockStop without"),
    ([START, STOP, OPEN], "after messageStop"),
    ([START, OPEN, {"contentBlockDelta": {"delta": {"text": None}}}, CLOSE, STOP], "must be a str"),
    ([START, OPEN, {"contentBlockDelta": {"delta": {"txt": "a"}}}, CLOSE, STOP], "exactly one of text"),
    ([START, tool_start(), {"contentBlockDelta": {"delta": {"toolUse": {"input": {}}}}}, CLOSE, STOP], "JSON text"),
    ([START, tool_start(), {"contentBlockDelta": {"delta": {"text": "a"}}}, CLOSE, STOP], "began as toolUse"),
    ([START, tool_start(), CLOSE, STOP], "say tool_use"),
    ([START, tool_start(), CLOSE, tool_start(), CLOSE, {"messageStop": {"stopReason": "tool_use"}}], "comes twice"),
    ([START, {"messageStop": {"stopReason": "tool_use"}}], "no tool use was sent"),
    ([START, STOP, {"metadata": {"usage": {"inputTokens": 1.5}}}], "usage.inputTokens"),
    (["text"], "must be a dict"),
    (provider_tool({"toolResult": {}}), "a list of content blocks"),
    (provider_tool({"text": "a"}), "began as toolResult"),
    ([START, OPEN, TEXT, TEXT, CLOSE, STOP], "same dict"),
]


@pytest.mark.parametrize(
    ("chunks", "told"), FAULTS, ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else ""
)
def test_a_broken_model_is_caught(chunks: list[Any], told: str) -> None:
    with pytest.raises(AssertionError, match=told) as caught:
        check_model(Chunks(*chunks))
    assert "Chunks breaks the model port" in str(caught.value)
    assert check_model(Chunks(*chunks), strict=False)


def test_other_faults() -> None:
    class Deaf(Chunks):
        async def stream(self, messages: Any) -> Any:  # type: ignore[override]
            yield START

    class Coroutine(Chunks):
        async def stream(self, *args: Any, **kwargs: Any) -> Any:
            return []

    class Slow(Chunks):
        async def stream(self, *args: Any, **kwargs: Any) -> Any:
            await asyncio.sleep(30)
            yield START

    class Rude(Chunks):
        async def stream(self, messages: Any, *args: Any, **kwargs: Any) -> Any:
            messages.clear()
            for chunk in (START, STOP):
                yield chunk

    class Changes(Chunks):
        async def stream(self, *args: Any, **kwargs: Any) -> Any:
            start: dict[str, Any] = {"messageStart": {"role": "assistant"}}
            yield start
            start["messageStart"]["more"] = 1
            yield STOP

    for model, told in (
        (object(), r"no stream\(\)"),
        (Deaf(), "TypeError"),
        (Coroutine(), "async generator"),
        (ScriptedModel([[fail(OSError("gone"))]]), "OSError: gone"),
        (Rude(), "changed the messages"),
        (Changes(), "after it had been yielded"),
    ):
        with pytest.raises(AssertionError, match=told):
            check_model(model)
    with pytest.raises(AssertionError, match="did not end"):
        check_model(Slow(), seconds=0.05)
