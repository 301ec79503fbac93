"""Who changed what in an agent: its system prompt and its history, compared from one look to the next, and the
EditedEvent that tells it. What the callbacks of hooks change is in callbacks.

Where nobody listens for that event, nothing is copied or compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from agent_runtime.edits.author import author_of
from agent_runtime.edits.shadow import Change, Shadow, equal
from agent_runtime.hooks import Author, EditedEvent
from agent_runtime.messages import copy_tree


class Found(NamedTuple):
    """A change of something that EditedEvent names by `what`."""

    what: str
    change: Change


class Edits:
    """What an agent's system prompt and history were when last looked at. Belongs to the agent, holds no reference to
    it; empty while nobody listens."""

    def __init__(self) -> None:
        self._system: Shadow | None = None
        self._messages: Shadow | None = None

    def heard(self, agent: Any) -> bool:
        """Whether anybody listens for changes; if not, what was known is forgotten."""
        if agent.hooks.has(EditedEvent):
            return True
        self._system = self._messages = None
        return False

    async def begin(self, agent: Any) -> None:
        """An invocation begins: a system prompt changed since the last one is told. The history between two
        invocations is the program's own."""
        if self.heard(agent):
            await tell(agent, [found for found in self.look(agent) if found.what == "system"], None)

    async def found(self, agent: Any, manager: Callable[..., Any] | None = None) -> None:
        """Tell what changed since the last look without any hook, or by a method of the conversation manager."""
        if self.heard(agent) and (found := self.look(agent)):
            await tell(agent, found, author_of(manager, "conversation manager") if manager is not None else None)

    def added(self, message: Any) -> None:
        """The loop appended a message to the history."""
        if self._messages is not None:
            self._messages.append(message)

    def history(self, agent: Any) -> Any:
        """The history as it is, in a copy that nobody may change."""
        known = self._messages.value if self._messages is not None else None
        return list(known) if known is not None and equal(known, agent.messages) else copy_tree(agent.messages)

    def look(self, agent: Any) -> list[Found]:
        """What changed since the last look; the first one finds nothing."""
        if self._messages is None or self._system is None:
            self._system, self._messages = Shadow(agent.system_prompt), Shadow(agent.messages, quick=True)
            return []
        changes = (("system", self._system.look(agent.system_prompt)), ("message", self._messages.look(agent.messages)))
        return [Found(what, change) for what, change in changes if change is not None]


async def tell(agent: Any, found: list[Found], by: Author | None, tool_use_id: str = "") -> None:
    """Tell each change to those who listen."""
    for what, (path, before, after) in found:
        if what == "tool" and path == "selected":
            before, after = getattr(before, "tool_name", None), getattr(after, "tool_name", None)
        await agent.hooks.invoke(EditedEvent(agent, what, path, before, after, by, tool_use_id))
