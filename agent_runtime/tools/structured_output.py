"""Structured output: a pydantic model as a tool that the model must call at the end. The caller imports pydantic."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from agent_runtime.events import ToolResultEvent
from agent_runtime.messages import Message, error_result

FORCE_PROMPT = "You must format the previous response as structured output."

_LAST = (
    "IMPORTANT: This StructuredOutputTool should only be invoked as the last and final tool before returning the "
    "completed result to the caller. <description>{}</description>"
)


class StructuredOutput:
    """The wish for one, and the tool that grants it; `value` is the validated instance once there is one."""

    def __init__(self, model: type[Any], prompt: str | None = None) -> None:
        if not (isinstance(model, type) and hasattr(model, "model_validate")):
            raise TypeError(f"structured_output_model must be a pydantic model class, not {model!r}")
        self.model = model
        self.prompt = prompt or FORCE_PROMPT
        self.forced = False
        self.value: Any = None
        self.tool_name = model.__name__
        described = (model.__doc__ or "").strip() or f"{model.__name__} structured output tool"
        description = _LAST.format(described)
        schema = model.model_json_schema()
        self.tool_spec = {"name": self.tool_name, "description": description, "inputSchema": {"json": schema}}

    def request(self, specs: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """The tools and the tool choice of the next model call."""
        if self.forced:
            return [self.tool_spec], {"tool": {"name": self.tool_name}}
        return [*specs, self.tool_spec], None

    def force(self) -> Message:
        """From now on the model has no other way; gives the message that says so."""
        self.forced = True
        return {"role": "user", "content": [{"text": self.prompt}]}

    def read(self, message: Message) -> bool:
        """Take the value from a text that is its JSON: some providers cannot force a tool."""
        text = "".join(block.get("text", "") for block in message["content"])
        try:
            self.value = self.model.model_validate_json(text)
        except ValueError:
            return False
        return True

    async def stream(
        self, tool_use: dict[str, Any], invocation_state: dict[str, Any], **kwargs: Any
    ) -> AsyncGenerator[Any, None]:
        """Validate the input; what is wrong with it is told to the model."""
        use_id = tool_use["toolUseId"]
        try:
            value = self.model.model_validate(tool_use["input"])
        except ValueError as error:
            yield ToolResultEvent(error_result(use_id, _faults(self.tool_name, error)), error)
            return
        self.value = value if self.value is None else self.value
        told = f"Successfully validated {self.tool_name} structured output"
        yield ToolResultEvent({"toolUseId": use_id, "status": "success", "content": [{"text": told}]})


def _faults(name: str, error: ValueError) -> str:
    faults: list[dict[str, Any]] = error.errors() if hasattr(error, "errors") else []
    lines = [f"- Field '{' -> '.join(map(str, fault['loc'])) or 'root'}': {fault['msg']}" for fault in faults]
    return f"Validation failed for {name}. Please fix the following errors:\n" + "\n".join(lines or [f"- {error}"])
