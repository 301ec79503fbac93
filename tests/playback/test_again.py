"""Any run, on either runtime, left or cancelled anywhere: its replay is what the consumer saw, and records the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tracer
from agent_runtime import Agent
from agent_runtime.models.scripted import ScriptedModel, call, fail, stop, text, think
from tests.playback.saw import again, bare, watched
from tests.runtimes import make_agent, needs_strands
from tracer import records as r
from tracer.session import Session

PASSED_ON = [[text("inner "), call("steps", {"data": [1]})], "inner end"]
FAILED = [[text("half "), fail(RuntimeError("gone"))]]
ODD = [{"$bytes": "AA=="}, {"$int": "1"}, {"$dict": {}}, b"\xff", 2**70, None, "", {"data": "x"}, [{"a": {}}]]
DATA = st.sampled_from(ODD) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "$int", "$type"]), inner, max_size=2)
    ),
    max_leaves=4,
)
WORDS = st.text('ab \n{"é', min_size=1, max_size=12)


async def steps(data: list[Any] | None = None) -> AsyncIterator[Any]:
    """Stream what it is given.

    Args:
        data: what to stream
    """
    for item in data or ["one", "two"]:
        await asyncio.sleep(0)
        yield item
    yield "the end"


def boom() -> str:
    """Fail."""
    raise RuntimeError("kaboom")


def asking(runtime: str, turns: list[Any], keep: str) -> Any:
    """A tool that asks an agent of its own and passes its events on; with `keep` those of that key alone."""

    async def ask() -> AsyncIterator[Any]:
        """Ask another agent."""
        inner = make_agent(runtime, turns, [steps])
        async for event in inner.stream_async("psst"):
            if not keep or keep in event:
                yield event

    ask.__name__ = f"ask_{keep or 'all'}" if turns is PASSED_ON else "ask_failing"
    return ask


def tools(runtime: str) -> list[Any]:
    asked = [asking(runtime, PASSED_ON, keep) for keep in ("", "data", "event", "complete")]
    return [steps, boom, *asked, asking(runtime, FAILED, "")]


def calls() -> Any:
    names = ["boom", "unknown", "ask_all", "ask_data", "ask_event", "ask_complete", "ask_failing"]
    ids = st.sampled_from(["x", "y", None])
    streaming = st.builds(
        lambda data, id: call("steps", {"data": data}, id), st.lists(DATA.filter(jsonable), max_size=3), ids
    )
    return (
        streaming
        | st.builds(lambda name, id: call(name, {}, id), st.sampled_from(names), ids)
        | st.builds(lambda words, id: call("steps", words, id), WORDS, ids)
    )


def jsonable(value: Any) -> bool:
    try:
        msgspec.json.encode(value)
    except (TypeError, OverflowError):
        return False
    return not isinstance(value, bytes)


SAID = st.builds(text, WORDS) | st.builds(think, WORDS, st.none() | st.just("sig"))
CYCLE = st.tuples(st.lists(SAID, max_size=2), st.lists(calls(), min_size=1, max_size=3)).map(
    lambda two: [*two[0], *two[1]]
)
ENDING = st.lists(SAID, min_size=1, max_size=2) | st.builds(
    lambda said, end: [said, end], SAID, st.sampled_from([fail(RuntimeError("gone")), stop("max_tokens")])
)
RUN = st.tuples(st.lists(CYCLE, max_size=2), ENDING).map(lambda two: [*two[0], two[1]])
LEAVE = st.none() | st.tuples(st.sampled_from(["break", "cancel"]), st.integers(1, 60))
STREAMED = (
    *(r.Event, r.Delta, r.BlockStart, r.BlockStop, r.Message, r.CycleStart, r.CycleEnd, r.ForceStop, r.Throttled),
    *(r.ToolStream, r.InvocationEnd),
)


class Replaying(Agent):
    """An agent whose stream is the replay of a session."""

    def __init__(self, session: Session) -> None:
        super().__init__(ScriptedModel([]), callback_handler=None)
        self.session = session

    async def stream_async(self, prompt: Any = None, **_: Any) -> AsyncIterator[dict[str, Any]]:  # type: ignore[override]
        async for event in tracer.replay(self.session, speed=0):
            yield event


def said(session: Session) -> list[Any]:
    """The records of the stream that was seen, but for times, what hooks told and what sub-agents said."""
    found, places = [], dict[int, int]()
    for record in session.records():
        if not isinstance(record, STREAMED) or "." in record.inv or getattr(record, "silent", False):
            continue
        places[record.seq] = len(found)
        body = msgspec.structs.asdict(record) | {"seq": 0, "t": 0, "kind": r.kind_of(record)}
        for told in ("origin", "usage", "cost", "attempt"):
            body.pop(told, None)
        if isinstance(record, r.ToolStream):
            body = {"kind": body["kind"], **({"data": body["data"]} if record.of is None else {})}
        if isinstance(record, r.Event) and record.untwinned is not None:
            body["untwinned"] = places[record.untwinned]
        if isinstance(record, (r.InvocationEnd, r.ForceStop)):
            body["error"] = body["error"] is not None and isinstance(record, r.InvocationEnd)
            body.pop("ending", None)
        found.append(body)
    return found


async def recorded_again(session: Session) -> Session:
    _, recording, _ = await watched(Replaying(session))
    return tracer.open(recording.path)


@pytest.mark.parametrize("runtime", ["own", pytest.param("stock", marks=[needs_strands, pytest.mark.slow])])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=RUN, leave=LEAVE)
def test_the_replay_is_what_was_seen(runtime: str, home: Path, turns: list[Any], leave: tuple[str, int] | None) -> None:
    async def run() -> None:
        agent = make_agent(runtime, turns, tools(runtime))
        found, recording, error = await watched(agent, *(leave or ()))
        session = tracer.open(recording.path)
        replayed, failure = await again(session)
        assert [bare(event, runtime) for event in replayed] == [bare(event, runtime) for event in found]
        assert (failure is None) == (error is None)
        second = await recorded_again(session)
        assert [bare(event, runtime) for event in (await again(second))[0]] == [
            bare(event, runtime) for event in replayed
        ]
        for one, two in zip(said(session), said(second), strict=True):
            assert two == two | one

    asyncio.run(run())
