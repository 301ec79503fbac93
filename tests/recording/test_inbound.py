"""Where a call comes from: what a caller hands on in `invocation_state` is recorded, if it is valid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tracer
from agent_runtime import ScriptedModel
from agent_runtime.models.scripted import call
from agent_runtime.testing import collect, scripted_agent
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))


async def starts(agent: Any, state: Any) -> list[r.InvocationStart]:
    recording = tracer.attach(agent)
    await collect(agent, "Hello", invocation_state=state)
    recording.detach()
    return [record for record in tracer.open(recording.id).records() if isinstance(record, r.InvocationStart)]


def said(start: r.InvocationStart) -> tuple[str, str, str]:
    return start.traceparent, start.tracestate, start.conversation_id


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_valid_context_is_recorded(runtime: str) -> None:
    state = {"traceparent": PARENT, "tracestate": "a=b", "conversation_id": "c-7", "user": "u"}
    (start,) = await starts(make_agent(runtime, ["Hi."]), state)
    assert said(start) == (PARENT, "a=b", "c-7")


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        (None, ("", "", "")),
        ({"traceparent": "00-xyz", "tracestate": "a=b"}, ("", "", "")),
        ({"tracestate": "a=b"}, ("", "", "")),
        ({"traceparent": PARENT, "tracestate": "A=b"}, (PARENT, "", "")),
        ({"traceparent": PARENT.encode(), "tracestate": 1, "conversation_id": 7}, ("", "", "")),
        ({"conversation_id": "c" * 257}, ("", "", "")),
        ({"conversation_id": "  "}, ("", "", "")),
    ],
)
async def test_what_is_not_valid_is_left_out(state: Any, kept: tuple[str, str, str]) -> None:
    (start,) = await starts(make_agent("own", ["Hi."]), state)
    assert said(start) == kept


async def test_a_sub_agent_has_its_caller_and_no_remote_parent() -> None:
    helper = scripted_agent("42", name="helper")
    boss = scripted_agent([call("helper", {"input": "21*2"})], "It is 42.", tools=[helper.as_tool()])
    outer, inner = await starts(boss, {"traceparent": PARENT})
    assert outer.traceparent == PARENT and outer.caller is None
    assert inner.traceparent == "" and inner.caller is not None


async def test_each_call_has_its_own() -> None:
    agent = scripted_agent("one")
    (first,) = await starts(agent, {"traceparent": PARENT})
    agent.model = ScriptedModel(["two"])
    (second,) = await starts(agent, {})
    assert (first.traceparent, second.traceparent) == (PARENT, "")
