"""The sliding window: keeps the last messages. What was said earlier is gone."""

from __future__ import annotations

from typing import Any

from agent_runtime.agent.conversation_manager.base import ConversationManager, has, refuse
from agent_runtime.errors import ContextWindowOverflowException
from agent_runtime.hooks import BeforeModelCallEvent, HookRegistry
from agent_runtime.messages import Message

KEPT = 200
_MARK = "... [truncated:"


class SlidingWindowConversationManager(ConversationManager):
    """Keeps the last `window_size` messages (0: none), and never a tool result without its tool use.

    After an overflow it first shortens the oldest large tool results to their first and last 200 characters, then
    drops the oldest messages. `per_turn` manages before each model call too, or before every n-th.
    """

    def __init__(
        self,
        window_size: int = 40,
        should_truncate_results: bool = True,
        *,
        per_turn: bool | int = False,
        pin_first: int | None = None,
        proactive_compression: Any = None,
    ) -> None:
        refuse(proactive_compression, pin_first)
        if window_size < 0:
            raise ValueError(f"window_size must be a non-negative integer, got {window_size}")
        if per_turn is not False and per_turn <= 0:
            raise ValueError(f"per_turn must be a positive integer, True, or False, got {per_turn}")
        self.window_size = window_size
        self.should_truncate_results = should_truncate_results
        self.per_turn = per_turn
        self._model_calls = 0

    def register_hooks(self, registry: HookRegistry, **kwargs: Any) -> None:
        super().register_hooks(registry, **kwargs)
        if self.per_turn is not False:
            registry.add_callback(BeforeModelCallEvent, self._before_model_call)

    def _before_model_call(self, event: BeforeModelCallEvent) -> None:
        self._model_calls += 1
        if self._model_calls % int(self.per_turn) == 0:
            self.apply_management(event.agent)

    def apply_management(self, agent: Any, **kwargs: Any) -> None:
        if len(agent.messages) > self.window_size:
            self.reduce_context(agent)

    def reduce_context(self, agent: Any, e: Exception | None = None, **kwargs: Any) -> None:
        messages = agent.messages
        if self.window_size and e is not None and self.should_truncate_results and _shorten_oldest(messages):
            return
        start = len(messages) if self.window_size == 0 else self._start(messages)
        if start is not None:
            self.removed_message_count += start
            del messages[:start]
        elif e is not None:
            raise ContextWindowOverflowException("Unable to trim conversation context!") from e

    def _start(self, messages: list[Message]) -> int | None:
        """The first message to keep: best a prompt, else a tool use with its result."""
        least = 2 if len(messages) <= self.window_size else len(messages) - self.window_size
        for place in range(least, len(messages)):
            if messages[place]["role"] == "user" and not has(messages[place], "toolResult"):
                return place
        for place in range(least, len(messages) - 1):
            if has(messages[place], "toolUse") and has(messages[place + 1], "toolResult"):
                return place
        return None


def _shorten_oldest(messages: list[Message]) -> bool:
    """Shorten the oldest message with tool results; whether that made a difference."""
    for place, message in enumerate(messages):
        if has(message, "toolResult"):
            content = [_shortened(block) for block in message["content"]]
            messages[place] = {**message, "content": content}
            return bool(content != message["content"])
    return False


def _shortened(block: dict[str, Any]) -> dict[str, Any]:
    result = block.get("toolResult")
    if result is None:
        return block
    return {"toolResult": {**result, "content": [_short(part) for part in result["content"]]}}


def _short(part: dict[str, Any]) -> dict[str, Any]:
    if "image" in part:
        size = len((part["image"].get("source") or {}).get("bytes") or b"")
        return {"text": f"[image: {part['image'].get('format', 'unknown')}, {size} bytes]"}
    text = part.get("text", "")
    left_out = len(text) - 2 * KEPT
    if left_out <= 0 or _MARK in text:
        return part
    return {"text": f"{text[:KEPT]}...\n\n{_MARK} {left_out} chars removed] ...\n\n...{text[-KEPT:]}"}
