"""A random walk of legal requests by one to three clients while an agent with parallel tools and a sub-agent runs.

Nothing invalid, nothing lost, no gate left closed, and the agent always ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent_runtime import tool
from agent_runtime.models.scripted import call
from agent_runtime.testing import scripted_agent
from tests.debug.support import Bench, Checked, bench, calculator, fail
from tracer import records as r
from tracer.debug import DebugError

SUM, FAIL = call("calculator", {"expression": "1+1"}), call("fail", {"reason": "x"})
INNER = call("inner", {"input": "hello"})
TURNS = [[SUM, SUM, FAIL], [INNER, SUM], "done"]
POINTS = [
    "before_tool",
    "after_tool",
    "any",
    "tool_error",
    "before_model",
    "cycle_end",
    "calculator hit %2",
    "message once",
]
MOVES = [
    "continue",
    "next",
    "stepIn",
    "stepOut",
    "edit",
    "amend",
    "refuse",
    "skip",
    "retry",
    "look",
    "pause",
    "break",
    "filters",
    "stale",
    "evaluate",
]
AMENDED = [
    ("result.content", [{"text": "amended"}]),
    ("request", {"system_prompt": "Be brief."}),
    ("messages[0].content", [{"text": "other"}]),
]
LAST = ["leave", "vanish", "disconnect", "terminate", "cancel"]
walks = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(MOVES * 3 + LAST), st.integers(0, 7)), max_size=25)


def _run(walk: list[tuple[int, str, int]], count: int, first: str) -> None:
    with tempfile.TemporaryDirectory(prefix="tw", dir="/tmp") as folder:
        os.environ["TRACER_HOME"] = os.environ["XDG_RUNTIME_DIR"] = folder  # the fixture restores them
        asyncio.run(asyncio.wait_for(_walk(walk, count, first), 200))


checks = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
given_a_walk = given(walks, st.integers(1, 3), st.sampled_from(["any", "before_tool", "after_tool", "tool_error"]))
test_no_walk_leaves_anything_behind = checks(given_a_walk(_run))
test_no_long_walk_leaves_anything_behind = pytest.mark.slow(
    pytest.mark.timeout(600)(settings(checks, max_examples=100)(given_a_walk(_run)))
)


async def _walk(walk: list[tuple[int, str, int]], count: int, first: str) -> None:
    inner = scripted_agent([SUM, SUM], "inside", tools=[tool(calculator)], name="inner")
    tools = [tool(calculator), tool(fail), inner.as_tool()]
    agent = scripted_agent(*TURNS, tools=tools, name="outer")
    async with bench([], first, agent=agent, stop_timeout=0.05) as made:
        clients: list[Checked] = []
        for name in ("one", "two", "three")[:count]:
            clients.append(Checked(made.debugger.path))
            await clients[-1].start(name)
        run = made.run()
        for who, move, choice in walk:
            client = clients[who % len(clients)]
            if not client.closed:
                with contextlib.suppress(DebugError):  # a legal request may come too late
                    await _move(made, client, move, choice)
        for client in clients:
            await _heard_all(made, client)
            await client.close()
        events = await made.end(run)  # with nobody left the policy ends what is stopped
        assert "result" in events[-1]
        _nothing_lost(made)


async def _move(made: Bench, client: Checked, move: str, choice: int) -> None:
    if move in {"vanish", "leave"}:
        await client.close()
    elif move == "cancel":
        made.agent.cancel(message="enough")
    elif move in ("disconnect", "terminate", "threads"):
        await client.request(move)
    elif move == "pause":
        await client.request("pause", {"threadId": choice % 3})
    elif move == "break":
        await client.request("setFunctionBreakpoints", {"breakpoints": [{"name": POINTS[choice]}]})
    elif move == "filters":
        await client.request("setExceptionBreakpoints", {"filters": POINTS[choice % 3 :][:1]})
    elif move == "evaluate":
        await client.request("evaluate", {"expression": "messages[0].content"})
    else:
        await _at_a_stop(client, move, choice)


async def _at_a_stop(client: Checked, move: str, choice: int) -> None:
    for _ in range(10):  # let the agent come to its next stop, or not: both are legal
        if stops := (await client.request("tracer/stops"))["stops"]:
            break
    else:
        return
    body = stops[choice % len(stops)]
    stop = body["tracer"]
    if move == "edit":
        await client.request(
            "tracer/edit", {"stop": stop["stop"], "value": {"expression": f"{choice}+1", "reason": "y"}}
        )
    elif move == "amend":
        path, value = AMENDED[choice % len(AMENDED)]
        await client.request("tracer/edit", {"stop": stop["stop"], "expression": path, "value": value})
    elif move == "skip":
        await client.request("tracer/skip", {"stop": stop["stop"], "result": choice})
    elif move == "retry":
        await client.request("tracer/retry", {"stop": stop["stop"]})
    elif move == "refuse":
        await client.request("tracer/refuse", {"stop": stop["stop"]})
    elif move == "look":
        await _look(client, body["threadId"])
    elif move == "stale":
        await client.request("continue", {"threadId": body["threadId"], "tracer": {"stop": stop["stop"] + 50}})
    else:
        await client.request(move, {"threadId": body["threadId"], "tracer": {"stop": stop["stop"]}})


async def _look(client: Checked, thread: int) -> None:
    await client.request("threads")
    for frame in (await client.request("stackTrace", {"threadId": thread}))["stackFrames"]:
        for scope in (await client.request("scopes", {"frameId": frame["id"]}))["scopes"]:
            await client.request(
                "variables", {"variablesReference": scope["variablesReference"], "start": 0, "count": 5}
            )


async def _heard_all(made: Bench, client: Checked) -> None:
    """A client that is still there was told of every stop since it came."""
    with made.debugger.board.lock:
        stopped = {record.id for record in made.records(r.Stopped)}
    with contextlib.suppress(DebugError):
        await client.request("threads")  # what was told before this is here when its answer is
        told = [body["tracer"]["stop"] for name, body in _events(client) if name == "stopped"]
        assert stopped <= set(told), "a stop was not told"
        assert len(told) == len(set(told)), "a stop was told twice"


def _nothing_lost(made: Bench) -> None:
    assert not made.debugger.stops
    stopped = [record.id for record in made.records(r.Stopped)]
    resumed = [record.id for record in made.records(r.Resumed)]
    assert len(set(stopped)) == len(stopped) and sorted(stopped) == sorted(resumed)


def _events(client: Checked) -> list[tuple[str, dict[str, Any]]]:
    queue, found = client._events, []
    while not queue.empty():
        if item := queue.get_nowait():
            found.append(item)
    return found
