"""The stream of one invocation, event for event."""

from __future__ import annotations

import copy
import itertools
import json
from typing import Any

import pytest

from agent_runtime import Agent, tool
from agent_runtime.models.scripted import call, text, think
from agent_runtime.testing import collect, scripted_agent
from tests.agent_runtime.outline import outline


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


class Raw:
    """A model that yields the given chunks."""

    def __init__(self, *turns: list[dict[str, Any]]) -> None:
        self.turns = list(turns)

    def get_config(self) -> dict[str, Any]:
        return {"model_id": "raw"}

    def update_config(self, **config: Any) -> None: ...

    async def stream(self, messages: Any, tool_specs: Any = None, system_prompt: Any = None, **kwargs: Any) -> Any:
        for chunk in self.turns.pop(0):
            yield chunk


def delta(**kind: Any) -> dict[str, Any]:
    return {"contentBlockDelta": {"delta": kind}}


START: dict[str, Any] = {"messageStart": {"role": "assistant"}}
STOP: dict[str, Any] = {"messageStop": {"stopReason": "end_turn"}}
OPEN: dict[str, Any] = {"contentBlockStart": {"start": {}}}
CLOSE: dict[str, Any] = {"contentBlockStop": {}}


async def test_a_text_turn() -> None:
    events = await collect(scripted_agent("Par is."))
    assert events[:5] == [
        {"init_event_loop": True},
        {"start": True},
        {"start_event_loop": True},
        {"event": {"messageStart": {"role": "assistant"}}},
        {"event": {"contentBlockStart": {"start": {}}}},
    ]
    assert events[5:9] == [
        {"event": {"contentBlockDelta": {"delta": {"text": "Par "}}}},
        {"data": "Par ", "delta": {"text": "Par "}},
        {"event": {"contentBlockDelta": {"delta": {"text": "is."}}}},
        {"data": "is.", "delta": {"text": "is."}},
    ]
    assert outline(events[9:], raw=True) == (
        "contentBlockStop messageStop metadata message(assistant:text) complete result(end_turn)"
    )
    assert events[-3] == {"message": {"role": "assistant", "content": [{"text": "Par is."}]}}
    assert events[-2] == {"complete": True}
    assert set(events[-1]) == {"result"}


async def test_a_tool_turn_starts_and_closes_each_cycle_once() -> None:
    agent = scripted_agent([text("Let me see. "), call("add", {"a": 42, "b": 7})], "49.", tools=[add])
    events = await collect(agent)
    assert outline(events) == (
        "init_event_loop start start_event_loop data current_tool_use message(assistant:text+toolUse)"
        " message(user:toolResult) complete start start_event_loop data message(assistant:text) complete"
        " result(end_turn)"
    )
    assert agent.messages[2]["content"] == [
        {"toolResult": {"toolUseId": "call_1", "status": "success", "content": [{"text": "49"}]}}
    ]
    assert [message["role"] for message in agent.messages] == ["user", "assistant", "user", "assistant"]


async def test_tool_input_accumulates_as_it_arrives_in_dicts_of_its_own() -> None:
    events = await collect(scripted_agent([call("add", {"a": 42, "b": 7}, id="c")], "49.", tools=[add]))
    seen = [event for event in events if "current_tool_use" in event]
    inputs = [event["current_tool_use"]["input"] for event in seen]
    assert inputs[-1] == json.dumps({"a": 42, "b": 7})
    assert all(later.startswith(earlier) and later != earlier for earlier, later in itertools.pairwise(inputs))
    assert len({id(event["current_tool_use"]) for event in seen}) == len(seen) > 1
    assert seen[0]["type"] == "tool_use_stream"
    assert seen[0]["delta"] == {"toolUse": {"input": inputs[0]}}
    assert {key: seen[0]["current_tool_use"][key] for key in ("toolUseId", "name")} == {"toolUseId": "c", "name": "add"}


async def test_nothing_yielded_is_changed_or_shared_afterwards() -> None:
    agent = scripted_agent([think("Hm."), call("add", {"a": 1, "b": 2})], "3.", tools=[add])
    events, copies = [], []
    async for event in agent.stream_async("go"):
        events.append(event)
        copies.append(copy.deepcopy({key: value for key, value in event.items() if key != "result"}))
    for message in agent.messages:
        message["content"].append({"text": "changed later"})
        for block in message["content"]:
            block.setdefault("toolUse", {})["input"] = "changed"
    assert [{key: value for key, value in event.items() if key != "result"} for event in events] == copies
    dicts = [id(value) for event in events for value in event.values() if isinstance(value, dict)]
    assert len(dicts) == len(set(dicts))


async def test_all_but_the_result_is_json() -> None:
    events = await collect(scripted_agent([text("a"), call("add", {"a": 1, "b": 2})], "3.", tools=[add]))
    json.dumps(events[:-1])
    json.dumps(events[-1]["result"].to_dict())


async def test_reasoning_signature_redaction_and_citation() -> None:
    citation = {"title": "A page", "location": {"web": {"url": "https://a.test"}}}
    turn = [START, OPEN, delta(reasoningContent={"text": "Hm."}), delta(reasoningContent={"signature": "sig"}), CLOSE]
    turn += [OPEN, delta(reasoningContent={"redactedContent": b"xx"}), CLOSE]
    turn += [OPEN, delta(text="Done."), delta(citation=citation), CLOSE, STOP]
    events = await collect(Agent(Raw(turn), callback_handler=None))
    assert {"reasoning": True, "reasoningText": "Hm.", "delta": {"reasoningContent": {"text": "Hm."}}} in events
    assert {
        "reasoning": True,
        "reasoning_signature": "sig",
        "delta": {"reasoningContent": {"signature": "sig"}},
    } in events
    assert any(event.get("reasoningRedactedContent") == b"xx" for event in events)
    assert {"citation": citation, "delta": {"citation": citation}} in events
    assert events[-1]["result"].message["content"] == [
        {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "sig"}}},
        {"reasoningContent": {"redactedContent": b"xx"}},
        {"citationsContent": {"citations": [citation], "content": [{"text": "Done."}]}},
    ]


async def test_each_raw_chunk_comes_before_the_event_that_it_means() -> None:
    events = await collect(scripted_agent([think("Hm. So."), text("One two.")]))
    for before, after in itertools.pairwise(events):
        if "delta" in after:
            assert before["event"]["contentBlockDelta"]["delta"] == after["delta"]


async def test_blocks_without_start_or_stop_lose_nothing() -> None:
    turn = [START, delta(reasoningContent={"text": "Hm."}), delta(text="Do"), delta(text="ne."), STOP]
    result = await Agent(Raw(turn), callback_handler=None).invoke_async("go")
    assert result.message["content"] == [{"reasoningContent": {"reasoningText": {"text": "Hm."}}}, {"text": "Done."}]


async def test_a_stream_without_message_stop_keeps_its_text_and_says_so() -> None:
    agent = Agent(Raw([START, delta(text="Half an ans")]), callback_handler=None)
    events = await collect(agent)
    assert outline(events) == (
        "init_event_loop start start_event_loop data message(assistant:text) force_stop result(end_turn)"
    )
    assert "messageStop" in events[-2]["force_stop_reason"]
    assert agent.messages[-1] == {"role": "assistant", "content": [{"text": "Half an ans"}]}


async def test_a_stream_cut_inside_a_tool_use_never_runs_the_tool() -> None:
    ran = []

    @tool
    def rm(path: str = "/") -> str:
        """Remove."""
        ran.append(path)
        return "gone"

    start = {"contentBlockStart": {"start": {"toolUse": {"name": "rm", "toolUseId": "c"}}}}
    agent = Agent(Raw([START, start, delta(toolUse={"input": '{"path": "/t'})]), tools=[rm], callback_handler=None)
    events = await collect(agent)
    assert not ran
    assert outline(events).endswith("message(assistant:toolUse) force_stop result(end_turn)")
    assert "rm" in agent.messages[-1]["content"][0]["text"]


async def test_a_guardrail_replaces_the_answer_and_the_prompt() -> None:
    redact = {"redactContent": {"redactAssistantContentMessage": "No.", "redactUserContentMessage": "[removed]"}}
    turn = [START, OPEN, delta(text="secret"), CLOSE, redact, {"messageStop": {"stopReason": "guardrail_intervened"}}]
    agent = Agent(Raw(turn), callback_handler=None)
    result = await agent.invoke_async("bad words")
    assert (result.stop_reason, str(result)) == ("guardrail_intervened", "No.\n")
    assert agent.messages[0]["content"] == [{"text": "[removed]"}]


async def test_tool_uses_under_a_wrong_stop_reason_are_still_answered() -> None:
    start = {"contentBlockStart": {"start": {"toolUse": {"name": "add", "toolUseId": "c"}}}}
    first = [START, start, delta(toolUse={"input": '{"a": 1, "b": 2}'}), CLOSE, STOP]
    agent = Agent(Raw(first, [START, OPEN, delta(text="3."), CLOSE, STOP]), tools=[add], callback_handler=None)
    assert str(await agent.invoke_async("go")) == "3.\n"
    assert agent.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "3"}]


@pytest.mark.parametrize(
    ("prompt", "added"),
    [
        ("Hi", [{"role": "user", "content": [{"text": "Hi"}]}]),
        ([{"text": "a"}, {"text": "b"}], [{"role": "user", "content": [{"text": "a"}, {"text": "b"}]}]),
        (
            [{"role": "user", "content": [{"text": "a"}]}, {"role": "assistant", "content": [{"text": "b"}]}],
            [{"role": "user", "content": [{"text": "a"}]}, {"role": "assistant", "content": [{"text": "b"}]}],
        ),
    ],
)
async def test_the_forms_of_a_prompt(prompt: Any, added: Any) -> None:
    agent = scripted_agent("Yes.")
    await agent.invoke_async(prompt)
    assert agent.messages[:-1] == added


async def test_without_a_prompt_the_conversation_goes_on() -> None:
    agent = scripted_agent("Yes.", messages=[{"role": "user", "content": [{"text": "Well?"}]}])
    await agent.invoke_async(None)
    assert [message["role"] for message in agent.messages] == ["user", "assistant"]
    with pytest.raises(ValueError, match="nothing to answer"):
        await scripted_agent("Yes.").invoke_async()
    with pytest.raises(ValueError, match="a prompt is"):
        await scripted_agent("Yes.").invoke_async(42)


async def test_none_resumes_at_a_pending_tool_call_and_a_prompt_answers_it() -> None:
    pending = {
        "role": "assistant",
        "content": [{"toolUse": {"toolUseId": "c", "name": "add", "input": {"a": 1, "b": 2}}}],
    }
    history = [{"role": "user", "content": [{"text": "1+2?"}]}, pending]
    agent = scripted_agent("3.", tools=[add], messages=copy.deepcopy(history))
    assert outline(await collect(agent, None)).startswith(
        "init_event_loop start start_event_loop message(user:toolResult) complete start"
    )
    agent = scripted_agent("Never mind.", tools=[add], messages=copy.deepcopy(history))
    await agent.invoke_async("Stop that")
    result = agent.messages[2]["content"][0]["toolResult"]
    assert (result["status"], result["content"]) == ("error", [{"text": "Tool was interrupted."}])


async def test_metrics_add_up_over_the_cycles() -> None:
    from agent_runtime.models.scripted import usage

    turns = [[call("add", {"a": 1, "b": 2}), usage(10, 5, cost=0.25)], [text("3."), usage(20, 7, cost=0.5)]]
    result = await scripted_agent(*turns, tools=[add]).invoke_async("go")
    assert result.metrics.accumulated_usage == {"inputTokens": 30, "outputTokens": 12, "totalTokens": 42}
    invocation = result.metrics.latest_agent_invocation
    assert invocation is not None
    assert (invocation.cost, len(invocation.cycles), invocation.tool_calls) == (0.75, 2, 1)
