"""Models: the port, a scripted model, and litellm for real providers. Importing this loads no litellm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent_runtime import elsewhere
from agent_runtime.models.describe import describe_error
from agent_runtime.models.port import Model, StreamChunk
from agent_runtime.models.scripted import ScriptedModel

if TYPE_CHECKING:
    from agent_runtime.models.litellm import LiteLLMModel

__all__ = ["LiteLLMModel", "Model", "ScriptedModel", "StreamChunk", "describe_error"]


def __getattr__(name: str) -> Any:
    if name == "LiteLLMModel":
        from agent_runtime.models.litellm import LiteLLMModel

        return LiteLLMModel
    raise elsewhere.absent(__name__, name)
