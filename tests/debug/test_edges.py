"""Where time and providers meet a stop: deadlines wait, a stream goes on, and a signature goes with what it signed."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from agent_runtime.models.scripted import call, text
from agent_runtime.testing import scripted_agent
from tests.debug.support import ONE, bench
from tracer import records as r
from tracer.debug.signatures import LOST, unsigned

DEADLINE = 3.0


@pytest.mark.slow
async def test_a_deadline_waits_while_a_call_is_stopped() -> None:
    async with bench(ONE, "before_tool") as made, made.client() as client:

        async def events() -> list[Any]:
            return [event async for event in made.agent.stream_async("go", limits={"seconds": DEADLINE})]

        run = asyncio.create_task(events())
        made.runs.append(run)
        stop = await client.stopped()
        await asyncio.sleep(DEADLINE + 1)
        await client.go(stop)
        result = (await made.end(run))[-1]["result"]
        assert result.stop_reason == "end_turn" and made.results() == ["42"]


async def test_a_pause_in_mid_stream_stops_behind_the_answer_which_is_recorded_on() -> None:
    words = [text("word " * 40)]
    agent = scripted_agent(words, delay=0.01)
    async with bench(agent=agent) as made, made.client() as client:
        run = made.run()
        while not made.records(r.Delta):
            await asyncio.sleep(0.01)
        await client.request("pause", {"threadId": 0})
        seen = len(made.records(r.Delta))
        stop = await client.stopped()
        assert stop["point"] == "after_model" and len(made.records(r.Delta)) > seen
        said = "".join(delta.text or "" for delta in made.records(r.Delta))
        assert said == "word " * 40
        await client.go(stop)
        await made.end(run)


def _signed(said: str) -> dict[str, Any]:
    return {"reasoningContent": {"reasoningText": {"text": said, "signature": "s1"}}}


async def test_reasoning_that_is_edited_loses_its_signature_and_what_is_left_alone_keeps_it() -> None:
    history = [
        {"role": "user", "content": [{"text": "a"}]},
        {"role": "assistant", "content": [_signed("I think."), {"text": "b"}]},
    ]
    agent = scripted_agent("done", messages=copy.deepcopy(history))
    sent: list[Any] = []
    stream = agent.model.stream

    def seen(messages: Any, *args: Any, **more: Any) -> Any:
        sent.append(copy.deepcopy(messages))
        return stream(messages, *args, **more)

    agent.model.stream = seen
    async with bench([], "before_model", agent=agent) as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        where = "messages[1].content[0].reasoningContent.reasoningText.text"
        await client.request(
            "tracer/edit", {"stop": stop["stop"], "expression": "messages[1].content[1].text", "value": "c"}
        )
        assert not [log for log in made.records(r.Log) if log.text == LOST]
        await client.request("tracer/edit", {"stop": stop["stop"], "expression": where, "value": "I know."})
        await client.go(stop)
        await made.end(run)
        assert [log.level for log in made.records(r.Log) if log.text == LOST] == ["warning"]
        assert sent[0][1]["content"] == [{"reasoningContent": {"reasoningText": {"text": "I know."}}}, {"text": "c"}]
        assert agent.messages[1]["content"][0] == _signed("I think.")


def test_a_signature_of_ones_own_stays_and_so_does_one_that_moved() -> None:
    before = [{"role": "assistant", "content": [_signed("x")]}]
    own = [
        {"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "y", "signature": "s2"}}}]}
    ]
    assert unsigned(own, before) == (own, False)
    moved = [{"role": "user", "content": [{"text": "first"}]}, *before]
    assert unsigned(moved, before) == (moved, False)


async def test_a_tool_that_runs_in_a_thread_stops_and_runs_as_edited() -> None:
    async with bench([[call("calculator", {"expression": "6*7"})], "done"], "before_tool", "after_tool") as made:
        async with made.client() as client:
            run = made.run()
            stop = await client.stopped()
            await client.request("tracer/edit", {"stop": stop["stop"], "value": {"expression": "1+1"}})
            await client.go(stop)
            await client.go(await client.stopped())
            await made.end(run)
        assert made.results() == ["2"]
