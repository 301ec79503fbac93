"""Turn what a tool returned or raised into the tool result that the model reads. Whatever it is, it becomes one."""

from __future__ import annotations

import json
import sys
from typing import Any

from agent_runtime.events import ToolResultEvent


def wrap(tool_use_id: str, value: Any) -> ToolResultEvent:
    """A dict with `status` and `content` passes as it is, text too; the rest becomes JSON or its str()."""
    if isinstance(value, dict) and "status" in value and "content" in value:
        return ToolResultEvent({**value, "toolUseId": tool_use_id})
    return ToolResultEvent({"toolUseId": tool_use_id, "status": "success", "content": [{"text": _text(value)}]})


def failed(tool_use_id: str, error: BaseException) -> ToolResultEvent:
    """The model reads a ValueError's message alone, and the class of any other exception too."""
    told = str(error) if isinstance(error, ValueError) else f"{type(error).__name__} - {error}"
    return ToolResultEvent(
        {"toolUseId": tool_use_id, "status": "error", "content": [{"text": f"Error: {told}"}]},
        exception=error,
    )


def cleaned(result: Any, tool_use_id: str) -> dict[str, Any]:
    """The result as it goes to the model: with its id, a known status, and only blocks that a request can hold."""
    if not isinstance(result, dict):
        result = wrap(tool_use_id, result).result
    content = result.get("content")
    if content is None or isinstance(content, str | dict):
        content = [] if content is None else [content]
    elif not isinstance(content, list | tuple):
        content = [_text(content)]
    blocks = [_block(block) for block in content if block != {}]
    status = "error" if result.get("status") == "error" else "success"
    return {"toolUseId": tool_use_id, "status": status, "content": blocks or [{"text": ""}]}


def _block(block: Any) -> dict[str, Any]:
    if not isinstance(block, dict):
        return {"text": _text(block)}
    if "text" in block:
        text = block["text"]
        return block if isinstance(text, str) else {**block, "text": _str(text)}
    if any(_is_file(block.get(kind)) for kind in ("image", "document", "video")):
        return block
    return {"json": _json_safe(block.get("json", block))}


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and "format" in value and isinstance(value.get("source"), dict)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    pydantic = sys.modules.get("pydantic")
    try:
        if pydantic is not None and isinstance(value, pydantic.BaseModel):
            return str(value.model_dump_json())
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return _str(value)


def _str(value: Any) -> str:
    try:
        return str(value)
    except Exception as error:
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"


def _json_safe(value: Any) -> Any:
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        try:
            return json.loads(json.dumps(value, default=_str, skipkeys=True))
        except (TypeError, ValueError, RecursionError):
            return _str(value)
    return value
