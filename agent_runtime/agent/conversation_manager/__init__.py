"""Conversation managers: what is left out when a conversation grows, or no longer fits the model."""

from __future__ import annotations

from agent_runtime.agent.conversation_manager.base import ConversationManager, NullConversationManager
from agent_runtime.agent.conversation_manager.summarizing import SummarizingConversationManager
from agent_runtime.agent.conversation_manager.window import SlidingWindowConversationManager

__all__ = [
    "ConversationManager",
    "NullConversationManager",
    "SlidingWindowConversationManager",
    "SummarizingConversationManager",
]
