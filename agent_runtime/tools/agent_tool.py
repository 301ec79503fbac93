"""An agent as another agent's tool. Its events are passed on as they are; its result becomes the tool's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from agent_runtime.errors import ConcurrencyException
from agent_runtime.events import ToolResultEvent
from agent_runtime.messages import copy_tree, error_result

if TYPE_CHECKING:
    from agent_runtime.agent import Agent

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
        described = description or agent.description or f"Ask the agent {agent.name}."
        schema = {
            "type": "object",
            "properties": {"input": {"type": "string", "description": "What to ask the agent"}},
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
        shared = {key: value for key, value in invocation_state.items() if key not in _OWN_KEYS}
        async with self._lock():
            if self._initial is not None:
                self.agent.messages[:] = copy_tree(self._initial)
                self.agent.interrupts.clear()
            try:
                events = self.agent.stream_async(prompt, invocation_state=shared)
                async with contextlib.aclosing(events):
                    async for event in events:
                        if "result" in event:
                            yield ToolResultEvent(_told(use_id, event["result"]))
                        else:
                            yield event
            except ConcurrencyException as error:
                text = f"Agent '{self.agent.name}' is already processing a request"
                yield ToolResultEvent(error_result(use_id, text), error)
            except Exception as error:
                yield ToolResultEvent(error_result(use_id, f"Agent error: {error}"), error)

    def _lock(self) -> asyncio.Lock:
        """A lock belongs to one event loop, and a synchronous call has its own."""
        loop = asyncio.get_running_loop()
        if self._turn is None or self._turn[0] is not loop:
            self._turn = (loop, asyncio.Lock())
        return self._turn[1]


def _told(use_id: str, result: Any) -> dict[str, Any]:
    if result.stop_reason in ("interrupt", "cancelled") or result.stop_reason.startswith("limit_"):
        text = str(result).strip()
        return error_result(use_id, f"The agent stopped ({result.stop_reason}). {text}".strip())
    if result.structured_output is not None:
        content: list[dict[str, Any]] = [{"json": result.structured_output.model_dump(mode="json")}]
    else:
        content = [{"text": str(result)}]
    return {"toolUseId": use_id, "status": "success", "content": content}
