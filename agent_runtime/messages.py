"""Messages, {"role", "content": [block, ..]}: made from prompts, and what the loop needs to know of them."""

from __future__ import annotations

import json
import re
from typing import Any

from agent_runtime.interrupts import interrupt_responses

Message = dict[str, Any]
SERVER_TOOL_USE = "server_tool_use"  # the `type` of a tool use that the model's provider ran itself
_NAME = re.compile(r"[a-zA-Z0-9_-]+").fullmatch
_LONGEST_NAME = 64
_BLOCKS = {"text", "image", "document", "video", "audio", "toolUse", "toolResult", "reasoningContent"}
_BLOCKS |= {"citationsContent", "cachePoint", "guardContent"}
_LEAVES = frozenset((str, int, float, bool, type(None)))  # most of what a message holds


def from_prompt(prompt: Any) -> list[Message]:
    """The messages that a prompt adds: a str, content blocks, messages, None or interrupt responses.

    Raises:
        ValueError: it is none of these.
    """
    if prompt is None or prompt == [] or interrupt_responses(prompt) is not None:
        return []
    if isinstance(prompt, str):
        return [{"role": "user", "content": [{"text": prompt}]}]
    if isinstance(prompt, list) and all(isinstance(item, dict) for item in prompt):
        if all("role" in item and "content" in item for item in prompt):
            return list(prompt)
        if all(_BLOCKS & item.keys() for item in prompt):
            return [{"role": "user", "content": prompt}]
    raise ValueError(
        "a prompt is a str, a list of content blocks, a list of messages, a list of interrupt responses, or None; "
        f"not {type(prompt).__name__} {prompt!r:.80}"
    )


def split_system(prompt: Any) -> tuple[str | None, list[dict[str, Any]] | None]:
    """A system prompt as the model port has it: its text, and its blocks; None is none of either."""
    if not isinstance(prompt, list):
        return prompt, None if prompt is None else [{"text": prompt}]
    texts = [block["text"] for block in prompt if "text" in block]
    return "\n".join(texts) if texts else None, prompt


def assistant(text: str) -> Message:
    return {"role": "assistant", "content": [{"text": text}]}


def tool_uses(message: Message | None) -> list[dict[str, Any]]:
    """The tool uses that an assistant message asks for; not those that its provider ran."""
    if not message or message.get("role") != "assistant":
        return []
    uses = [block["toolUse"] for block in message["content"] if "toolUse" in block]
    return [use for use in uses if not by_provider(use)]


def by_provider(use: dict[str, Any]) -> bool:
    """Whether a tool use was run by the model's provider, which answered it in the same message."""
    return use.get("type") == SERVER_TOOL_USE


def copy_tree(value: Any) -> Any:
    """Copy dicts and lists, so that whoever gets the copy may keep or change it; leaves are shared."""
    kind = type(value)
    if kind is dict or isinstance(value, dict):
        return {key: item if type(item) in _LEAVES else copy_tree(item) for key, item in value.items()}
    if kind is list or isinstance(value, list):
        return [copy_tree(item) for item in value]
    return value


def interrupted_results(uses: list[dict[str, Any]]) -> Message:
    """Results for tool uses that were never answered, without which a provider refuses the conversation."""
    results = [error_result(use["toolUseId"], "Tool was interrupted.") for use in uses]
    return {"role": "user", "content": [{"toolResult": result} for result in results]}


def name_fault(name: str) -> str | None:
    """Why a model may not use a tool of this name; None if it may."""
    if not _NAME(name):
        return f"tool_name=<{name}> | invalid tool name pattern"
    if len(name) > _LONGEST_NAME:
        return f"tool_name=<{name}>, tool_name_max_length=<{_LONGEST_NAME}> | invalid tool name length"
    return None


def error_result(tool_use_id: str, text: str) -> dict[str, Any]:
    return {"toolUseId": tool_use_id, "status": "error", "content": [{"text": text}]}


MAX_TOKENS = "The selected tool {}'s tool use was incomplete due to maximum token limits being reached."
CUT_SHORT = "The selected tool {} was not run, because the model's answer was cut short."


def without_tool_uses(message: Message, told: str) -> Message:
    """A cut message for the history: its tool uses, which will never be answered, are told as text."""
    content = []
    for block in message["content"]:
        if "toolUse" in block and not by_provider(block["toolUse"]):
            block = {"text": told.format(block["toolUse"].get("name") or "<unknown>")}
        content.append(block)
    return {**message, "content": content}


def parse_input(raw: str) -> dict[str, Any] | None:
    """A tool's input; nothing at all is an empty one. None if it is no JSON object, as one with NaN in it."""
    if not raw.strip():
        return {}
    try:
        value = strict_json(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def strict_json(raw: str | bytes) -> Any:
    """A JSON text's value; NaN and Infinity, which Python reads, are no JSON.

    Raises:
        ValueError, RecursionError: it is no JSON, or nested too deeply.
    """
    return _STRICT.decode(raw if isinstance(raw, str) else raw.decode(json.detect_encoding(raw), "surrogatepass"))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


_STRICT = json.JSONDecoder(parse_constant=_refuse)  # made once: that takes longer than to read a tool's input
