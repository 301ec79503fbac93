"""What a consumer saw of a run, and what a replay gives, in a form in which the two compare."""

from __future__ import annotations

import copy
from contextlib import aclosing
from typing import Any

import tracer
from agent_runtime.plain import plain
from tracer.playback.deltas import live
from tracer.recording.run import MERGED
from tracer.session import Session


def bare(event: Any, runtime: str = "own") -> Any:
    """What an event says: without what stock Strands merges in, and a result by what it holds."""
    if not isinstance(event, dict):
        return event
    if "result" in event:  # one that a tool passed on is an object to the recorder
        said = plain(event["result"])
        return {"result": live(said["value"] if "$type" in said else said)}
    if "current_tool_use" in event and runtime == "stock":  # stock goes on changing it
        return {"delta": event["delta"]}
    said = {key: value for key, value in event.items() if key not in MERGED}
    if "tool_stream_event" in said:
        body = said["tool_stream_event"]
        said["tool_stream_event"] = {**body, "data": bare(body["data"], runtime)}
    return said


async def watched(
    agent: Any, act: str = "", at: int = 0, prompt: Any = "go"
) -> tuple[list[Any], tracer.Recording, Exception | None]:
    """What a consumer sees, who leaves (`act`: break) or cancels the agent (cancel) after event number `at`; what is
    recorded meanwhile; and the exception that left the stream."""
    recording = tracer.attach(agent)
    found: list[Any] = []
    try:
        async with aclosing(agent.stream_async(prompt)) as stream:
            async for event in stream:
                found.append(_kept(event))
                if len(found) == at and act == "break":
                    break
                if len(found) == at:
                    agent.cancel()
    except Exception as error:
        return found, recording, error
    finally:
        recording.close()
    return found, recording, None


def _kept(event: Any) -> Any:
    """A copy, but for live objects: some of what stock Strands yields it goes on changing."""
    said = {key: value for key, value in event.items() if key not in MERGED}
    return said if "result" in said or "tool_stream_event" in said else copy.deepcopy(said)


async def again(session: Session) -> tuple[list[Any], Exception | None]:
    """The replay, and the exception that leaves it."""
    found: list[Any] = []
    try:
        async for event in tracer.replay(session, speed=0):
            found.append(event)
    except tracer.ReplayedError as error:
        return found, error
    return found, None
