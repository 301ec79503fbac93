"""One tool call: its hooks, the tool's stream, its result. It runs in a task of its own and touches no history."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import Any

from agent_runtime import events
from agent_runtime.event_loop.outbox import Outbox
from agent_runtime.event_loop.run import Run
from agent_runtime.event_loop.streaming import leaves
from agent_runtime.hooks import AfterToolCallEvent, BeforeToolCallEvent
from agent_runtime.interrupts import SAME_BEFORE, Interrupt, InterruptException
from agent_runtime.messages import copy_tree, error_result, name_fault
from agent_runtime.tools.results import cleaned, failed, wrap

CANCELLED = "Tool execution cancelled"


@dataclass
class ToolCall:
    """`use` is a copy of what the model asked for, its input the raw text where that is no JSON; one of `result` and
    `interrupts` is set when `perform` returns. Cancelled, it leaves both unset. `same_before` counts the calls before
    this one that have its toolUseId."""

    run: Run
    use: dict[str, Any]
    outbox: Outbox
    result: dict[str, Any] | None = None
    interrupts: list[Interrupt] = field(default_factory=list)
    same_before: int = 0

    async def perform(self) -> bool:
        """Run the tool; a tool's exception becomes an error result, a hook's leaves. Whether a question was asked."""
        if fault := name_fault(self.use["name"]):
            self.result = error_result(self.use["toolUseId"], f"Error: {fault}")
            return False
        SAME_BEFORE.set(self.same_before)
        try:
            while await self._once():
                pass
            return bool(self.interrupts)
        except asyncio.CancelledError as error:
            if leaves(error):
                raise
            raise RuntimeError("a hook around the tool raised CancelledError, but nobody had cancelled it") from error
        finally:
            SAME_BEFORE.set(0)  # a single call runs in the loop's own task

    async def _once(self) -> bool:
        """Whether a hook wants the call repeated."""
        run = self.run
        proposed = run.tool(self.use["name"])
        before = BeforeToolCallEvent(run.agent, proposed, copy_tree(self.use), run.state)
        asked = await run.fire(before)
        if before.selected_tool is proposed and before.tool_use["name"] != self.use["name"]:
            before.selected_tool = run.tool(before.tool_use["name"])
        if asked:
            await self._ask(before.tool_use, asked)
            return False
        after = await self._execute(before)
        if after is None:
            return False
        stopped = await self._read()
        await run.fire(after)
        self.result = cleaned(after.result, self.use["toolUseId"])
        if not after.retry:
            run.metrics.add_tool(before.tool_use, self.result, after.duration or 0.0)
        if stopped is not None:
            raise stopped
        return after.retry

    async def _ask(self, use: dict[str, Any], interrupts: list[Interrupt]) -> None:
        self.interrupts = interrupts
        await self.outbox.put(events.tool_interrupt(use, interrupts))

    async def _execute(self, before: BeforeToolCallEvent) -> AfterToolCallEvent | None:
        """What the hooks after the call get to see; None if the tool asked a question."""
        use, tool = before.tool_use, before.selected_tool
        use_id = use["toolUseId"]
        after = AfterToolCallEvent(before.agent, tool, use, before.invocation_state, {}, duration=0.0)
        if before.cancel_tool:
            message = before.cancel_tool if isinstance(before.cancel_tool, str) else "tool cancelled by user"
            await self.outbox.put(events.tool_cancel(use, message))
            after.cancel_message, after.result = message, error_result(use_id, message)
            after.selected_tool = None
        elif tool is None:
            after.exception = Exception(f"Unknown tool: {use['name']}")  # Strands' class for it
            after.result = error_result(use_id, str(after.exception))
        elif not isinstance(use.get("input"), dict):
            after.result = error_result(use_id, _invalid(use))
        else:
            return await self._stream(after)
        return after

    async def _stream(self, after: AfterToolCallEvent) -> AfterToolCallEvent | None:
        began = time.monotonic()
        try:
            end = await self._consume(after.selected_tool, after.tool_use, after.invocation_state)
        except InterruptException as asked:
            await self._ask(after.tool_use, asked.interrupts)
            return None
        except BaseException as error:
            if leaves(error) and not isinstance(error, SystemExit):
                if isinstance(error, asyncio.CancelledError):
                    await self._tell_cancelled(after, time.monotonic() - began, error)
                raise
            end = failed(after.tool_use["toolUseId"], error)
        after.duration = time.monotonic() - began
        after.result, after.exception = end.result, end.exception
        return after

    async def _consume(self, tool: Any, use: dict[str, Any], state: dict[str, Any]) -> events.ToolResultEvent:
        """A tool that does not end with a result has its last item for one, as in Strands."""
        last: Any = None
        async with contextlib.aclosing(tool.stream(use, state)) as items:
            async for item in items:
                if isinstance(item, events.ToolResultEvent):
                    return item
                last = item
                await self.outbox.put(events.tool_stream(use, item))
        return wrap(use["toolUseId"], last)

    async def _read(self) -> asyncio.CancelledError | None:
        """What the tool streamed reaches the reader before its end is told; a stop meanwhile leaves its result."""
        try:
            await self.outbox.read()
        except asyncio.CancelledError as stopped:
            return stopped
        return None

    async def _tell_cancelled(self, after: AfterToolCallEvent, duration: float, error: asyncio.CancelledError) -> None:
        after.result = error_result(after.tool_use["toolUseId"], CANCELLED)
        after.duration, after.exception, after.cancel_message = duration, error, CANCELLED
        await self.run.fire(after)


def _invalid(use: dict[str, Any]) -> str:
    raw = use.get("input")
    return (
        f"Error: the input of tool {use['name']} is not a JSON object, so the tool was not run. "
        f"Call it again with valid JSON. The input was: {raw if isinstance(raw, str) else repr(raw)}"
    )
