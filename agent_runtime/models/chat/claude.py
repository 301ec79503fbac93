"""What only Anthropic takes back: its signed thoughts, and the tools that it ran itself. Not how they are streamed."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent_runtime.messages import SERVER_TOOL_USE, by_provider

JSON = dict[str, Any]
_THINKING = ("thinking", "redacted_thinking")


def parts_of(content: Sequence[Mapping[str, Any]], plain: Callable[[Mapping[str, Any]], JSON]) -> list[JSON]:
    """The blocks of an assistant message that Anthropic takes back; of its own tools only those with their results.

    `plain` makes the part of any other block.
    """
    uses = {block["toolUse"]["toolUseId"]: block["toolUse"] for block in content if "toolUse" in block}
    answered = {block["toolResult"]["toolUseId"] for block in content if "toolResult" in block} & uses.keys()
    parts: list[JSON] = []
    for block in content:
        if "reasoningContent" in block:
            parts += _thinking(block["reasoningContent"])
        elif "toolResult" in block:
            parts += [_server_result(block["toolResult"])] if block["toolResult"]["toolUseId"] in answered else []
        elif "toolUse" in block:
            use = block["toolUse"]
            if by_provider(use) and use["toolUseId"] in answered:
                parts.append(
                    {"type": SERVER_TOOL_USE, "id": use["toolUseId"], "name": use["name"], "input": use["input"]}
                )
        elif "cachePoint" not in block:
            parts.append(plain(block))
    return parts


def _server_result(result: Mapping[str, Any]) -> JSON:
    content: Any = next((block["json"] for block in result["content"] if "json" in block), [])
    return {
        "type": result.get("type", "web_search_tool_result"),
        "tool_use_id": result["toolUseId"],
        "content": content,
    }


def _thinking(reasoning: Mapping[str, Any]) -> list[JSON]:
    """Anthropic refuses thoughts that it has not signed."""
    text = reasoning.get("reasoningText") or {}
    if text.get("signature"):
        return [{"type": "thinking", "thinking": text.get("text", ""), "signature": text["signature"]}]
    if data := reasoning.get("redactedContent"):
        return [{"type": "redacted_thinking", "data": _redacted(data)}]
    return []


def _redacted(data: bytes) -> str:
    """What Anthropic sent is text, kept as its bytes; those of a Strands session are what that text means."""
    try:
        base64.b64decode(data, validate=True)
        return data.decode("ascii")
    except ValueError:
        return base64.b64encode(data).decode()


def thinking_apart(parts: list[JSON]) -> JSON:
    """litellm has a field for thoughts. Between tools that the provider ran they must stay where they were, which it
    does for a list of content, but not for redacted ones."""
    between = any(part["type"] == SERVER_TOOL_USE for part in parts)
    if between and not any(part["type"] == "redacted_thinking" for part in parts):
        return {}
    thoughts = [part for part in parts if part["type"] in _THINKING]
    parts[:] = [part for part in parts if part["type"] not in _THINKING]
    return {"thinking_blocks": thoughts} if thoughts else {}
