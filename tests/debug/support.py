"""A recorded agent with a debugger on it, and a client whose every message is judged. Written once for these suites."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from agent_runtime.models.scripted import call, text
from tests.debug import oracle
from tests.runtimes import make_agent
from tracer import records as r
from tracer.debug import Debugger, enable
from tracer.debug.client import Client
from tracer.recorder import Recording, attach
from tracer.session import Session

LIMIT = 100.0


def calculator(expression: str) -> str:
    """Multiply or add two numbers.

    Args:
        expression: such as 6*7
    """
    op = "*" if "*" in expression else "+"
    left, right = expression.split(op)
    return str(int(left) * int(right) if op == "*" else int(left) + int(right))


def fail(reason: str) -> str:
    """Fail.

    Args:
        reason: why
    """
    raise RuntimeError(reason)


ONE = [[text("I compute."), call("calculator", {"expression": "6*7"})], "done"]
TWO = [[call("calculator", {"expression": "6*7"}), call("calculator", {"expression": "2*3"})], "done"]


class Checked(Client):
    """A client of the shipped kind that shows every message to the oracle, and waits for events by name."""

    def __init__(self, path: Any) -> None:
        super().__init__(path)
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.invalid: list[Exception] = []
        self._at = 0

    async def _write(self, message: dict[str, Any]) -> None:
        oracle.check(message)
        await super()._write(message)

    def _took(self, message: dict[str, Any]) -> None:
        try:
            oracle.check(message)
        except Exception as error:
            self.invalid.append(error)
        super()._took(message)

    async def until(self, name: str) -> dict[str, Any]:
        """The next event of this name that was not waited for yet."""
        async with asyncio.timeout(LIMIT):
            while True:
                item = await self._events.get()
                assert item is not None, f"the connection ended before {name}: {self.seen}"
                self.seen.append(item)
                if item[0] == name:
                    return item[1]

    async def stopped(self) -> dict[str, Any]:
        """The next stop's `tracer` body, with its thread."""
        body = await self.until("stopped")
        return {**body["tracer"], "thread": body["threadId"], "dap": body}

    async def go(self, stop: dict[str, Any], command: str = "continue") -> dict[str, Any]:
        return await self.request(command, {"threadId": stop["thread"], "tracer": {"stop": stop["stop"]}})

    async def close(self) -> None:
        await super().close()
        assert not self.invalid, self.invalid


class Bench:
    """One agent, recorded and debugged."""

    def __init__(self, agent: Any, recording: Recording, debugger: Debugger) -> None:
        self.agent, self.recording, self.debugger = agent, recording, debugger
        self.runs: list[asyncio.Task[Any]] = []

    def run(self, prompt: str = "go") -> asyncio.Task[Any]:
        """Start the agent; the task's result is its events."""

        async def events() -> list[Any]:
            return [event async for event in self.agent.stream_async(prompt)]

        self.runs.append(asyncio.create_task(events()))
        return self.runs[-1]

    async def end(self, run: asyncio.Task[Any]) -> list[Any]:
        """The events of a run that must end by itself."""
        async with asyncio.timeout(LIMIT):
            return list(await run)

    @asynccontextmanager
    async def client(self, name: str = "test", **start: Any) -> AsyncIterator[Checked]:
        """An attached client."""
        async with Checked(self.debugger.path) as client:
            await client.start(name, **start)
            yield client

    def records(self, *kinds: type[r.Record]) -> list[Any]:
        """What was recorded so far, of these kinds."""
        return [record for record in Session(self.recording.path).records() if isinstance(record, kinds)]

    def results(self) -> list[str]:
        """The texts of the tools' results in the history."""
        blocks = [block for message in self.agent.messages for block in message["content"] if "toolResult" in block]
        return [block["toolResult"]["content"][0]["text"] for block in blocks]

    def proposed(self) -> list[Any]:
        """The inputs of the tool calls in the history."""
        blocks = [block for message in self.agent.messages for block in message["content"] if "toolUse" in block]
        return [block["toolUse"]["input"] for block in blocks]


@asynccontextmanager
async def bench(
    turns: list[Any] = ONE,
    *breakpoints: str,
    runtime: str = "own",
    agent: Any = None,
    tools: Any = None,
    **options: Any,
) -> AsyncIterator[Bench]:
    """A debugged agent; at the end nothing may be left: no open stop, no run, no socket."""
    agent = agent or make_agent(runtime, turns, tools=tools or [calculator, fail])
    recording = attach(agent)
    made = Bench(agent, recording, enable(recording, breakpoints=breakpoints, **options))
    try:
        yield made
    finally:
        made.debugger.close()
        for run in made.runs:
            async with asyncio.timeout(LIMIT):
                await asyncio.wait([run])
        recording.close()
    assert not made.debugger.stops
    assert not made.debugger.path.exists()
