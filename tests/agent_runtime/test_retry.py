"""Retries of a model call, by the strategy and by hooks."""

from __future__ import annotations

from typing import Any

import pytest

from agent_runtime import ModelRetryStrategy
from agent_runtime.errors import ModelThrottledException
from agent_runtime.hooks import AfterModelCallEvent, BeforeModelCallEvent
from agent_runtime.models.scripted import fail, text
from agent_runtime.retry import default_strategy
from agent_runtime.testing import collect, scripted_agent
from tests.agent_runtime.outline import outline, until_raise

FAST = ModelRetryStrategy(initial_delay=0.001, max_delay=0.002)


class Status(Exception):
    def __init__(self, status: Any) -> None:
        self.status_code = status
        super().__init__(f"status {status}")


@pytest.mark.parametrize("error", [ModelThrottledException("slow"), Status(429), Status(503), Status("500")])
async def test_what_may_pass_is_tried_again_and_each_attempt_is_told(error: Exception) -> None:
    agent = scripted_agent(fail(error), fail(error), "Fine.", retry_strategy=FAST)
    seen: list[tuple[str, int, bool | None]] = []
    agent.add_hook(lambda event: seen.append(("before", event.attempt, None)), BeforeModelCallEvent)
    agent.add_hook(lambda event: seen.append(("after", event.attempt, event.retry)), AfterModelCallEvent)
    events = await collect(agent)
    assert [event["event_loop_throttled_delay"] for event in events if "event_loop_throttled_delay" in event] == [
        0.001,
        0.002,
    ]
    assert outline(events) == (
        "init_event_loop start start_event_loop event_loop_throttled_delay data message(assistant:text) complete"
        " result(end_turn)"
    )
    assert seen == [
        ("before", 0, None),
        ("after", 0, True),
        ("before", 1, None),
        ("after", 1, True),
        ("before", 2, None),
        ("after", 2, False),
    ]


async def test_attempts_are_counted() -> None:
    agent = scripted_agent(*[fail(Status(429))] * 5, retry_strategy=FAST)
    events, raised = await until_raise(agent.stream_async("go"))
    assert isinstance(raised, Status) and agent.model.calls == 3
    assert sum("force_stop" in event for event in events) == 1


@pytest.mark.parametrize("error", [Status(400), Status(None), Status("n/a"), ValueError("x")])
async def test_what_will_not_pass_is_not(error: Exception) -> None:
    agent = scripted_agent(fail(error), "Fine.", retry_strategy=FAST)
    _, raised = await until_raise(agent.stream_async("go"))
    assert raised is error and agent.model.calls == 1


async def test_a_stream_that_has_begun_is_not_repeated() -> None:
    agent = scripted_agent([text("Half "), fail(Status(503))], "Fine.", retry_strategy=FAST)
    _, raised = await until_raise(agent.stream_async("go"))
    assert isinstance(raised, Status) and agent.model.calls == 1


async def test_a_hook_may_refuse_the_retry_or_ask_for_one() -> None:
    agent = scripted_agent(fail(Status(429)), "Fine.", retry_strategy=FAST)

    def refuse(event: AfterModelCallEvent) -> None:
        event.retry = False

    undo = agent.add_hook(refuse)
    _, raised = await until_raise(agent.stream_async("go"))
    assert isinstance(raised, Status)
    undo()

    agent = scripted_agent(fail(ValueError("x")), "Bad.", "Good.")

    def ask(event: AfterModelCallEvent) -> None:
        event.retry = event.exception is not None or "Bad" in str(event.stop_response)

    agent.add_hook(ask)
    events = await collect(agent)
    assert str(events[-1]["result"]) == "Good.\n"
    assert [event["data"] for event in events if "data" in event] == ["Bad.", "Good."]
    assert sum("message" in event for event in events) == 1


@pytest.mark.parametrize(
    ("arguments", "attempts"), [({"num_retries": 0}, 1), ({"max_retries": 4}, 5), ({}, 3), (None, 3)]
)
def test_the_client_arguments_set_the_attempts(arguments: Any, attempts: int) -> None:
    class Model:
        client_args = arguments

    assert default_strategy(Model()).max_attempts == attempts


def test_delays_double_up_to_the_limit() -> None:
    strategy = ModelRetryStrategy(max_attempts=9)
    assert [strategy.delay(n, Status(500)) for n in range(6)] == [0.5, 1, 2, 4, 4, 4]
    assert strategy.delay(8, Status(500)) is None
    with pytest.raises(ValueError, match="max_attempts"):
        ModelRetryStrategy(max_attempts=0)


@pytest.mark.parametrize(("initial", "most", "told"), [(4, 240, "8"), (0.25, 4, "0.5"), (4, 5.0, "5.0")])
def test_a_delay_is_a_number_of_the_kind_that_was_given(initial: float, most: float, told: str) -> None:
    strategy = ModelRetryStrategy(initial_delay=initial, max_delay=most)
    assert str(strategy.delay(1, ModelThrottledException("slow"))) == told
