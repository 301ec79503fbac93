"""An agent as another agent's tool. Its events are passed on as they are; its result becomes the tool's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from agent_runtime.errors import ConcurrencyException
from agent_runtime.events import ToolResultEvent
from agent_runtime.interrupts import InterruptException
from agent_runtime.messages import copy_tree, error_result

if TYPE_CHECKING:
    from agent_runtime.agent.agent import Agent
    from agent_runtime.result import AgentResult

_OWN_KEYS = ("agent", "request_state")


class AgentAsTool:
    """Takes {"input": text}. Calls that come at the same time wait for each other."""

    tool_type = "agent"
    source: tuple[str, int] | None = None

    def __init__(
        self, agent: Agent, name: str | None = None, description: str | None = None, preserve_context: bool = False
    ) -> None:
        self.agent = agent
        self.tool_name = name or agent.name
        self._initial = None if preserve_context else copy_tree(agent.messages)
        self._turn: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None
        described = (
            description
            or agent.description
            or f"Use the {self.tool_name} agent as a tool by providing a natural language input"
        )
        schema = {
            "type": "object",
            "properties": {"input": {"type": "string", "description": "The input to send to the agent tool."}},
            "required": ["input"],
        }
        self.tool_spec: dict[str, Any] = {
            "name": self.tool_name,
            "description": described,
            "inputSchema": {"json": schema},
        }

    async def stream(
        self, tool_use: dict[str, Any], invocation_state: dict[str, Any], **kwargs: Any
    ) -> AsyncGenerator[Any, None]:
        """The agent's events but for its `result`, which is the tool's; its exception is an error result."""
        use_id, prompt = tool_use["toolUseId"], tool_use["input"].get("input")
        if not isinstance(prompt, str):
            yield ToolResultEvent(error_result(use_id, "Error: `input` must be a text"))
            return
        async with self._lock():
            try:
                async with contextlib.aclosing(self._ask(prompt, invocation_state)) as events:
                    async for event in events:
                        yield self._result(use_id, event["result"], invocation_state) if "result" in event else event
            except ConcurrencyException as error:
                text = f"Agent '{self.tool_name}' is already processing a request"
                yield ToolResultEvent(error_result(use_id, text), error)
            except InterruptException:
                raise
            except Exception as error:
                yield ToolResultEvent(error_result(use_id, f"Agent error: {error}"), error)

    def _ask(self, prompt: Any, invocation_state: dict[str, Any]) -> AsyncGenerator[Any, None]:
        """The agent's stream: for the prompt, or for the answers to what it asked when it was last interrupted."""
        agent, asked = self.agent, invocation_state["agent"].interrupts.interrupts
        if agent.claims.active is None and agent.interrupts.activated:
            mine = agent.interrupts.interrupts
            answers = [asked[id] for id in mine if id in asked and asked[id].response is not None]
            if answers:
                prompt = [{"interruptResponse": {"interruptId": a.id, "response": a.response}} for a in answers]
        if agent.claims.active is None and isinstance(prompt, str) and self._initial is not None:
            agent.messages[:] = copy_tree(self._initial)
            agent.interrupts.clear()
        shared = {key: value for key, value in invocation_state.items() if key not in _OWN_KEYS}
        return agent.stream_async(prompt, invocation_state=shared)

    def _result(self, use_id: str, result: AgentResult, invocation_state: dict[str, Any]) -> ToolResultEvent:
        if result.interrupts:
            asked = invocation_state["agent"].interrupts.interrupts
            asked.update({interrupt.id: interrupt for interrupt in result.interrupts})
            raise InterruptException(*result.interrupts)
        return ToolResultEvent(_told(self.tool_name, use_id, result))

    def _lock(self) -> asyncio.Lock:
        """A lock belongs to one event loop, and a synchronous call has its own."""
        loop = asyncio.get_running_loop()
        if self._turn is None or self._turn[0] is not loop:
            self._turn = (loop, asyncio.Lock())
        return self._turn[1]


def _told(name: str, use_id: str, result: AgentResult) -> dict[str, Any]:
    if result.stop_reason == "cancelled":
        return error_result(use_id, f"Agent '{name}' cancelled")
    if result.structured_output is not None:
        content: dict[str, Any] = {"json": result.structured_output.model_dump(mode="json")}
    else:
        content = {"text": str(result)}
    return {"toolUseId": use_id, "status": "success", "content": [content]}
