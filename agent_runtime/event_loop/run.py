"""One invocation's state, shared by the phases of the loop, and how they reach the hooks. It decides nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent_runtime.edits.callbacks import watching
from agent_runtime.event_loop.control import Control
from agent_runtime.hooks import MessageAddedEvent
from agent_runtime.interrupts import Interrupt
from agent_runtime.limits import reached
from agent_runtime.messages import Message
from agent_runtime.metrics import AgentInvocation, EventLoopMetrics
from agent_runtime.result import AgentResult

if TYPE_CHECKING:
    from agent_runtime.agent.agent import Agent
    from agent_runtime.tools.structured_output import StructuredOutput


@dataclass
class Run:
    """`state` is the caller's invocation_state with `agent` and `request_state`; `invalid` the raw text of tool inputs
    in the last assistant message that are no JSON, by place."""

    agent: Agent
    control: Control
    state: dict[str, Any]
    limits: dict[str, float]
    metrics: EventLoopMetrics
    structured: StructuredOutput | None = None
    cycle: int = 0
    invalid: dict[int, str] = field(default_factory=dict)
    phase: str = "model"

    @property
    def invocation(self) -> AgentInvocation:
        """What this invocation took so far."""
        return self.metrics.agent_invocations[-1]

    async def tell(self, kind: type[Any], *args: Any) -> None:
        """Let the hooks know of something in which they change nothing; the event is made if there are any."""
        if self.agent.hooks.has(kind):
            await self.fire(kind(self.agent, *args))

    async def fire(self, event: Any, settle: Callable[[], None] | None = None) -> list[Interrupt]:
        """Await the hooks of an event, with `settle()` after each that may have changed something; the clock of the
        limits stands still for them."""
        hooks, kind = self.agent.hooks, type(event)
        if not hooks.has(kind):
            return []
        with self.control.clock:
            return await hooks.invoke(event, watching(self.agent.edits, event, settle) if hooks.watched(kind) else None)

    async def begin(self) -> None:
        """An invocation begins: those who want to know of edits are told what changed since the last one."""
        if self.agent.edits.heard(self.agent):
            with self.control.clock:
                await self.agent.edits.begin(self.agent)

    async def find_changes(self, manager: Callable[..., Any] | None = None) -> None:
        """Tell those who want to know of edits what no hook changed since the last look, but maybe the manager."""
        if self.agent.edits.heard(self.agent):
            with self.control.clock:
                await self.agent.edits.found(self.agent, manager)

    async def manage(self, method: Callable[..., Any], *args: Any) -> None:
        """Let the conversation manager do its work."""
        await self.find_changes()
        outcome = method(self.agent, *args)
        if inspect.isawaitable(outcome):
            await outcome
        await self.find_changes(method)

    async def add(self, message: Message) -> None:
        self.agent.messages.append(message)
        self.agent.edits.added(message)
        await self.tell(MessageAddedEvent, message)

    def tool(self, name: str) -> Any:
        """The tool of that name, the structured output's included; None if there is none."""
        if self.structured is not None and name == self.structured.tool_name:
            return self.structured
        return self.agent.tool_registry.registry.get(name)

    def limit(self) -> str | None:
        """The limit that this invocation has reached, if any."""
        usage = self.invocation.usage
        spent: dict[str, float] = {
            "turns": self.cycle,
            "output_tokens": usage["outputTokens"],
            "total_tokens": usage["totalTokens"],
        }
        spent |= {"seconds": self.control.clock.elapsed(), "cost": self.invocation.cost or 0.0}
        return reached(self.limits, spent)

    def limit_told(self, key: str) -> str:
        limit, noun = self.limits[key], key.replace("_", " ")
        return f"the limit of {limit:g} {noun.removesuffix('s') if limit == 1 else noun} is reached"

    def result(self, stop_reason: str, message: Message, **more: Any) -> AgentResult:
        return AgentResult(stop_reason, message, self.metrics, self.state.get("request_state", {}), **more)


@dataclass
class Ending:
    """How a cycle ended: with `force_stop` if there is a reason, else `complete`. Without a result another follows."""

    result: AgentResult | None = None
    force_stop: str | None = None


def give_back(before: dict[str, Any], state: dict[str, Any], given: Any) -> None:
    """Take over what tools and hooks assigned in a call's state into the caller's dict. A call works on a copy, since
    one dict may be given to two agents at once, and each has keys of its own in it."""
    if not isinstance(given, dict):
        return
    for key in before.keys() - state.keys():
        given.pop(key, None)
    given |= {key: value for key, value in state.items() if key not in before or value is not before[key]}
