"""What the sliding window leaves out, and never."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_runtime import SlidingWindowConversationManager
from agent_runtime.errors import ContextWindowOverflowException
from agent_runtime.testing import scripted_agent


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"text": text}]}


def tools(size: int = 1) -> list[dict[str, Any]]:
    use = {"toolUseId": "c", "name": "t", "input": {}}
    result = {"toolUseId": "c", "status": "success", "content": [{"text": "x" * size}]}
    return [
        {"role": "assistant", "content": [{"toolUse": use}]},
        {"role": "user", "content": [{"toolResult": result}]},
    ]


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": [{"text": text}]}


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(1, 12))
def test_the_window_never_begins_with_an_orphan(rounds: list[int], window: int) -> None:
    messages = [m for n, count in enumerate(rounds) for m in (user(str(n)), *(tools() * count), said("ok"))]
    agent = SimpleNamespace(messages=list(messages))
    SlidingWindowConversationManager(window).apply_management(agent)
    assert agent.messages == messages[len(messages) - len(agent.messages) :]
    assert not any("toolResult" in block for block in agent.messages[0]["content"])


async def test_the_window_is_applied_after_each_call() -> None:
    agent = scripted_agent(*["Hi."] * 5, conversation_manager=SlidingWindowConversationManager(4))
    for number in range(5):
        await agent.invoke_async(str(number))
    assert [m["content"][0]["text"] for m in agent.messages] == ["3", "Hi.", "4", "Hi."]


def test_an_overflow_shortens_large_results_first_then_drops() -> None:
    agent = SimpleNamespace(messages=[user("a"), *tools(1000), user("b"), said("ok")])
    manager = SlidingWindowConversationManager(4)
    full = ContextWindowOverflowException("full")
    manager.reduce_context(agent, full)
    assert len(agent.messages) == 5 and "[truncated: 600 chars removed]" in str(agent.messages[2])
    manager.reduce_context(agent, full)
    assert (agent.messages, manager.removed_message_count) == ([user("b"), said("ok")], 3)
    with pytest.raises(ContextWindowOverflowException, match="Unable to trim"):
        manager.reduce_context(agent, full)


def test_a_window_may_begin_with_tools_that_are_answered_but_not_with_pending_ones() -> None:
    agent = SimpleNamespace(messages=[user("a"), *tools(), *tools(), *tools()[:1]])
    SlidingWindowConversationManager(3).apply_management(agent)
    assert len(agent.messages) == 3
    SlidingWindowConversationManager(1).apply_management(agent)
    assert len(agent.messages) == 3
