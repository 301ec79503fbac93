"""What is recorded is what the consumer was given, whoever stands between."""

from __future__ import annotations

import asyncio
import copy
import functools
import threading
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

import tracer
from agent_runtime import Agent
from agent_runtime.hooks import AfterModelCallEvent
from agent_runtime.models.scripted import ScriptedModel, call, text, think, usage
from tests.agent_runtime.chunks import ChunkModel, delta, ended
from tests.agent_runtime.test_tap import Listener
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.recording.loopwatch import WATCH
from tracer.recording.run import MERGED
from tracer.session import Session


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))


def add(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


TURNS = [
    [text("Let me see. "), call("add", {"a": 1, "b": 2}), call("add", {"a": 3, "b": 4}), usage(20, 9)],
    [think("hm "), text("It is 3 and 7."), usage(30, 6)],
]


def plain(event: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy({key: value for key, value in event.items() if key not in MERGED})


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("taken", range(1, 30, 2))
async def test_a_consumer_that_leaves_has_seen_what_is_replayed(runtime: str, taken: int) -> None:
    agent = make_agent(runtime, TURNS, [add])
    recording = tracer.attach(agent)
    stream, seen = agent.stream_async("go"), []
    async for event in stream:
        seen.append(plain(event))
        if len(seen) == taken:
            break
    await stream.aclose()
    recording.detach()
    assert [event async for event in tracer.replay(recording.path, speed=0)] == seen


async def test_what_a_subclass_makes_of_the_stream_is_recorded() -> None:
    class Loud(Agent):
        async def stream_async(self, *args: Any, **kwargs: Any) -> AsyncGenerator[dict[str, Any], None]:  # type: ignore[override]
            async for event in super().stream_async(*args, **kwargs):
                yield {"data": event["data"].upper()} if "data" in event else event

    agent = Loud(model=ScriptedModel([text("hello there")]), callback_handler=None)
    recording = tracer.attach(agent)
    seen = [plain(event) async for event in agent.stream_async("go") if "result" not in event]
    recording.detach()
    assert {"data": "HELLO "} in seen
    assert [event async for event in tracer.replay(recording.path, speed=0) if "result" not in event] == seen
    assert agent.tap is None


async def test_another_tap_is_left_alone() -> None:
    agent, tap = make_agent("own", [text("hello")]), Listener()
    agent.tap = lambda *given: tap
    recording = tracer.attach(agent)
    seen = [event async for event in agent.stream_async("go")]
    recording.detach()
    assert tap.said == [*seen, "over"] and agent.tap() is tap
    assert any(isinstance(record, r.InvocationEnd) for record in Session(recording.path).records())


class Bare:
    """A model that says nothing but its text, and breaks off the first time."""

    calls = 0

    def get_config(self) -> dict[str, Any]:
        return {}

    def update_config(self, **config: Any) -> None:
        raise AssertionError("not used here")

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[dict[str, Any], None]:
        for piece in ("one ", "two ", "three"):
            yield {"contentBlockDelta": {"delta": {"text": piece}}}
        self.calls += 1
        if self.calls > 1:
            yield {"messageStop": {"stopReason": "end_turn"}}


async def test_each_attempt_has_its_own_first_content() -> None:
    async def once_more(event: AfterModelCallEvent) -> None:
        event.retry = event.attempt == 0

    model: Any = Bare()
    agent = Agent(model=model, callback_handler=None)
    agent.add_hook(once_more, AfterModelCallEvent)
    recording = tracer.attach(agent)
    assert [event async for event in agent.stream_async("go")]
    recording.detach()
    ends = [record for record in Session(recording.path).records() if isinstance(record, r.ModelEnd)]
    assert len(ends) == 2 and all(end.ttfc is not None for end in ends)


class Mapped(dict[str, Any]):
    """A dict of a provider's own."""


def piece(text: str, **more: Any) -> dict[str, Any]:
    return {**delta(text=text), **more}


@pytest.mark.parametrize("taken", [*range(3, 12), 99])
async def test_a_piece_of_text_in_a_form_of_its_own_is_replayed_as_it_was_seen(taken: int) -> None:
    pieces = [piece("one "), piece("two ", more=1), piece("three "), Mapped(piece("sk-")), Mapped(piece("four"))]
    agent = Agent(ChunkModel([*pieces, ended()]), callback_handler=None)
    recording = tracer.attach(agent)
    stream, seen = agent.stream_async("go"), []
    async for event in stream:
        seen += [plain(event)] if "result" not in event else []
        if len(seen) == taken:
            break
    await stream.aclose()
    recording.detach()
    assert [event async for event in tracer.replay(recording.path, speed=0) if "result" not in event] == seen


async def test_a_secret_in_pieces_of_a_providers_own_dicts_is_in_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_KEY", "hunter2hunter2")
    pieces = [Mapped(piece(text)) for text in ("It is ", "hunter2", "hunter2", ".")]
    agent = Agent(ChunkModel([*pieces, ended()]), callback_handler=None)
    recording = tracer.attach(agent)
    assert (await agent.invoke_async("go")).stop_reason == "end_turn"
    recording.detach()
    assert b"hunter2" not in recording.path.read_bytes()


async def test_a_consumer_that_calls_a_tool_and_leaves_has_not_seen_the_rest_of_the_piece() -> None:
    agent = make_agent("own", [text("one two three")], [add], record_direct_tool_call=False)
    recording = tracer.attach(agent)
    stream, seen = agent.stream_async("go"), []
    async for event in stream:
        seen.append(event)
        if "two" in str(event):
            assert (await asyncio.to_thread(agent.tool.add, a=1, b=2))["status"] == "success"
            break
    await stream.aclose()
    recording.detach()
    assert "event" in seen[-1]
    assert [event async for event in tracer.replay(recording.path, speed=0)] == seen


async def test_what_is_put_in_place_of_the_class_s_stream_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    stream_async = Agent.stream_async

    @functools.wraps(stream_async)
    async def loud(*args: Any, **kwargs: Any) -> AsyncGenerator[dict[str, Any], None]:
        async for event in stream_async(*args, **kwargs):
            yield {"data": event["data"].upper()} if "data" in event else event

    monkeypatch.setattr(Agent, "stream_async", loud)
    agent = make_agent("own", [text("hello there")])
    recording = tracer.attach(agent)
    seen = [plain(event) async for event in agent.stream_async("go") if "result" not in event]
    recording.detach()
    assert {"data": "HELLO "} in seen
    assert [event async for event in tracer.replay(recording.path, speed=0) if "result" not in event] == seen


async def test_where_no_thread_can_be_started_the_agent_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(WATCH, "_thread", None)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    agent = make_agent("own", [text("one")])
    recording = tracer.attach(agent)
    seen = [event async for event in agent.stream_async("go")]
    recording.detach()
    assert "result" in seen[-1]
    records = list(Session(recording.path).records())
    assert any(isinstance(record, r.Gap) and "new thread" in record.reason for record in records)
    assert WATCH._thread is None


async def test_a_call_that_is_refused_for_its_arguments_is_none() -> None:
    class Other(Agent):
        def stream_async(self, prompt: Any = None, **kwargs: Any) -> AsyncGenerator[dict[str, Any], None]:
            return super().stream_async(prompt, **kwargs)

    agent = Other(model=ScriptedModel(["fine"]), callback_handler=None)
    recording = tracer.attach(agent)
    with pytest.raises(TypeError, match="idempotency"):
        await anext(agent.stream_async("go", idempotency_token="t"))
    assert not WATCH._loops
    recording.detach()
    assert not any(isinstance(record, r.InvocationStart) for record in Session(recording.path).records())
