"""What an event costs: our runtime against stock Strands on the same chunks in memory, bare and recorded."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import tempfile
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from typing import Any

import strands
from strands.models.model import Model

import agent_runtime
import tracer
from benchmarks.ab import Row, Work, compare, prepared

CYCLES, DELTAS, RUNS = 6, 1000, 4
Chunk = dict[str, Any]
PER_EVENT, WHOLE = "an event, agents made before", "a run, its agent made in it"


def turn(number: int) -> Iterator[Chunk]:
    """One answer: its share of the deltas, no two of them alike, and a tool call in all but the last."""
    yield {"messageStart": {"role": "assistant"}}
    yield {"contentBlockStart": {"start": {}}}
    for word in range(number * DELTAS // CYCLES, (number + 1) * DELTAS // CYCLES):
        yield {"contentBlockDelta": {"delta": {"text": f"w{word} "}}}
    yield {"contentBlockStop": {}}
    calls_tool = number < CYCLES - 1
    if calls_tool:
        yield {"contentBlockStart": {"start": {"toolUse": {"name": "add", "toolUseId": f"t{number}"}}}}
        yield {"contentBlockDelta": {"delta": {"toolUse": {"input": '{"a":1,"b":2}'}}}}
        yield {"contentBlockStop": {}}
    yield {"messageStop": {"stopReason": "tool_use" if calls_tool else "end_turn"}}
    yield {"metadata": {"usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}, "metrics": {"latencyMs": 1}}}


class Ready:
    """A model whose chunks are made before the clock starts."""

    def __init__(self, turns: list[list[Chunk]]) -> None:
        self._turns = iter(turns)

    def get_config(self) -> dict[str, Any]:
        return {"model_id": "ready"}

    def update_config(self, **config: Any) -> None:
        pass

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
        for chunk in next(self._turns):
            yield chunk


class StockReady(Ready, Model):
    """The same for stock Strands, which wants its own class."""

    async def structured_output(self, *args: Any, **kwargs: Any) -> AsyncGenerator[Chunk, None]:
        yield {}


async def add(a: int, b: int) -> str:
    """Add two numbers."""
    return str(a + b)


OWN_TOOL, STOCK_TOOL = agent_runtime.tool(add), strands.tool(add)  # once, as a program's tools are


def turns() -> list[list[Chunk]]:
    """The chunks of one run."""
    return [list(turn(number)) for number in range(CYCLES)]


def own(chunks: list[list[Chunk]] | None = None) -> Any:
    return agent_runtime.Agent(model=Ready(chunks or turns()), tools=[OWN_TOOL], callback_handler=None)


def stock(chunks: list[list[Chunk]] | None = None) -> Any:
    return strands.Agent(model=StockReady(chunks or turns()), tools=[STOCK_TOOL], callback_handler=None)


async def consume(agent: Any) -> int:
    """The number of events of one run."""
    return len([0 async for _ in agent.stream_async("go")])


async def written(agent: Any) -> int:
    """The same, and a ready line in the kernel for each event that a recording writes: the least that one can cost."""
    line, count = b"x" * 80 + b"\n", 0
    with tempfile.TemporaryFile(buffering=0) as file:
        descriptor = file.fileno()
        async for event in agent.stream_async("go"):
            count += 1
            if len(event) == 1:  # the others are twins of the one before
                os.write(descriptor, line)
    return count


def whole_runs(make: Callable[[Any], Any], recorded: bool, loop: asyncio.AbstractEventLoop) -> Callable[[], Work]:
    """Runs and all that they need: an agent, and the beginning and the end of its recording."""

    def run(chunks: Any) -> None:
        agent = make(chunks)
        recording = tracer.attach(agent) if recorded else None
        loop.run_until_complete(consume(agent))
        if recording:
            recording.detach()
            recording.path.unlink()

    def prepare() -> Work:
        ready = [turns() for _ in range(RUNS)]

        def work() -> None:
            for chunks in ready:
                run(chunks)

        return work

    return prepare


def ready_runs(
    make: Callable[[], Any],
    recorded: bool,
    loop: asyncio.AbstractEventLoop,
    runs: int = RUNS,
    read: Callable[[Any], Coroutine[Any, Any, int]] = consume,
) -> Callable[[], Work]:
    """Runs of agents that exist already, and whose sessions have begun."""
    recordings: list[tracer.Recording] = []

    def prepare() -> Work:
        while recordings:
            recording = recordings.pop()
            recording.detach()
            recording.path.unlink()
        agents = [make() for _ in range(runs)]
        if recorded:
            recordings.extend(tracer.attach(agent) for agent in agents)
        return lambda: [loop.run_until_complete(read(agent)) for agent in agents]

    return prepare


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as home, contextlib.closing(asyncio.new_event_loop()) as loop:
        before = os.environ.get("TRACER_HOME")
        os.environ["TRACER_HOME"] = home
        events = loop.run_until_complete(consume(own()))
        for make, recorded, said, budget in (
            (own, False, "own runtime bare / stock Strands bare", 0.1),
            (own, True, "own runtime recorded / stock Strands bare", 1 / 3),
            (stock, True, "stock Strands recorded / bare", 1.25),
        ):
            for what, runs in ((PER_EVENT, ready_runs), (WHOLE, whole_runs)):
                verdict = compare(runs(stock, False, loop), runs(make, recorded, loop), 12, prepared)
                yield Row.of(f"{said}: {what}", verdict, budget, per=(RUNS * events, "event"))
        bare, floor = ready_runs(stock, False, loop), ready_runs(own, False, loop, read=written)
        said = "the floor of that: own runtime bare, a ready line written a record / stock Strands bare"
        yield Row.of(said, compare(bare, floor, 12, prepared), math.inf, per=(RUNS * events, "event"))
        os.environ.pop("TRACER_HOME")
        if before is not None:
            os.environ["TRACER_HOME"] = before
