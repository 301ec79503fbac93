"""The conversation manager's port, the one that does nothing, and where a conversation may be cut."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from agent_runtime.hooks import HookRegistry
from agent_runtime.messages import Message


class ConversationManager(ABC):
    """Subclass it for a policy of your own; the agent registers it as a hook provider too.

    `removed_message_count` counts the messages that were left out so far.
    """

    removed_message_count: int = 0

    def register_hooks(self, registry: HookRegistry, **kwargs: Any) -> None:  # noqa: B027 - most need none
        """Add no hooks; who overrides it calls it, as in Strands."""

    @abstractmethod
    def apply_management(self, agent: Any, **kwargs: Any) -> None:
        """After each invocation: bring `agent.messages` to size, in place."""

    @abstractmethod
    def reduce_context(self, agent: Any, e: Exception | None = None, **kwargs: Any) -> Any:
        """After an overflow `e`: leave something out of `agent.messages`, in place, or raise that it cannot.

        The agent awaits what it returns, if it can be awaited.
        """


class NullConversationManager(ConversationManager):
    """Leaves the conversation as it is; an overflow ends the run."""

    def apply_management(self, agent: Any, **kwargs: Any) -> None:
        return

    def reduce_context(self, agent: Any, e: Exception | None = None, **kwargs: Any) -> None:
        if e is not None:
            raise e


def has(message: Message, kind: str) -> bool:
    return any(kind in block for block in message["content"])


def refuse(proactive_compression: Any, pin_first: Any) -> None:
    """These options of Strands' managers are not here, and are not to be ignored.

    Raises:
        ValueError: one of them is set.
    """
    for name, value in (("proactive_compression", proactive_compression), ("pin_first", pin_first)):
        if value:
            raise ValueError(f"{name} is not offered here: a conversation is cut after an overflow, or with per_turn")
