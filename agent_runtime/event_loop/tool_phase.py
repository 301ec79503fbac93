"""The tools' part of a cycle: all tool calls of one assistant message, and the message with their results."""

from __future__ import annotations

import asyncio
from typing import Any

from agent_runtime.event_loop.outbox import Outbox
from agent_runtime.event_loop.run import Ending, Run
from agent_runtime.event_loop.streaming import Abandoned, emit
from agent_runtime.event_loop.tool_call import CANCELLED, ToolCall
from agent_runtime.events import Event
from agent_runtime.hooks import AfterToolsEvent, BeforeToolsEvent
from agent_runtime.messages import Message, assistant, copy_tree, error_result, tool_uses

GRACE = 0.02
_orphans: set[asyncio.Future[Any]] = set()


async def run_tools(run: Run, message: Message) -> Ending:
    """Run the tools that `message` asks for, and add their results to the history."""
    outbox = Outbox(run.control.wake)
    asked_for = tool_uses(message)
    before = BeforeToolsEvent(run.agent, run.state, message)
    asked = await run.fire(before)
    calls = _calls(run, message, asked_for, outbox)
    try:
        if before.cancel:
            _refuse(calls, before.cancel if isinstance(before.cancel, str) else "Tool cancelled by hook")
        elif not asked and run.control.halt is None:
            await _execute(run, [call for call in calls if call.result is None], outbox)
        if structured := _structured(run):
            await emit(structured)
    except (Exception, asyncio.CancelledError, Abandoned):
        await _after(run, calls)
        raise
    asked += [interrupt for call in calls for interrupt in call.interrupts]
    if asked and run.control.halt is None:
        return await _interrupted(run, message, calls, asked)
    _refuse(calls, CANCELLED)
    run.agent.interrupts.clear()
    return await _conclude(run, message, await _after(run, calls))


def _structured(run: Run) -> Event | None:
    value = run.structured.value if run.structured is not None else None
    return None if value is None else {"structured_output": value}


async def _after(run: Run, calls: list[ToolCall]) -> AfterToolsEvent:
    results = [{"toolResult": call.result} for call in calls if call.result is not None]
    after = AfterToolsEvent(run.agent, run.state, {"role": "user", "content": results})
    await run.fire(after)
    return after


def _calls(run: Run, message: Message, asked_for: list[dict[str, Any]], outbox: Outbox) -> list[ToolCall]:
    """What is left of the calls in the message, whose hooks may have taken some away, or changed them."""
    finished, invalid = run.agent.interrupts.results, run.invalid
    places = {id(use): place for place, use in enumerate(asked_for)}
    calls: list[ToolCall] = []
    run.invalid = {}
    for use in tool_uses(message):
        own, place = copy_tree(use), places.get(id(use), -1)
        if place in invalid and not use["input"]:
            own["input"] = run.invalid[len(calls)] = invalid[place]
        same = sum(call.use["toolUseId"] == own["toolUseId"] for call in calls)
        calls.append(ToolCall(run, own, outbox, finished.get(place), same_before=same))
    run.invocation.tool_calls += len(calls)
    return calls


def _refuse(calls: list[ToolCall], text: str) -> None:
    for call in calls:
        if call.result is None:
            call.result = error_result(call.use["toolUseId"], text)


async def _interrupted(run: Run, message: Message, calls: list[ToolCall], interrupts: list[Any]) -> Ending:
    """Keep what the tools that finished gave, so that they are not run again after the answers."""
    state = run.agent.interrupts
    state.results = {place: call.result for place, call in enumerate(calls) if call.result is not None}
    state.invalid = dict(run.invalid)
    state.activated = True
    await _after(run, calls)
    return Ending(run.result("interrupt", message, interrupts=interrupts))


async def _execute(run: Run, calls: list[ToolCall], outbox: Outbox) -> None:
    """Run the calls and pass their events on, until they are done or the run is to end."""
    control = run.control
    work = asyncio.ensure_future(run.agent.tool_executor.execute([call.perform for call in calls]))
    work.add_done_callback(lambda _: control.wake.set())
    try:
        while True:
            control.wake.clear()
            if waiting := outbox.take():
                await emit(*waiting)
                continue
            if work.done() or (control.halt is not None):
                break
            await control.wake.wait()
    finally:
        await _end(work)
    if work.done() and not work.cancelled():
        work.result()


async def _end(work: asyncio.Future[Any]) -> None:
    """Cancel what still runs. Tools that do not heed it are left behind: they must not hold up the end."""
    if work.done():
        return
    work.cancel()
    await asyncio.wait([work], timeout=GRACE)
    if not work.done():
        _orphans.add(work)
        work.add_done_callback(_orphans.discard)


async def _conclude(run: Run, message: Message, after: AfterToolsEvent) -> Ending:
    structured = run.structured.value if run.structured is not None else None
    await run.add(after.message)
    await emit({"message": copy_tree(after.message)})
    if after.end_turn:
        return Ending(run.result("end_turn", await _last_word(run, after.end_turn), structured_output=structured))
    if run.control.stop is not None:
        return await _stopped(run, message)
    if structured is not None or run.state["request_state"].get("stop_event_loop"):
        return Ending(run.result("tool_use", message, structured_output=structured))
    if key := run.limit():
        return Ending(run.result(f"limit_{key}", after.message), force_stop=run.limit_told(key))
    return Ending()


async def _stopped(run: Run, message: Message) -> Ending:
    stop = run.control.stop
    assert stop is not None
    if stop.stop_reason != "cancelled":
        key = stop.stop_reason.removeprefix("limit_")
        return Ending(run.result(stop.stop_reason, run.agent.messages[-1]), force_stop=run.limit_told(key))
    if stop.message is not None:
        message = assistant(stop.message)
        await run.add(message)
    return Ending(run.result("cancelled", message), force_stop=stop.text)


async def _last_word(run: Run, end_turn: Any) -> Message:
    """The assistant message with which a hook ends the turn; like stock it joins the history and is no event."""
    if end_turn is True:
        end_turn = "Turn ended early by hook after tool execution"
    message: Message = assistant(end_turn) if isinstance(end_turn, str) else {"role": "assistant", "content": end_turn}
    await run.add(message)
    return message
