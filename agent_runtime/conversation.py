"""Conversation managers: what is left out when a conversation grows, or no longer fits the model."""

from __future__ import annotations

from typing import Any, Protocol

from agent_runtime.errors import ContextWindowOverflowException
from agent_runtime.messages import Message

TRUNCATED = "The tool result was too large!"


class ConversationManager(Protocol):
    def apply_management(self, agent: Any) -> None:
        """After each invocation: bring `agent.messages` to size, in place."""
        ...

    def reduce_context(self, agent: Any, e: BaseException | None = None) -> None:
        """After an overflow: leave something out of `agent.messages`, in place, or raise that it cannot."""
        ...


class NullConversationManager:
    """Leaves the conversation as it is; an overflow ends the run."""

    def apply_management(self, agent: Any) -> None:
        return

    def reduce_context(self, agent: Any, e: BaseException | None = None) -> None:
        raise e if e is not None else ContextWindowOverflowException("the conversation is not managed")


class SlidingWindowConversationManager:
    """Keeps the last `window_size` messages, and never a tool result without its tool use.

    After an overflow it first shortens the newest large tool results, then drops the oldest messages.
    """

    def __init__(self, window_size: int = 40, should_truncate_results: bool = True) -> None:
        if window_size < 1:
            raise ValueError("window_size must be at least 1")
        self.window_size = window_size
        self.should_truncate_results = should_truncate_results

    def apply_management(self, agent: Any) -> None:
        messages = agent.messages
        if len(messages) > self.window_size:
            start = _start(messages, len(messages) - self.window_size)
            if start is not None:
                del messages[:start]

    def reduce_context(self, agent: Any, e: BaseException | None = None) -> None:
        messages = agent.messages
        if self.should_truncate_results and _truncate_newest(messages):
            return
        start = _start(messages, max(2, len(messages) - self.window_size))
        if start is None:
            raise ContextWindowOverflowException("Unable to trim conversation context!") from e
        del messages[:start]


def _start(messages: list[Message], least: int) -> int | None:
    """The first message from `least` on with which a conversation can begin: best a prompt, else no orphaned result."""
    places = range(least, len(messages))
    for place in places:
        if messages[place]["role"] == "user" and not _has(messages[place], "toolResult"):
            return place
    for place in places:
        answered = place + 1 < len(messages) and _has(messages[place + 1], "toolResult")
        if not _has(messages[place], "toolResult") and (answered or not _has(messages[place], "toolUse")):
            return place
    return None


def _has(message: Message, kind: str) -> bool:
    return any(kind in block for block in message["content"])


def _truncate_newest(messages: list[Message]) -> bool:
    """Put a short text in place of the newest tool results; whether that made a difference."""
    for place in range(len(messages) - 1, -1, -1):
        if _has(messages[place], "toolResult"):
            content = [_truncated(block) for block in messages[place]["content"]]
            changed = content != messages[place]["content"]
            messages[place] = {**messages[place], "content": content}
            return bool(changed)
    return False


def _truncated(block: dict[str, Any]) -> dict[str, Any]:
    result = block.get("toolResult")
    if result is None or len(str(result["content"])) < 4 * len(TRUNCATED):
        return block
    return {"toolResult": {**result, "status": "error", "content": [{"text": TRUNCATED}]}}
