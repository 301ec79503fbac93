"""Providers sign what their models reasoned, and refuse it changed under the old signature: edited, it loses it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

LOST = "what was changed of the model's reasoning has lost the provider's signature, which was for what it said before"


def unsigned(messages: Any, before: Any) -> tuple[Any, bool]:
    """(the messages without the signatures that do not fit any more, whether there were such)."""
    known = {one.get("signature"): one.get("text") for one in _reasoning(before)}
    stale = [id(one) for one in _reasoning(messages) if _stale(one, known)]
    return (_without(messages, stale), True) if stale else (messages, False)


def _stale(one: dict[str, Any], known: dict[Any, Any]) -> bool:
    signature = one.get("signature")
    return isinstance(signature, str) and signature in known and known[signature] != one.get("text")


def _reasoning(messages: Any) -> Iterator[dict[str, Any]]:
    for message in messages:
        for block in message.get("content", ()):
            said = block.get("reasoningContent") if isinstance(block, dict) else None
            said = said.get("reasoningText") if isinstance(said, dict) else None
            if isinstance(said, dict) and isinstance(said.get("signature"), (str, type(None))):
                yield said


def _without(value: Any, stale: list[int]) -> Any:
    """A copy of the way to them: what is not changed is not copied by whoever made the edit either."""
    if isinstance(value, list):
        return [_without(item, stale) for item in value]
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if not (id(value) in stale and key == "signature")}
        return {key: _without(item, stale) for key, item in kept.items()}
    return value
