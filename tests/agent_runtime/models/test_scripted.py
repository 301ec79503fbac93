"""ScriptedModel: the chunk protocol, word by word, and the ways a turn can end."""

from __future__ import annotations

from typing import Any

import pytest

from agent_runtime.models import Model, ScriptedModel
from agent_runtime.models.scripted import ScriptExhausted, call, fail, pause, stop, text, think, usage

PROMPT = [{"role": "user", "content": [{"text": "hi"}]}]


async def play(model: ScriptedModel) -> list[Any]:
    return [chunk async for chunk in model.stream(PROMPT)]


async def test_a_turn_is_blocks_in_chunks() -> None:
    model = ScriptedModel([[think("Let me see", "sig"), "I add. ", call("add", {"a": 1, "b": 2})]])
    chunks = await play(model)
    assert chunks[0] == {"messageStart": {"role": "assistant"}}
    deltas = [chunk["contentBlockDelta"]["delta"] for chunk in chunks if "contentBlockDelta" in chunk]
    assert deltas[:4] == [
        {"reasoningContent": {"text": "Let "}},
        {"reasoningContent": {"text": "me "}},
        {"reasoningContent": {"text": "see"}},
        {"reasoningContent": {"signature": "sig"}},
    ]
    assert "".join(delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta) == '{"a": 1, "b": 2}'
    assert {"contentBlockStart": {"start": {"toolUse": {"name": "add", "toolUseId": "call_1"}}}} in chunks
    assert chunks[-2] == {"messageStop": {"stopReason": "tool_use"}}
    assert chunks[-1]["metadata"]["usage"]["estimated"] is True


async def test_told_usage_is_not_an_estimate() -> None:
    chunks = await play(ScriptedModel([["Hi", usage(11, 7, cost=0.5)]]))
    assert chunks[-1]["metadata"]["usage"] == {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18}
    assert chunks[-1]["metadata"]["cost"] == 0.5


async def test_a_failure_first_comes_before_any_chunk() -> None:
    model = ScriptedModel([[pause(0), fail(ConnectionError("gone"))], "Hi"])
    stream = model.stream(PROMPT)
    with pytest.raises(ConnectionError, match="gone"):
        await anext(stream)
    assert len(await play(model)) == 6


async def test_a_failure_after_text_keeps_what_was_sent() -> None:
    chunks: list[Any] = []
    with pytest.raises(ConnectionError):
        async for chunk in ScriptedModel([["One two", fail(ConnectionError())]]).stream(PROMPT):
            chunks.append(chunk)
    assert [c["contentBlockDelta"]["delta"]["text"] for c in chunks if "contentBlockDelta" in c] == ["One ", "two"]


async def test_stop_ends_the_turn_with_its_reason() -> None:
    chunks = await play(ScriptedModel([[text("cut"), stop("max_tokens"), text("never")]]))
    assert chunks[-2] == {"messageStop": {"stopReason": "max_tokens"}}
    assert "never" not in str(chunks)


async def test_a_turn_may_look_at_the_messages() -> None:
    model = ScriptedModel([lambda messages: f"{len(messages)} message"])
    assert "1 " in str(await play(model))


async def test_running_out_says_what_to_do() -> None:
    model = ScriptedModel(["only one"])
    await play(model)
    with pytest.raises(ScriptExhausted, match="has no turn for call number 2; add one"):
        await play(model)


def test_it_is_a_model() -> None:
    model = ScriptedModel([], model_id="scripted/x")
    assert isinstance(model, Model)
    model.update_config(temperature=0)
    assert model.get_config() == {"model_id": "scripted/x", "temperature": 0}


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("It is 49.", "the script is a list with a turn for each call, not a str"),
        (call("add"), "not a Call"),
        (None, "not a NoneType"),
        (["Hi", ValueError("quota")], r"turn 2 of the script holds a ValueError; .* fail\(exception\)"),
        ([[("add", {"a": 1})]], r"turn 1 of the script holds a tuple; .* call\(name, input\)"),
        ([{"text": "Hi"}], "turn 1 of the script holds a dict"),
        ([None], "turn 1 of the script holds a NoneType"),
    ],
)
def test_what_is_no_script_is_told_where_it_is_written(script: Any, why: str) -> None:
    with pytest.raises(TypeError, match=why):
        ScriptedModel(script)


async def test_what_a_function_gives_that_is_no_turn_is_told() -> None:
    wrong: Any = len  # gives a number
    with pytest.raises(TypeError, match="turn 1 of the script holds a int"):
        await play(ScriptedModel([wrong]))
