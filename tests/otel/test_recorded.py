"""The whole road: an attached agent, its spans at a collector, and the same from its file later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tracer
from agent_runtime import Agent, tool
from agent_runtime.models.scripted import call, fail, think
from agent_runtime.testing import collect, scripted_agent
from tests.otel.receiver import Receiver, attributes, receiving, tree
from tracer.otel import export_session
from tracer.session import Session


@pytest.fixture
def collector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    import os

    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    with receiving() as receiver:
        yield receiver


@tool
def double(number: int) -> int:
    """Twice a number.

    Args:
        number: which.
    """
    return number * 2


async def recorded(agent: Agent, collector: Receiver, **call: Any) -> Session:
    recording = tracer.attach(agent, otlp=collector.url)
    try:
        await collect(agent, "what is twice 21?", **call)
    finally:
        recording.close()
    return tracer.open(str(recording.path))


def is_the_same_later(session: Session, collector: Receiver) -> None:
    sent = collector.wires()
    assert len(sent) == len(set(sent)) == len(session.spans())
    collector.requests.clear()
    assert export_session(session, collector.url).sent == len(sent)
    assert sorted(collector.wires()) == sorted(sent)


async def test_parallel_tools(collector: Receiver) -> None:
    calls = [think("hm"), call("double", {"number": 21}), call("double", {"number": "x"})]
    session = await recorded(scripted_agent(calls, "It is 42.", tools=[double], name="bot"), collector)
    assert tree(collector.spans()) == {
        "": ["invoke_agent bot"],
        "invoke_agent bot": ["execute_event_loop_cycle"] * 2,
        "execute_event_loop_cycle": ["chat scripted/demo", *["execute_tool double"] * 2, "chat scripted/demo"],
    }
    is_the_same_later(session, collector)


async def test_an_agent_as_a_tool(collector: Receiver) -> None:
    helper = scripted_agent("42", name="helper")
    outer = scripted_agent([call("helper", {"input": "21*2"})], "It is 42.", tools=[helper.as_tool()], name="boss")
    session = await recorded(outer, collector)
    spans = collector.spans()
    assert tree(spans)["execute_tool helper"] == ["invoke_agent helper"]
    assert len({span.trace_id for span in spans}) == 1
    is_the_same_later(session, collector)


async def test_a_call_from_another_program_goes_on_in_its_trace(collector: Receiver) -> None:
    helper = scripted_agent("42", name="helper")
    outer = scripted_agent([call("helper", {"input": "21*2"})], "It is 42.", tools=[helper.as_tool()], name="boss")
    state = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b,c=d"}
    session = await recorded(outer, collector, invocation_state={**state, "conversation_id": "c-7"})
    spans = {span.name: span for span in collector.spans()}
    root = spans["invoke_agent boss"]
    assert {span.trace_id.hex() for span in spans.values()} == {"0af7651916cd43dd8448eb211c80319c"}
    assert (root.parent_span_id.hex(), root.trace_state) == ("b7ad6b7169203331", "a=b,c=d")
    assert attributes(root)["gen_ai.conversation.id"] == "c-7"
    assert spans["invoke_agent helper"].parent_span_id == spans["execute_tool helper"].span_id
    is_the_same_later(session, collector)


async def test_a_model_that_fails(collector: Receiver) -> None:
    agent = scripted_agent(["I was about", fail(ConnectionError("gone"))], name="bot")
    with pytest.raises(ConnectionError):
        await recorded(agent, collector)
    root = next(span for span in collector.spans() if not span.parent_span_id)
    assert attributes(root)["error.type"] == "ConnectionError"
    assert attributes(root)["tracer.force_stop.reason"] == "gone"
    is_the_same_later(tracer.open("last"), collector)


async def test_two_invocations_are_two_traces(collector: Receiver) -> None:
    agent = scripted_agent("one", "two", name="bot")
    recording = tracer.attach(agent, otlp=collector.url)
    await collect(agent, "first")
    await collect(agent, "second")
    recording.close()
    assert len({span.trace_id for span in collector.spans()}) == 2
    session = tracer.open(str(recording.path))
    collector.requests.clear()
    export_session(session, collector.url, content=True)
    asked = [attributes(s)["gen_ai.input.messages"] for s in collector.spans() if s.name.startswith("chat")]
    assert "first" in asked[0]
    assert "second" in asked[1]
    assert "first" not in asked[1]  # it went out with the call that sent it first
