"""What an event costs: our runtime against stock Strands on the same chunks in memory, bare and recorded."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import agent_runtime
import tracer
from benchmarks.ab import Row, Work, compare

CYCLES, DELTAS = 6, 400
Chunk = dict[str, Any]


def turn(calls_tool: bool) -> Iterator[Chunk]:
    yield {"messageStart": {"role": "assistant"}}
    yield {"contentBlockStart": {"start": {}}}
    for number in range(DELTAS):
        yield {"contentBlockDelta": {"delta": {"text": f"w{number} "}}}
    yield {"contentBlockStop": {}}
    if calls_tool:
        yield {"contentBlockStart": {"start": {"toolUse": {"name": "add", "toolUseId": "t1"}}}}
        yield {"contentBlockDelta": {"delta": {"toolUse": {"input": '{"a":1,"b":2}'}}}}
        yield {"contentBlockStop": {}}
    yield {"messageStop": {"stopReason": "tool_use" if calls_tool else "end_turn"}}
    yield {"metadata": {"usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}, "metrics": {"latencyMs": 1}}}


class Ready:
    """A model whose chunks are made before the clock starts."""

    def __init__(self) -> None:
        self._turns = iter([list(turn(n < CYCLES - 1)) for n in range(CYCLES)])

    def get_config(self) -> dict[str, Any]:
        return {"model_id": "ready"}

    def update_config(self, **config: Any) -> None:
        pass

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        for chunk in next(self._turns):
            yield chunk


async def add(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


def own() -> Any:
    return agent_runtime.Agent(model=Ready(), tools=[agent_runtime.tool(add)], callback_handler=None)


def stock() -> Any:
    import strands
    from strands.models.model import Model

    class StockReady(Ready, Model):
        async def structured_output(self, *args: Any, **kwargs: Any) -> AsyncGenerator[Chunk, None]:
            yield {}

    return strands.Agent(model=StockReady(), tools=[strands.tool(add)], callback_handler=None)


def drive(make: Any, recorded: bool, loop: asyncio.AbstractEventLoop) -> Work:
    async def consume(agent: Any) -> int:
        return len([0 async for _ in agent.stream_async("go")])

    def work() -> None:
        agent = make()
        recording = tracer.attach(agent) if recorded else None
        assert loop.run_until_complete(consume(agent)) > CYCLES * DELTAS
        if recording:
            recording.detach()
            recording.path.unlink()

    return work


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as home, contextlib.closing(asyncio.new_event_loop()) as loop:
        before = os.environ.get("TRACER_HOME")
        os.environ["TRACER_HOME"] = home
        bare = drive(stock, False, loop)
        yield Row.of("own runtime bare / stock Strands bare, a run", compare(bare, drive(own, False, loop), 12), 0.1)
        yield Row.of(
            "own runtime recorded / stock Strands bare, a run", compare(bare, drive(own, True, loop), 12), 1 / 3
        )
        yield Row.of("stock Strands recorded / bare, a run", compare(bare, drive(stock, True, loop), 12), 1.25)
        os.environ.pop("TRACER_HOME")
        if before is not None:
            os.environ["TRACER_HOME"] = before
