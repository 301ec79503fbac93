"""Turn what a tool returned or raised into the tool result that the model reads."""

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


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    pydantic = sys.modules.get("pydantic")
    try:
        if pydantic is not None and isinstance(value, pydantic.BaseModel):
            return str(value.model_dump_json())
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return str(value)
