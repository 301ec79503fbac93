"""The summarizing manager: after an overflow the oldest messages make room for a model's summary of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Any

from agent_runtime.agent.conversation_manager.base import ConversationManager, has, refuse
from agent_runtime.errors import ContextWindowOverflowException
from agent_runtime.event_loop.builder import Builder
from agent_runtime.messages import Message

REQUEST = "Please summarize this conversation."
PROMPT = """Summarize the conversation so far, for someone who has to go on with it without having read it.

Write a structured list in the third person, and nothing beside it: what was asked and answered, which tools ran with
what input and what they gave, code and facts that will be needed again, and what was concluded. Do not answer the
user, do not speak to anyone, do not mention which tools there are, and take no tool for failed unless it says so."""


class SummarizingConversationManager(ConversationManager):
    """Replaces the oldest `summary_ratio` (0.1 to 0.8) of the messages by their summary, but for the newest
    `preserve_recent_messages`. The agent's own model writes it, or a `summarization_agent`."""

    def __init__(
        self,
        summary_ratio: float = 0.3,
        preserve_recent_messages: int = 10,
        summarization_agent: Any = None,
        summarization_system_prompt: str | None = None,
        *,
        pin_first: int | None = None,
        proactive_compression: Any = None,
    ) -> None:
        refuse(proactive_compression, pin_first)
        if summarization_agent is not None and summarization_system_prompt is not None:
            raise ValueError("give a summarization_agent or a summarization_system_prompt: an agent has its own prompt")
        self.summary_ratio = max(0.1, min(0.8, summary_ratio))
        self.preserve_recent_messages = preserve_recent_messages
        self.summarization_agent = summarization_agent
        self.summarization_system_prompt = summarization_system_prompt
        self._summary: Message | None = None

    def apply_management(self, agent: Any, **kwargs: Any) -> None:
        """Nothing: a summary is written only after an overflow."""

    def reduce_context(self, agent: Any, e: Exception | None = None, **kwargs: Any) -> Awaitable[None] | None:
        """Summarize; within a running event loop the caller has to await it.

        Raises:
            ContextWindowOverflowException: there are too few messages to leave any out.
            RuntimeError: the summary has no text.
            Exception: what the model raised that was to write it.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            asyncio.run(self._reduce(agent, e))
            return None
        return self._reduce(agent, e)

    async def _reduce(self, agent: Any, cause: Exception | None) -> None:
        messages = agent.messages
        count = min(max(1, int(len(messages) * self.summary_ratio)), len(messages) - self.preserve_recent_messages)
        if count <= 0:
            raise ContextWindowOverflowException("Cannot summarize: insufficient messages for summarization") from cause
        count = _whole(messages, count, cause)
        try:
            said = await self._summarize(agent, messages[:count])
        except Exception as error:
            raise error from cause
        text = [{"text": block["text"]} for block in said["content"] if block.get("text")]
        if not text:
            raise RuntimeError("the summary of the conversation has no text") from cause
        self.removed_message_count += count - (1 if self._summary in messages[:count] else 0)
        self._summary = {"role": "user", "content": text}
        messages[:count] = [self._summary]

    async def _summarize(self, agent: Any, messages: list[Message]) -> Message:
        helper = self.summarization_agent
        if helper is None:
            return await _answer(agent.model, messages, self.summarization_system_prompt or PROMPT)
        kept, helper.messages = helper.messages, list(messages)
        try:
            result = await helper.invoke_async(REQUEST)
        finally:
            helper.messages = kept
        message: Message = result.message
        return message


async def _answer(model: Any, messages: list[Message], system_prompt: str) -> Message:
    """One call of the model, past the agent: its hooks and its stream know nothing of it."""
    builder = Builder()
    asked = [*messages, {"role": "user", "content": [{"text": REQUEST}]}]
    async with contextlib.aclosing(model.stream(asked, None, system_prompt)) as chunks:
        async for chunk in chunks:
            if "contentBlockDelta" in chunk:
                builder.delta(chunk["contentBlockDelta"]["delta"])
            else:
                builder.other(chunk)
    return builder.message()


def _whole(messages: list[Message], count: int, cause: Exception | None) -> int:
    """The first place from `count` on at which no tool use is parted from its result."""
    for place in range(count, len(messages)):
        answered = place + 1 >= len(messages) or has(messages[place + 1], "toolResult")
        if not has(messages[place], "toolResult") and (answered or not has(messages[place], "toolUse")):
            return place
    raise ContextWindowOverflowException("Unable to trim conversation context!") from cause
