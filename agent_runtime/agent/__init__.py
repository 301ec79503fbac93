"""The agent, its result and its conversation managers, where Strands has them."""

from __future__ import annotations

from agent_runtime.agent.agent import Agent
from agent_runtime.agent.conversation_manager import (
    ConversationManager,
    NullConversationManager,
    SlidingWindowConversationManager,
    SummarizingConversationManager,
)
from agent_runtime.result import AgentResult
from agent_runtime.retry import ModelRetryStrategy

__all__ = [
    "Agent",
    "AgentResult",
    "ConversationManager",
    "ModelRetryStrategy",
    "NullConversationManager",
    "SlidingWindowConversationManager",
    "SummarizingConversationManager",
]
