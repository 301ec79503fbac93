"""Strands' content blocks as the message parts of OpenTelemetry's GenAI schemas. What is no text is named, not sent."""

from __future__ import annotations

from typing import Any

import msgspec

Part = dict[str, Any]


def message(role: str, content: list[Any]) -> Part:
    """{"role", "parts"} of a recorded message. The role stays the framework's: tool results come from the user."""
    return {"role": role, "parts": [part(block) for block in content]}


def part(block: Any) -> Part:
    """One part of a content block."""
    if not isinstance(block, dict) or not block:
        return {"type": "unknown"}
    if isinstance(block.get("text"), str):
        return {"type": "text", "content": block["text"]}
    if isinstance(block.get("toolUse"), dict):
        return _call(block["toolUse"])
    if isinstance(block.get("toolResult"), dict):
        result = block["toolResult"]
        return {"type": "tool_call_response", "id": _id(result), "response": response(result)}
    if isinstance(block.get("reasoningContent"), dict):
        return _reasoning(block["reasoningContent"])
    return {"type": next(iter(block))}


def _id(block: Part) -> str | None:
    value = block.get("toolUseId")
    return value if isinstance(value, str) else None


def _call(use: Part) -> Part:
    name = use.get("name")
    said = name if isinstance(name, str) else ""
    return {"type": "tool_call", "id": _id(use), "name": said, "arguments": use.get("input")}


def _reasoning(block: Part) -> Part:
    text = block.get("reasoningText")
    said = text.get("text") if isinstance(text, dict) else None
    return {"type": "reasoning", "content": said} if isinstance(said, str) else {"type": "redacted_reasoning"}


def response(result: Any) -> Any:
    """What a tool result says: its one text or value, or the list of them."""
    content = result.get("content") if isinstance(result, dict) else None
    if not isinstance(content, list):
        return result
    said = [_value(block) for block in content]
    return said[0] if len(said) == 1 else said


def _value(block: Any) -> Any:
    if isinstance(block, dict):
        for key in ("text", "json"):
            if key in block:
                return block[key]
        return {"type": next(iter(block), "unknown")}
    return block


def arguments(raw: str) -> Any:
    """Tool input as it streamed: its value, or the text where it is no JSON."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return raw
