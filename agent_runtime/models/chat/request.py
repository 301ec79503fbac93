"""Strands messages, tools and system prompts in the shape of OpenAI's chat API, which litellm takes for all."""

from __future__ import annotations

import base64
import json
import mimetypes
from collections.abc import Mapping, Sequence
from typing import Any

from agent_runtime.messages import by_provider, name_fault
from agent_runtime.models.chat.claude import parts_of, thinking_apart
from agent_runtime.models.port import Messages

JSON = dict[str, Any]
_IMAGE_FOLLOWS = "Tool successfully returned an image. The image is being provided in the following user message."
_NOT_SENT = ("toolUse", "toolResult", "reasoningContent", "cachePoint")


def messages_of(messages: Messages, system_prompt: Any = None, *, claude: bool = False) -> list[JSON]:
    """The request's messages.

    Reasoning and the tools that a provider ran itself are left out, as in Strands: most providers refuse to get them
    back. `claude` sends both in Anthropic's form, the reasoning where it is signed.

    Raises:
        TypeError: a content block has no form in this API.
    """
    sent = system_of(system_prompt)
    for message in messages:
        if message["role"] == "user":
            sent += _tool_messages(message["content"])
            own = _own_message(message, False)
        else:
            own = _own_message(_speakable(message), claude)
        if len(own) > 1:
            sent.append(own)
    return sent


def system_of(system_prompt: Any) -> list[JSON]:
    """A text, or Strands' list of {"text"} and {"cachePoint"} blocks, as at most one system message."""
    if not system_prompt:
        return []
    if isinstance(system_prompt, str):
        return [{"role": "system", "content": _sendable(system_prompt)}]
    parts: list[JSON] = []
    for block in system_prompt:
        if "text" in block:
            parts.append({"type": "text", "text": _sendable(block["text"])})
        elif "cachePoint" in block and parts:
            lifetime = {key: block["cachePoint"][key] for key in ("ttl",) if block["cachePoint"].get(key)}
            parts[-1]["cache_control"] = {"type": "ephemeral", **lifetime}
    return [{"role": "system", "content": parts}] if parts else []


def tools_of(tool_specs: Sequence[Mapping[str, Any]] | None) -> list[JSON]:
    return [
        {
            "type": "function",
            "function": {
                "name": spec["name"],
                "description": spec["description"],
                "parameters": spec["inputSchema"]["json"],
            },
        }
        for spec in tool_specs or ()
    ]


def tool_choice_of(choice: Mapping[str, Any] | None) -> Any:
    """{"auto": {}}, {"any": {}} or {"tool": {"name"}}; None says nothing."""
    if not choice:
        return None
    if "tool" in choice:
        return {"type": "function", "function": {"name": choice["tool"]["name"]}}
    return "required" if "any" in choice else "auto"


def _speakable(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """An answer as providers take it back: with no blank text, and no name that a tool cannot have. As in Strands."""
    blank = [] if any("toolUse" in block for block in message["content"]) else [{"text": "[blank text]"}]
    content: list[Any] = []
    for block in message["content"]:
        if "toolUse" in block and name_fault(block["toolUse"]["name"]):
            content.append({"toolUse": {**block["toolUse"], "name": "INVALID_TOOL_NAME"}})
        else:
            content += blank if "text" in block and not block["text"].strip() else [block]
    return {**message, "content": content or blank}


def _own_message(message: Mapping[str, Any], claude: bool) -> JSON:
    own: JSON = {"role": message["role"]}
    content = message["content"]
    if claude:
        parts = parts_of(content, _part)
        own |= thinking_apart(parts)
    else:
        parts = [_part(block) for block in content if not any(kind in block for kind in _NOT_SENT)]
    if len(parts) == 1 and parts[0]["type"] == "text":
        own["content"] = parts[0]["text"]
    elif parts:
        own["content"] = parts
    uses = [block["toolUse"] for block in content if "toolUse" in block]
    calls = [_tool_call(use) for use in uses if not by_provider(use)]
    if calls:
        own["tool_calls"] = calls
    return own


def _part(block: Mapping[str, Any]) -> JSON:
    if "text" in block:
        return {"type": "text", "text": _sendable(block["text"])}
    if "citationsContent" in block:
        words = block["citationsContent"].get("content") or []
        return {"type": "text", "text": _sendable("".join(part.get("text", "") for part in words))}
    if "image" in block:
        kind, url = _data_url(block["image"])
        return {"type": "image_url", "image_url": {"detail": "auto", "format": kind, "url": url}}
    if "document" in block:
        name = block["document"].get("name", "document")
        return {"type": "file", "file": {"file_data": _data_url(block["document"])[1], "filename": name}}
    raise TypeError(f"content_type=<{next(iter(block))}> | unsupported type")


def _data_url(item: Mapping[str, Any]) -> tuple[str, str]:
    kind = mimetypes.types_map.get(f".{item['format']}", "application/octet-stream")
    if "bytes" not in item["source"]:
        raise TypeError(f"only bytes can be sent as the source of a file, not {next(iter(item['source']))}")
    return kind, f"data:{kind};base64,{base64.b64encode(item['source']['bytes']).decode()}"


def _tool_call(use: Mapping[str, Any]) -> JSON:
    function = {"name": use["name"], "arguments": _arguments(use["input"])}
    return {"id": use["toolUseId"], "type": "function", "function": function}


def _arguments(value: Any) -> str:
    """Input that stayed raw text, because it was no valid JSON, would be refused by providers that parse it."""
    if isinstance(value, str):
        try:
            json.loads(value)
        except ValueError:
            return "{}"
        return _sendable(value)
    return _sendable(json.dumps(value, ensure_ascii=False))


def _tool_messages(content: Sequence[Mapping[str, Any]]) -> list[JSON]:
    """Results must follow their calls at once, so images, which only a user may send, come after all of them."""
    results, images = [], []
    for block in content:
        if "toolResult" in block:
            message, seen = _tool_message(block["toolResult"])
            results.append(message)
            if seen:
                images.append({"role": "user", "content": seen})
    return results + images


def _tool_message(result: Mapping[str, Any]) -> tuple[JSON, list[JSON]]:
    parts = [_result_part(block) for block in result["content"]]
    images = [part for part in parts if part["type"] == "image_url"]
    rest = [part for part in parts if part["type"] != "image_url"]
    if images:
        rest.append({"type": "text", "text": _IMAGE_FOLLOWS})
    content: Any = rest
    if all(part["type"] == "text" for part in rest):
        content = "\n".join(part["text"] for part in rest)
    return {"role": "tool", "tool_call_id": result["toolUseId"], "content": content}, images


def _result_part(block: Mapping[str, Any]) -> JSON:
    if "json" in block:
        return {"type": "text", "text": _sendable(json.dumps(block["json"], ensure_ascii=False, default=str))}
    return _part(block)


def _sendable(text: str) -> str:
    """Half of a surrogate pair has no form in UTF-8, and one would make the whole conversation unsendable."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
