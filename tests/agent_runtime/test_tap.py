"""A tap is told what the consumer is about to see, and how the stream ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from contextvars import ContextVar, copy_context
from typing import Any

import pytest

from agent_runtime import tool
from agent_runtime.models.scripted import call, fail, text
from agent_runtime.tap import inside
from agent_runtime.testing import collect, scripted_agent

PLACE: ContextVar[str] = ContextVar("place", default="outside")


class Listener:
    """Keeps what it is told."""

    def __init__(self, pieces: bool = True) -> None:
        self.variable, self.value = PLACE, "inside"
        self.said: list[Any] = []
        self.text: Callable[[str, dict[str, Any]], bool] | None = self._piece if pieces else None

    def _piece(self, piece: str, chunk: dict[str, Any]) -> bool:
        self.said += [{"event": chunk}, {"data": piece, "delta": {"text": piece}}]
        return True

    def event(self, event: dict[str, Any]) -> None:
        self.said.append(event)

    def left(self, half: bool) -> None:
        self.said.append(("left", half))

    def failed(self, error: BaseException) -> None:
        self.said.append(("failed", type(error).__name__))

    def over(self) -> None:
        self.said.append("over")


@pytest.mark.parametrize("pieces", [True, False])
def test_it_sees_what_the_consumer_sees(pieces: bool) -> None:
    agent, tap = scripted_agent(text("one two three four")), Listener(pieces)
    begun: list[Any] = []

    def begin(*given: Any) -> Listener:
        begun.append(given)
        return tap

    agent.tap = begin
    events = asyncio.run(collect(agent, "Hello", invocation_state={"a": 1}))
    assert tap.said == [*events, "over"]
    assert begun == [("Hello", {"a": 1})]
    assert sum("data" in event for event in events) > 2


def test_its_variable_is_set_for_the_agent_alone() -> None:
    seen: list[str] = []

    @tool
    def look() -> str:
        """Look around."""
        seen.append(PLACE.get())
        return "done"

    agent, tap = scripted_agent(call("look"), text("a b c"), tools=[look]), Listener()
    agent.tap = lambda *given: tap

    async def consume() -> list[str]:
        return [PLACE.get() async for _ in agent.stream_async("Hello")]

    assert set(asyncio.run(consume())) == {"outside"}
    assert seen == ["inside"]


@pytest.mark.parametrize("taken", range(1, 12))
def test_a_consumer_that_leaves_is_told_of(taken: int) -> None:
    agent, tap = scripted_agent(text("one two three four")), Listener()
    agent.tap = lambda *given: tap

    async def leave() -> dict[str, Any]:
        async with aclosing(agent.stream_async("Hello")) as stream:
            for _ in range(taken):
                event: dict[str, Any] = await anext(stream)
        return event

    last = asyncio.run(leave())
    *said, left, over = tap.said
    half = left == ("left", True)
    assert left in (("left", False), ("left", True)) and over == "over"
    assert (said[-2] if half else said[-1]) == last, "a piece of text is told of as a whole"
    assert half == ("contentBlockDelta" in last.get("event", {}) and len(said) > taken)


def test_an_exception_is_told_of_once() -> None:
    agent, tap = scripted_agent(fail(ValueError("no"))), Listener()
    agent.tap = lambda *given: tap
    with pytest.raises(ValueError, match="no"):
        asyncio.run(collect(agent))
    assert tap.said[-2:] == [("failed", "ValueError"), "over"]


def test_what_it_does_not_take_whole_it_is_told_of_twice() -> None:
    class Apart(Listener):
        def _piece(self, piece: str, chunk: dict[str, Any]) -> bool:
            return False

    agent, tap = scripted_agent(text("one two three four")), Apart()
    agent.tap = lambda *given: tap
    assert [*asyncio.run(collect(agent, "Hello")), "over"] == tap.said


def test_what_it_raises_is_no_error_of_the_models() -> None:
    class Broken(Listener):
        def _piece(self, piece: str, chunk: dict[str, Any]) -> bool:
            raise LookupError(piece)

    agent, tap = scripted_agent(text("one two three four")), Broken()
    agent.tap = lambda *given: tap
    with pytest.raises(LookupError):
        asyncio.run(collect(agent, "Hello"))
    assert not any("force_stop" in said for said in tap.said) and tap.said[-1] == "over"


def test_work_that_is_closed_from_another_context_is_closed_quietly() -> None:
    work = inside(Listener(), asyncio.sleep(0))
    copy_context().run(work.send, None)
    work.close()
    assert PLACE.get() == "outside"


def test_one_tap_is_not_put_in_the_place_of_another_unawares() -> None:
    agent, tap = scripted_agent(["hello"]), Listener()

    def first(*given: Any) -> Listener:
        return tap

    agent.tap = first
    with pytest.raises(ValueError, match=r"set `agent\.tap = None` first"):
        agent.tap = lambda *given: Listener()
    assert agent.tap is first
    agent.tap = None
    agent.tap = first
