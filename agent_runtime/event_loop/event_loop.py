"""The event loop: invocations of cycles, each a model call and its tools, and how each of them ends. What happens
inside the two phases is in model_call and tool_phase; how events leave is in streaming."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent_runtime import events
from agent_runtime.errors import (
    ContextWindowOverflowException,
    EventLoopException,
    MaxTokensReachedException,
    StructuredOutputException,
)
from agent_runtime.event_loop.claims import Claim
from agent_runtime.event_loop.control import Control
from agent_runtime.event_loop.model_call import Answer, call_model
from agent_runtime.event_loop.run import Ending, Run, give_back
from agent_runtime.event_loop.streaming import emit, leaves
from agent_runtime.event_loop.tool_phase import run_tools
from agent_runtime.hooks import (
    AfterCycleEvent,
    AfterInvocationEvent,
    BeforeCycleEvent,
    BeforeInvocationEvent,
    ForceStopEvent,
)
from agent_runtime.limits import checked
from agent_runtime.messages import (
    CUT_SHORT,
    MAX_TOKENS,
    Message,
    assistant,
    copy_tree,
    from_prompt,
    interrupted_results,
    tool_uses,
    without_tool_uses,
)
from agent_runtime.result import AgentResult
from agent_runtime.tools.structured_output import StructuredOutput

if TYPE_CHECKING:
    from agent_runtime.agent.agent import Agent


async def run_agent(
    agent: Agent,
    claim: Claim,
    prompt: Any,
    *,
    state: dict[str, Any],
    given: Any,
    limits: Any,
    output: Callable[[], StructuredOutput | None],
    cancel_signal: threading.Event | None = None,
) -> None:
    """One call of the agent, from claiming it to its `result`; `output` is the wish for a structured one. `state` is
    the call's own, `given` the one that it was made from."""
    chosen = checked(limits)
    await agent.claims.take(claim)
    before = dict(state)
    try:
        agent.cancel_signal.clear()
        claim.control = control = Control(agent.cancel_signal)
        if "seconds" in chosen:
            control.limit(chosen["seconds"])
        if cancel_signal is not None:
            control.watch(cancel_signal)
        while True:
            run = Run(agent, control, state, chosen, agent.event_loop_metrics, output())
            run.invalid = dict(agent.interrupts.invalid)
            result, prompt = await _invoke(run, prompt)
            if prompt is None:
                break
    finally:
        give_back(before, state, given)
        claim.closing = True
        if claim.control is not None:
            claim.control.close()
        agent.claims.release(claim)
    await emit({"result": result})


async def _invoke(run: Run, prompt: Any) -> tuple[AgentResult, Any]:
    """One invocation: its result, and the prompt with which a hook wants another."""
    run.agent.interrupts.resume(prompt)
    messages = from_prompt(prompt)
    after = AfterInvocationEvent(run.agent, run.state)
    try:
        after.result = result = await _begin(run, messages)
        result.metrics = run.metrics.snapshot()
    finally:
        try:
            await run.manage(run.agent.conversation_manager.apply_management)
        finally:
            await run.fire(after)
    return result, after.resume


async def _begin(run: Run, messages: list[Message]) -> AgentResult:
    agent = run.agent
    run.metrics.start_invocation()
    await run.begin()
    before = BeforeInvocationEvent(agent, run.state, messages)
    await run.fire(before)
    chosen: Any = before.messages
    if chosen is None:  # a hook's way to say that it has none of its own
        before.messages = messages
    if before.cancel:
        text = before.cancel if isinstance(before.cancel, str) else "invocation denied by hook"
        await run.add(assistant(text))
        return run.result("end_turn", assistant(text))
    if not before.messages and not agent.messages:
        raise ValueError("there is nothing to answer: no prompt was given and the conversation is empty")
    await emit({"init_event_loop": True})
    if before.messages and (pending := tool_uses(_last(run))):
        await run.add(interrupted_results(pending))
    for message in before.messages:
        await run.add(message)
    while True:
        result = await _cycle(run)
        if result is not None:
            return result


def _last(run: Run) -> Message | None:
    return run.agent.messages[-1] if run.agent.messages else None


async def _cycle(run: Run) -> AgentResult | None:
    """One cycle, closed by `complete` or `force_stop`; None if another is to follow."""
    run.cycle += 1
    run.metrics.start_cycle()
    await run.tell(BeforeCycleEvent, run.state, run.cycle)
    await emit({"start": True}, {"start_event_loop": True})
    failure: BaseException | None = None
    ending = Ending()
    try:
        ending = await _turn(run)
    except BaseException as error:
        if leaves(error):
            raise
        failure = error
        ending.force_stop = str(error) or type(error).__name__
    run.metrics.end_cycle()
    await _close(run, ending.force_stop, failure)
    if failure is not None:
        await _mend_or_raise(run, failure)
    return ending.result


async def _mend_or_raise(run: Run, failure: BaseException) -> None:
    """An overflow may be mended; the model's exception leaves as it is, one of the tools' phase as in Strands."""
    if isinstance(failure, ContextWindowOverflowException):
        await _mend(run, failure)
    elif run.phase == "model" or isinstance(
        failure, EventLoopException | MaxTokensReachedException | StructuredOutputException
    ):
        raise failure
    else:
        raise EventLoopException(failure, run.state["request_state"]) from failure


async def _mend(run: Run, failure: ContextWindowOverflowException) -> None:
    """A manager that leaves out nothing has not mended it: the same request would overflow for ever."""
    agent = run.agent
    model, before = agent.model, copy_tree([agent.messages, agent.system_prompt])
    await run.manage(agent.conversation_manager.reduce_context, failure)
    if agent.model is model and before == [agent.messages, agent.system_prompt]:
        manager = type(agent.conversation_manager).__name__
        failure.add_note(f"{manager}.reduce_context left the conversation as it was")
        raise failure


async def _close(run: Run, force_stop: str | None, failure: BaseException | None) -> None:
    """Yield the cycle's last event, also when a hook fails at it."""
    trouble: BaseException | None = None
    try:
        if force_stop is not None:
            await run.tell(ForceStopEvent, run.state, force_stop, failure)
        ending = "complete" if force_stop is None else "force_stop"
        await run.tell(AfterCycleEvent, run.state, run.cycle, ending)
    except BaseException as error:
        if leaves(error):
            raise
        trouble = error
        force_stop = force_stop or str(error) or type(error).__name__
    await emit({"complete": True} if force_stop is None else events.force_stop(force_stop))
    if trouble is not None and failure is None:
        raise EventLoopException(trouble, run.state["request_state"]) from trouble
    if trouble is not None and failure is not None:
        failure.add_note(f"a hook at the end of the cycle failed too: {trouble!r}")


async def _turn(run: Run) -> Ending:
    """The model's answer and, if it asks for tools, their results. Tools left pending come before the model."""
    last = _last(run)
    run.phase = "tools"
    if last is not None and tool_uses(last):
        return await run_tools(run, last)
    run.phase = "model"
    began = time.time()
    answer = await call_model(run)
    run.metrics.add_answer(answer.message, began)
    run.phase = "tools"
    message = answer.message
    run.invalid = answer.invalid
    runs_tools = bool(tool_uses(message)) and not answer.broken and answer.stop_reason in _TOOLS_FOLLOW
    kept = message
    if not runs_tools:
        kept = without_tool_uses(message, MAX_TOKENS if answer.stop_reason == "max_tokens" else CUT_SHORT)
    await run.add(kept)
    await emit({"message": copy_tree(message)})
    if runs_tools:
        return await run_tools(run, message)
    return await _answered(run, answer)


_TOOLS_FOLLOW = ("tool_use", "end_turn", "stop_sequence")


async def _answered(run: Run, answer: Answer) -> Ending:
    """The end of a cycle without tools."""
    result = run.result(answer.stop_reason, answer.message)
    if answer.stop_reason == "max_tokens":
        raise MaxTokensReachedException(
            "the model stopped at its limit of output tokens before its answer was complete; "
            "raise max_tokens in the model's params, or ask for less"
        )
    stop = run.control.halt
    if answer.stop_reason == "cancelled" and stop is not None:
        return Ending(result, stop.text)
    if answer.stop_reason.startswith("limit_"):
        return Ending(result, run.limit_told(answer.stop_reason.removeprefix("limit_")))
    if answer.broken:
        return Ending(result, "the model's stream ended without a messageStop; what had come is kept")
    if run.structured is None:
        return Ending(result)
    if run.structured.forced:
        if run.structured.read(result.message):
            result.structured_output = run.structured.value
            await emit({"structured_output": run.structured.value})
            return Ending(result)
        raise StructuredOutputException(
            f"the model did not call {run.structured.tool_name}, even when it was forced to; its text is kept"
        )
    if key := run.limit():
        return Ending(run.result(f"limit_{key}", answer.message), run.limit_told(key))
    await run.add(run.structured.force())
    return Ending()
