"""`agent.tool.name(..)`: a tool called by the program itself, not by the model; hooks see it, the stream does not."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent_runtime.blocking import wait_for
from agent_runtime.errors import ConcurrencyException
from agent_runtime.event_loop.claims import Claim
from agent_runtime.event_loop.control import Control
from agent_runtime.event_loop.outbox import NoReader
from agent_runtime.event_loop.run import Run
from agent_runtime.event_loop.tool_call import ToolCall
from agent_runtime.messages import Message, assistant
from agent_runtime.metrics import EventLoopMetrics

if TYPE_CHECKING:
    from agent_runtime.agent.agent import Agent

_BUSY = (
    "Direct tool call cannot be made while the agent is in the middle of an invocation. "
    "Set record_direct_tool_call=False to allow direct tool calls during agent invocation."
)


class ToolCaller:
    """Has each tool as a method that takes its input as keyword arguments; `-` in a name is `_`."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        def call(
            user_message_override: str | None = None, record_direct_tool_call: bool | None = None, **kwargs: Any
        ) -> dict[str, Any]:
            """Run the tool and give its result, {"toolUseId", "status", "content"}.

            It is recorded in the conversation unless `record_direct_tool_call`, or else the agent's, is False.
            `user_message_override` comes before what the record says. `kwargs` are the input, and reach hooks
            and the tool's context as its invocation state.

            Raises:
                AttributeError: there is no such tool.
                ConcurrencyException: the call is to be recorded, and the agent is in the middle of another.
                RuntimeError: the tool, or the agent, waits for an answer to an interrupt.
            """
            agent = self._agent
            record = agent.record_direct_tool_call if record_direct_tool_call is None else record_direct_tool_call
            return wait_for(lambda: _call(agent, name, kwargs, record, user_message_override))

        return call


async def _call(agent: Agent, name: str, given: dict[str, Any], record: bool, preface: str | None) -> dict[str, Any]:
    if agent.interrupts.activated:
        raise RuntimeError("cannot directly call tool during interrupt")
    if not record:
        return await _perform(agent, name, given, None)
    claim = Claim()
    try:
        await agent.claims.take(claim)
    except ConcurrencyException:
        raise ConcurrencyException(_BUSY) from None
    try:
        await agent.edits.begin(agent)
        result = await _perform(agent, name, given, preface or "")
        agent.conversation_manager.apply_management(agent)
        return result
    finally:
        agent.claims.release(claim)


async def _perform(agent: Agent, name: str, given: dict[str, Any], preface: str | None) -> dict[str, Any]:
    """`preface` is None where the call is not to be recorded."""
    state = {"request_state": {}, **given, "agent": agent}
    run = Run(agent, Control(agent.cancel_signal), state, {}, EventLoopMetrics())
    use = {
        "toolUseId": f"tooluse_{name}_{uuid.uuid4().int % 10**9}",
        "name": _known(agent, name),
        "input": dict(given),
    }
    call = ToolCall(run, use, NoReader())
    await call.perform()
    if call.result is None:
        agent.interrupts.clear()
        raise RuntimeError("cannot raise interrupt in direct tool call")
    if preface is not None:
        for message in _record(agent, use, call.result, preface):
            await run.add(message)
    return call.result


def _known(agent: Agent, name: str) -> str:
    for known in agent.tool_registry.registry:
        if name in (known, known.replace("-", "_")):
            return known
    raise AttributeError(f"Tool '{name}' not found")


def _record(agent: Agent, use: dict[str, Any], result: dict[str, Any], preface: str) -> list[Message]:
    """What the conversation keeps of the call, as if the model had made it."""
    spec = agent.tool_registry.registry[use["name"]].tool_spec
    known = spec["inputSchema"]["json"].get("properties", {})
    told = {key: value for key, value in use["input"].items() if key in known}
    shown = json.dumps(told, default=lambda value: f"<<non-serializable: {type(value).__qualname__}>>")
    text = [{"text": f"{preface}\n"}] if preface else []
    text.append({"text": f"agent.tool.{use['name']} direct tool call.\nInput parameters: {shown}\n"})
    return [
        {"role": "user", "content": text},
        {"role": "assistant", "content": [{"toolUse": {**use, "input": told}}]},
        {"role": "user", "content": [{"toolResult": result}]},
        assistant(f"agent.tool.{use['name']} was called."),
    ]
