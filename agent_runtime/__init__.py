"""A Strands-shaped agent runtime: agents, tools, models and hooks. It knows nothing of any tracer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent_runtime import elsewhere, hooks
from agent_runtime.agent import Agent
from agent_runtime.agent.conversation_manager import (
    NullConversationManager,
    SlidingWindowConversationManager,
    SummarizingConversationManager,
)
from agent_runtime.handlers.callback_handler import (
    CompositeCallbackHandler,
    PrintingCallbackHandler,
    null_callback_handler,
)
from agent_runtime.limits import Limits
from agent_runtime.models.scripted import ScriptedModel
from agent_runtime.result import AgentResult
from agent_runtime.retry import ModelRetryStrategy
from agent_runtime.tools.context import ToolContext
from agent_runtime.tools.decorator import tool
from agent_runtime.tools.executors import ConcurrentToolExecutor, SequentialToolExecutor

if TYPE_CHECKING:
    from agent_runtime.models.litellm import LiteLLMModel

__all__ = [
    "Agent",
    "AgentResult",
    "CompositeCallbackHandler",
    "ConcurrentToolExecutor",
    "Limits",
    "LiteLLMModel",
    "ModelRetryStrategy",
    "NullConversationManager",
    "PrintingCallbackHandler",
    "ScriptedModel",
    "SequentialToolExecutor",
    "SlidingWindowConversationManager",
    "SummarizingConversationManager",
    "ToolContext",
    "hooks",
    "null_callback_handler",
    "tool",
]


def __getattr__(name: str) -> Any:
    if name == "LiteLLMModel":
        from agent_runtime.models.litellm import LiteLLMModel

        return LiteLLMModel
    raise elsewhere.absent(__name__, name)


elsewhere.install()
