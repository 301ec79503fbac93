"""`agent.cancel()` and limits: from the loop and from threads, while the model is silent, between and during tools."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from agent_runtime import ToolContext, tool
from agent_runtime.errors import ModelThrottledException
from agent_runtime.event_loop import control
from agent_runtime.hooks import (
    AfterModelCallEvent,
    AfterToolCallEvent,
    BeforeModelCallEvent,
    BeforeToolsEvent,
)
from agent_runtime.models.scripted import call, fail, pause, text, usage
from agent_runtime.testing import collect, scripted_agent
from agent_runtime.tools.port import AgentTool
from tests.agent_runtime.outline import outline

LONG = 200  # seconds; a cancel that is not seen fails by it


@tool
def echo(words: str) -> str:
    """Say it again."""
    return words


def soon(agent: Any, **kwargs: Any) -> None:
    """Cancel from a thread, in a moment."""
    threading.Timer(0.05, agent.cancel, kwargs=kwargs).start()


def later(agent: Any, key: str = "start_event_loop", cancel: Callable[..., object] = soon, **kwargs: Any) -> None:
    """Cancel in a moment from when the first event with this key went by, however long that took."""
    left = [cancel]

    def look(**event: Any) -> None:
        if key in event and left:
            left.pop()(agent, **kwargs)

    agent.callback_handler = look


@pytest.mark.parametrize("where", ["thread", "loop"])
async def test_a_silent_model_is_interrupted(where: str) -> None:
    agent = scripted_agent([text("Half an "), pause(LONG), text("answer")], "Again.")
    seen: list[AfterModelCallEvent] = []
    agent.add_hook(seen.append, AfterModelCallEvent)
    loop = asyncio.get_running_loop()
    later(agent, "data", soon if where == "thread" else lambda agent: loop.call_later(0.05, agent.cancel))
    async with asyncio.timeout(LONG / 2):
        events = await collect(agent)
    assert outline(events) == (
        "init_event_loop start start_event_loop data message(assistant:text) force_stop result(cancelled)"
    )
    assert events[-3]["message"]["content"] == [{"text": "Cancelled by user"}]
    assert agent.messages[-1] == events[-3]["message"]
    assert seen[0].partial_message == {"role": "assistant", "content": [{"text": "Half an "}]}
    assert seen[0].stop_response is not None and seen[0].stop_response.stop_reason == "cancelled"
    task = asyncio.current_task()
    assert task is not None and task.cancelling() == 0
    assert str(await agent.invoke_async("again")) == "Again.\n"


async def test_the_message_of_a_cancel() -> None:
    agent = scripted_agent([text("One "), pause(LONG)])
    later(agent, message="Stopped by Ann")
    events = await collect(agent)
    assert events[-2] == {"force_stop": True, "force_stop_reason": "Stopped by Ann"}
    assert str(events[-1]["result"]) == "Stopped by Ann\n"


async def test_cancel_by_the_reader_between_two_chunks() -> None:
    agent = scripted_agent("One two three four five.")
    events = []
    async for event in agent.stream_async("go"):
        events.append(event)
        if "data" in event:
            agent.cancel()
    assert sum("data" in event for event in events) == 1
    assert outline(events).endswith("message(assistant:text) force_stop result(cancelled)")


async def test_a_cancel_never_reaches_what_the_reader_awaits_itself() -> None:
    agent = scripted_agent("One two three.")
    finished = []
    async for event in agent.stream_async("go"):
        if "data" in event:
            soon(agent)
            await asyncio.sleep(0.15)
            finished.append(event["data"])
    assert finished == ["One "]


async def test_a_cancel_before_the_model_call_sends_no_request() -> None:
    agent = scripted_agent("Never.")

    def stop(event: BeforeModelCallEvent) -> None:
        event.agent.cancel()

    agent.add_hook(stop)
    events = await collect(agent)
    assert agent.model.calls == 0
    assert outline(events).endswith("start_event_loop message(assistant:text) force_stop result(cancelled)")


async def test_a_cancel_of_the_task_during_our_own_interruption_is_not_lost() -> None:
    agent = scripted_agent([text("One "), pause(LONG)])

    async def run() -> None:
        await collect(agent)

    task = asyncio.create_task(run())
    await asyncio.sleep(0.05)
    agent.cancel()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_model_that_swallows_the_cancellation_does_not_win() -> None:
    class Stubborn:
        get_config = update_config = lambda self, **_: {}

        async def stream(self, *args: Any, **kwargs: Any) -> Any:
            yield {"messageStart": {"role": "assistant"}}
            try:
                await asyncio.sleep(LONG)
            except asyncio.CancelledError:
                yield {"contentBlockDelta": {"delta": {"text": "still here"}}}
            raise RuntimeError("not reached")

    agent = scripted_agent()
    agent.model = Stubborn()
    later(agent)
    events = await collect(agent)
    assert outline(events).endswith("start_event_loop message(assistant:text) force_stop result(cancelled)")
    task = asyncio.current_task()
    assert task is not None and task.cancelling() == 0


async def test_cancel_between_the_message_and_its_tools() -> None:
    agent = scripted_agent([call("echo", {"words": "a"})], tools=[echo])

    def stop(event: BeforeToolsEvent) -> None:
        event.agent.cancel()

    agent.add_hook(stop)
    events = await collect(agent)
    assert outline(events).endswith("message(assistant:toolUse) message(user:toolResult) force_stop result(cancelled)")
    result = agent.messages[-1]["content"][0]["toolResult"]
    assert (result["status"], result["content"]) == ("error", [{"text": "Tool execution cancelled"}])


@pytest.mark.parametrize("kind", ["async", "thread", "stubborn"])
async def test_cancel_while_tools_run(kind: str) -> None:
    release, running, answered = threading.Event(), threading.Event(), threading.Event()
    ended: list[AfterToolCallEvent] = []

    @tool
    async def sleeper() -> None:
        """Sleep."""
        running.set()
        await asyncio.sleep(LONG)

    @tool
    async def stubborn() -> None:
        """Sleep on."""
        running.set()
        while not release.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)

    @tool
    def blocker() -> None:
        """Block."""
        running.set()
        release.wait(LONG)

    def keep(event: AfterToolCallEvent) -> None:
        ended.append(event)
        answered.set()

    def cancel() -> None:
        if running.wait(LONG) and answered.wait(LONG):
            agent.cancel()

    kinds: dict[str, AgentTool] = {"async": sleeper, "thread": blocker, "stubborn": stubborn}
    chosen = kinds[kind]
    name = chosen.tool_name
    agent = scripted_agent([call("echo", {"words": "a"}), call(name)], tools=[echo, chosen])
    agent.add_hook(keep, AfterToolCallEvent)
    threading.Thread(target=cancel, daemon=True).start()
    began = time.monotonic()
    events = await collect(agent)
    assert time.monotonic() - began < LONG / 2
    release.set()
    await asyncio.sleep(0.05)
    assert outline(events).endswith("message(user:toolResult+toolResult) force_stop result(cancelled)")
    results = [block["toolResult"] for block in agent.messages[-1]["content"]]
    assert [result["status"] for result in results] == ["success", "error"]
    if kind != "stubborn":
        assert [event.tool_use["name"] for event in ended] == ["echo", name]
        assert ended[1].cancel_message == "Tool execution cancelled"


async def test_cancel_after_current_tools_waits_for_them() -> None:
    @tool(context=True)
    async def slow(tool_context: ToolContext) -> str:
        """Cancel, then finish."""
        tool_context.agent.cancel("Enough.", after_current_tools=True)
        await asyncio.sleep(0.02)
        return "finished"

    agent = scripted_agent([call("slow")], tools=[slow])
    events = await collect(agent)
    assert agent.messages[-2]["content"][0]["toolResult"]["content"] == [{"text": "finished"}]
    assert outline(events).endswith("message(user:toolResult) force_stop result(cancelled)")
    assert str(events[-1]["result"]) == "Enough.\n" and agent.messages[-1]["role"] == "assistant"


async def test_a_cancel_after_tools_lets_an_answer_without_tools_end() -> None:
    agent = scripted_agent("One two three.")
    events = []
    async for event in agent.stream_async("go"):
        events.append(event)
        if "data" in event:
            agent.cancel(after_current_tools=True)
    assert outline(events).endswith("message(assistant:text) complete result(end_turn)")


async def test_cancel_during_the_delay_of_a_retry() -> None:
    from agent_runtime import ModelRetryStrategy

    patient = ModelRetryStrategy(initial_delay=LONG, max_delay=LONG)
    agent = scripted_agent(fail(ModelThrottledException("slow down")), retry_strategy=patient)
    later(agent, "event_loop_throttled_delay")
    assert outline(await collect(agent)).endswith(
        "event_loop_throttled_delay message(assistant:text) force_stop result(cancelled)"
    )
    assert agent.model.calls == 1


async def test_cancel_without_a_call_does_nothing() -> None:
    agent = scripted_agent("Fine.")
    agent.cancel()
    assert (await agent.invoke_async("go")).stop_reason == "end_turn"


TURN = [call("echo", {"words": "a"}), usage(100, 10, cost=0.3)]


@pytest.mark.parametrize(
    ("limits", "reason", "cycles"),
    [
        ({"turns": 1}, "limit_turns", 1),
        ({"turns": 2}, "limit_turns", 2),
        ({"output_tokens": 15}, "limit_output_tokens", 2),
        ({"total_tokens": 110}, "limit_total_tokens", 1),
        ({"cost": 0.5}, "limit_cost", 2),
    ],
)
async def test_a_limit_closes_the_cycle_that_reaches_it(limits: Any, reason: str, cycles: int) -> None:
    agent = scripted_agent(TURN, TURN, TURN, "Done.", tools=[echo])
    events = await collect(agent, limits=limits)
    assert outline(events).endswith(f"message(user:toolResult) force_stop result({reason})")
    assert events[-1]["result"].metrics.cycle_count == cycles
    assert f"{next(iter(limits.values())):g}" in events[-2]["force_stop_reason"]


async def test_an_answer_within_the_limit_is_complete() -> None:
    assert outline(await collect(scripted_agent("Hi."), limits={"turns": 1})).endswith("complete result(end_turn)")


async def test_seconds_stop_a_stream_and_keep_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = [0.0]
    monkeypatch.setattr(control.Clock, "elapsed", lambda clock: spent[0])
    agent = scripted_agent([text("Half an "), call("echo", '{"wo'), pause(LONG)], tools=[echo])
    later(agent, "current_tool_use", lambda agent: spent.append(spent.pop() + 1))
    events = await collect(agent, limits={"seconds": 0.05})
    assert outline(events).endswith("message(assistant:text) force_stop result(limit_seconds)")
    assert events[-1]["result"].message["content"] == [{"text": "Half an "}]


async def test_seconds_stop_tools() -> None:
    @tool
    async def sleeper() -> None:
        """Sleep."""
        await asyncio.sleep(LONG)

    agent = scripted_agent([call("sleeper")], tools=[sleeper])
    assert outline(await collect(agent, limits={"seconds": 0.05})).endswith(
        "message(user:toolResult) force_stop result(limit_seconds)"
    )


@pytest.mark.parametrize("limits", [{"turn": 1}, {"turns": 0}, {"turns": "3"}, {"turns": True}])
async def test_limits_that_make_no_sense(limits: Any) -> None:
    with pytest.raises(ValueError, match="limit"):
        await scripted_agent("Hi.").invoke_async("go", limits=limits)
