"""An agent as another agent's tool. Its events are passed on as they are; its result becomes the tool's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from agent_runtime.errors import ConcurrencyException
from agent_runtime.events import ToolResultEvent
from agent_runtime.interrupts import SAME_BEFORE, Interrupt, InterruptException, InterruptState
from agent_runtime.messages import copy_tree, error_result

if TYPE_CHECKING:
    from agent_runtime.agent.agent import Agent
    from agent_runtime.result import AgentResult

_OWN_KEYS = ("agent", "request_state")


class Turn(NamedTuple):
    """Where an agent stands: kept while its question waits for an answer, since another call may begin it afresh."""

    messages: list[Any]
    state: dict[str, Any]
    interrupts: InterruptState

    @classmethod
    def of(cls, agent: Agent) -> Turn:
        return cls(copy_tree(agent.messages), agent.state.get(), agent.interrupts)

    def restore(self, agent: Agent) -> None:
        agent.messages[:] = copy_tree(self.messages)
        agent.state, agent.interrupts = type(agent.state)(self.state), self.interrupts


class AgentAsTool:
    """Takes {"input": text}. Calls that come at the same time wait for each other."""

    tool_type = "agent"
    source: tuple[str, int] | None = None

    def __init__(
        self, agent: Agent, name: str | None = None, description: str | None = None, preserve_context: bool = False
    ) -> None:
        self.agent = agent
        self.tool_name = name or agent.name
        self._initial = None if preserve_context else Turn.of(agent)
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
        parent, prefix = invocation_state["agent"], _prefix(use_id)
        async with self._lock():
            try:
                shared = {key: value for key, value in invocation_state.items() if key not in _OWN_KEYS}
                answers = self._ask(prompt, parent.interrupts, prefix)
                async with contextlib.aclosing(self.agent.stream_async(answers, invocation_state=shared)) as events:
                    async for event in events:
                        yield self._result(use_id, event["result"], parent, prefix) if "result" in event else event
            except ConcurrencyException as error:
                text = f"Agent '{self.tool_name}' is already processing a request"
                yield ToolResultEvent(error_result(use_id, text), error)
            except InterruptException:
                raise
            except Exception as error:
                yield ToolResultEvent(error_result(use_id, f"Agent error: {error}"), error)

    def _ask(self, prompt: str, asked: InterruptState, prefix: str) -> Any:
        """The prompt, or the answers to what this call asked when it was last interrupted; the agent is made ready."""
        agent = self.agent
        if agent.claims.active is not None:
            return prompt
        if not any(id.startswith(prefix) for id in asked.interrupts):
            if self._initial is not None:
                self._initial._replace(interrupts=InterruptState()).restore(agent)
            return prompt
        if (turn := asked.turns.pop(prefix, None)) is not None:
            turn.restore(agent)
        answers = [(id, asked.interrupts.get(prefix + id)) for id in agent.interrupts.interrupts]
        return [
            {"interruptResponse": {"interruptId": id, "response": answer.response}}
            for id, answer in answers
            if answer is not None and answer.response is not None
        ]

    def _result(self, use_id: str, result: AgentResult, parent: Agent, prefix: str) -> ToolResultEvent:
        if result.interrupts:
            if self._initial is not None:
                parent.interrupts.turns[prefix] = Turn.of(self.agent)
            asked = [Interrupt(prefix + one.id, one.name, one.reason) for one in result.interrupts]
            parent.interrupts.interrupts.update({one.id: one for one in asked})
            raise InterruptException(*asked)
        return ToolResultEvent(_told(self.tool_name, use_id, result))

    def _lock(self) -> asyncio.Lock:
        """A lock belongs to one event loop, and a synchronous call has its own."""
        loop = asyncio.get_running_loop()
        if self._turn is None or self._turn[0] is not loop:
            self._turn = (loop, asyncio.Lock())
        return self._turn[1]


def _prefix(use_id: str) -> str:
    """What the ids of an agent's questions begin with: two agents may ask under the same id, as in Strands."""
    before = SAME_BEFORE.get()
    return f"v1:agent_as_tool:{quote(use_id, safe='')}{f'#{before}' if before else ''}:"


def _told(name: str, use_id: str, result: AgentResult) -> dict[str, Any]:
    if result.stop_reason == "cancelled":
        return error_result(use_id, f"Agent '{name}' cancelled")
    if result.structured_output is not None:
        content: dict[str, Any] = {"json": result.structured_output.model_dump(mode="json")}
    else:
        content = {"text": str(result)}
    return {"toolUseId": use_id, "status": "success", "content": [content]}
