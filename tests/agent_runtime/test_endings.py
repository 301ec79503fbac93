"""How cycles and invocations end: each row of the design's table, but for cancelling, limits and interrupts."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from agent_runtime import NullConversationManager, SlidingWindowConversationManager, tool
from agent_runtime.errors import (
    ContextWindowOverflowException,
    EventLoopException,
    MaxTokensReachedException,
)
from agent_runtime.hooks import AfterInvocationEvent, AfterModelCallEvent, BeforeToolCallEvent, MessageAddedEvent
from agent_runtime.models.scripted import ScriptedModel, call, fail, pause, stop, text
from agent_runtime.testing import collect, scripted_agent
from tests.agent_runtime.outline import outline, until_raise


class Odd(BaseException):
    """No Exception, as some libraries have them."""


class Empty(Exception):
    """Says nothing."""


@tool
def echo(words: str) -> str:
    """Say it again."""
    return words


ERRORS = [
    ValueError("bad"),
    KeyError("k"),
    Odd("odd"),
    Empty(),
    asyncio.CancelledError("from within"),
    TimeoutError("t"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("before", [[], [text("Half an ")], [call("echo", '{"wor')]], ids=["first", "text", "tool"])
async def test_any_model_error_stops_the_cycle_once_and_leaves(error: BaseException, before: list[Any]) -> None:
    agent = scripted_agent([*before, fail(error)], tools=[echo])
    seen: list[AfterModelCallEvent] = []
    agent.add_hook(seen.append, AfterModelCallEvent)
    events, raised = await until_raise(agent.stream_async("go"))
    assert raised is error
    assert [event for event in events if "force_stop" in event] == [events[-1]]
    assert events[-1]["force_stop_reason"] == (str(error) or type(error).__name__)
    assert len(agent.messages) == 1
    assert (seen[0].exception, seen[0].stop_response) == (error, None)
    if before and isinstance(before[0], type(text(""))):
        assert seen[0].partial_message == {"role": "assistant", "content": [{"text": "Half an "}]}
    elif not before:
        assert seen[0].partial_message is None


async def test_an_open_block_is_part_of_the_partial_message() -> None:
    class Breaks:
        get_config = update_config = lambda self, **_: {}

        async def stream(self, *args: Any, **kwargs: Any) -> Any:
            yield {"messageStart": {"role": "assistant"}}
            yield {"contentBlockStart": {"start": {"toolUse": {"name": "echo", "toolUseId": "c"}}}}
            yield {"contentBlockDelta": {"delta": {"toolUse": {"input": "{}"}}}}
            raise OSError("gone")

    agent = scripted_agent()
    agent.model = Breaks()
    seen: list[AfterModelCallEvent] = []
    agent.add_hook(seen.append, AfterModelCallEvent)
    _, raised = await until_raise(agent.stream_async("go"))
    assert isinstance(raised, OSError)
    assert seen[0].partial_message is not None
    assert seen[0].partial_message["content"] == [{"toolUse": {"toolUseId": "c", "name": "echo", "input": {}}}]


async def test_an_error_in_a_later_cycle_leaves_the_first_complete() -> None:
    events, raised = await until_raise(
        scripted_agent([call("echo", {"words": "a"})], fail(ValueError("x")), tools=[echo]).stream_async("go")
    )
    assert isinstance(raised, ValueError)
    assert outline(events).endswith("message(user:toolResult) complete start start_event_loop force_stop")


async def test_the_agent_works_again_after_an_error() -> None:
    agent = scripted_agent(fail(ValueError("x")), "Fine.")
    await until_raise(agent.stream_async("go"))
    assert str(await agent.invoke_async("again")) == "Fine.\n"


async def test_a_hook_that_raises_around_the_tools_leaves_as_event_loop_exception() -> None:
    agent = scripted_agent([call("echo", {"words": "a"})], tools=[echo])

    def deny(event: BeforeToolCallEvent) -> None:
        raise RuntimeError("no")

    agent.add_hook(deny)
    events, raised = await until_raise(agent.stream_async("go", request_state={"seen": 1}))
    assert isinstance(raised, EventLoopException)
    assert isinstance(raised.original_exception, RuntimeError) and raised.request_state == {"seen": 1}
    assert outline(events).endswith("message(assistant:toolUse) force_stop")


async def test_a_hook_that_raises_at_a_message_ends_the_cycle_too() -> None:
    agent = scripted_agent("Hi.")

    def deny(event: MessageAddedEvent) -> None:
        if event.message["role"] == "assistant":
            raise RuntimeError("no")

    agent.add_hook(deny)
    events, raised = await until_raise(agent.stream_async("go"))
    assert isinstance(raised, EventLoopException) and outline(events).endswith("data force_stop")


async def test_max_tokens() -> None:
    agent = scripted_agent([text("Half an answ"), call("echo", '{"wor'), stop("max_tokens")], tools=[echo])
    events, raised = await until_raise(agent.stream_async("go"))
    assert isinstance(raised, MaxTokensReachedException)
    assert outline(events).endswith("message(assistant:text+toolUse) force_stop")
    assert [next(iter(block)) for block in agent.messages[-1]["content"]] == ["text", "text"]
    assert "echo" in agent.messages[-1]["content"][1]["text"]


def talk(count: int) -> list[dict[str, Any]]:
    return [{"role": ("user", "assistant")[n % 2], "content": [{"text": str(n)}]} for n in range(count)]


async def test_an_overflow_that_can_be_mended_goes_on_in_a_new_cycle() -> None:
    agent = scripted_agent(
        fail(ContextWindowOverflowException("too long")),
        "Fine.",
        messages=talk(10),
        conversation_manager=SlidingWindowConversationManager(window_size=4),
    )
    events = await collect(agent)
    assert outline(events) == (
        "init_event_loop start start_event_loop force_stop start start_event_loop data message(assistant:text)"
        " complete result(end_turn)"
    )
    assert agent.messages[0]["role"] == "user" and len(agent.messages) <= 5


@pytest.mark.parametrize("manager", [None, NullConversationManager()])
async def test_an_overflow_that_cannot_be_mended_leaves(manager: Any) -> None:
    agent = scripted_agent(fail(ContextWindowOverflowException("too long")), conversation_manager=manager)
    events, raised = await until_raise(agent.stream_async("go"))
    assert isinstance(raised, ContextWindowOverflowException)
    assert outline(events) == "init_event_loop start start_event_loop force_stop"


class Idle(NullConversationManager):
    """Says that it mended the conversation, and did nothing."""

    def reduce_context(self, agent: Any, e: Exception | None = None, **kwargs: Any) -> None:
        return


async def test_an_overflow_that_the_manager_only_claims_to_have_mended_leaves() -> None:
    overflows = [fail(ContextWindowOverflowException("too long")) for _ in range(50)]
    agent = scripted_agent(*overflows, "Fine.", conversation_manager=Idle())
    events, raised = await until_raise(agent.stream_async("go"))
    assert isinstance(raised, ContextWindowOverflowException) and agent.model.calls == 1
    assert "Idle.reduce_context left the conversation as it was" in raised.__notes__[0]
    assert outline(events) == "init_event_loop start start_event_loop force_stop"


async def test_an_overflow_may_be_mended_with_another_model() -> None:
    class Larger(NullConversationManager):
        def reduce_context(self, agent: Any, e: Exception | None = None, **kwargs: Any) -> None:
            agent.model = ScriptedModel(["It fits."])

    agent = scripted_agent(fail(ContextWindowOverflowException("too long")), conversation_manager=Larger())
    assert str(await agent.invoke_async("go")) == "It fits.\n"


async def test_an_overflow_that_was_mended_is_no_turn_of_a_limit() -> None:
    agent = scripted_agent(
        fail(ContextWindowOverflowException("too long")),
        "Fine.",
        messages=talk(10),
        conversation_manager=SlidingWindowConversationManager(window_size=4),
    )
    assert (await agent.invoke_async("go", limits={"turns": 1})).stop_reason == "end_turn"


async def test_a_manager_that_raises_does_not_silence_the_last_hook() -> None:
    class Broken(NullConversationManager):
        def apply_management(self, agent: Any, **kwargs: Any) -> None:
            raise RuntimeError("broken")

    agent = scripted_agent("Hi.", conversation_manager=Broken())
    ended: list[Any] = []
    agent.add_hook(lambda event: ended.append(event.result.stop_reason), AfterInvocationEvent)
    with pytest.raises(RuntimeError, match="broken"):
        await agent.invoke_async("go")
    assert ended == ["end_turn"] and agent.claims.active is None


async def test_break_frees_the_agent_and_its_last_hook_runs() -> None:
    agent = scripted_agent("One two three.", "Again.")
    ended: list[Any] = []

    async def slow(event: AfterInvocationEvent) -> None:
        await asyncio.sleep(0.01)
        ended.append(event.result)

    agent.add_hook(slow)
    async for event in agent.stream_async("go"):
        if "data" in event:
            break
    assert str(await agent.invoke_async("again")) == "Again.\n"
    assert ended[0] is None and len(ended) == 2


async def test_a_wrapper_that_is_abandoned_frees_the_agent_too() -> None:
    agent = scripted_agent("One two three.", "Again.")
    inner = agent.stream_async

    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        async for event in inner(*args, **kwargs):
            yield event

    agent.stream_async = wrapped  # type: ignore[method-assign]
    async for event in agent.stream_async("go"):
        if "data" in event:
            break
    assert str(await agent.invoke_async("again")) == "Again.\n"


async def test_aclose_unwinds_at_once_even_with_tools_running() -> None:
    closed = []

    @tool
    async def forever() -> Any:
        """Never ends."""
        try:
            yield "begun"
            await asyncio.sleep(60)
        finally:
            closed.append(True)

    agent = scripted_agent([call("forever")], "Again.", tools=[forever])
    stream = agent.stream_async("go")
    async for event in stream:
        if "tool_stream_event" in event:
            break
    await stream.aclose()
    assert closed == [True]
    assert str(await agent.invoke_async("again")) == "Again.\n"
    assert agent.messages[2]["content"][0]["toolResult"]["content"] == [{"text": "Tool was interrupted."}]


async def test_the_result_may_be_the_last_thing_read() -> None:
    agent = scripted_agent("One.", "Two.")
    stream = agent.stream_async("go")
    async for event in stream:
        if "result" in event:
            break
    assert str(await agent.invoke_async("again")) == "Two.\n"


async def test_task_cancellation_passes_through_and_hooks_still_run() -> None:
    agent = scripted_agent([text("One "), pause(60)], "Again.")
    ended: list[Any] = []

    async def last(event: AfterInvocationEvent) -> None:
        await asyncio.sleep(0)
        ended.append(event.result)

    agent.add_hook(last)
    events: list[Any] = []

    async def consume() -> None:
        async for event in agent.stream_async("go"):
            events.append(event)

    task = asyncio.create_task(consume())
    while not any("data" in event for event in events):
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [None]
    assert not any("force_stop" in event or "result" in event for event in events)
    assert str(await agent.invoke_async("again")) == "Again.\n"


async def test_wait_for_around_each_step_works() -> None:
    agent = scripted_agent([text("One "), pause(60)], "Again.")
    stream = agent.stream_async("go")
    while "data" not in await asyncio.wait_for(anext(stream), 100):
        pass
    with pytest.raises(TimeoutError):
        while True:
            await asyncio.wait_for(anext(stream), 0.05)
    assert str(await agent.invoke_async("again")) == "Again.\n"


def test_a_generator_left_in_a_dead_loop_does_not_block_the_agent() -> None:
    agent = scripted_agent("Again.")
    loop = asyncio.new_event_loop()
    stream = agent.stream_async("go")
    loop.run_until_complete(anext(stream))
    loop.close()
    assert str(agent("again")) == "Again.\n"
    del stream
    gc.collect()
