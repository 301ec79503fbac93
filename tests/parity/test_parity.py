"""Each scenario on both runtimes: the stream, hooks, tool runs, history, requests and errors are the same but for the
differences that the page owns up to. A difference that is none any more fails too."""

from __future__ import annotations

import asyncio
import re
from itertools import chain

import pytest

from tests.docs.blocks import REPO
from tests.parity import adverse, answers, asked, calls, direct, ends, hooked, sdk, settings, streams
from tests.parity.compare import differences
from tests.parity.differences import ALWAYS, MEASURED
from tests.parity.scenario import Scenario
from tests.parity.stage import Observation, act
from tests.parity.tools import wait
from tests.provider import Provider, call, turn

SCENARIOS: list[Scenario] = list(
    chain.from_iterable(
        room.SCENARIOS for room in (answers, calls, direct, hooked, ends, asked, streams, settings, adverse)
    )
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:coroutine 'later:RuntimeWarning"),  # what stock does with a tool of ours
    pytest.mark.filterwarnings("ignore:.*kwargs.*deprecating:UserWarning"),
]


async def observe(scenario: Scenario, provider: Provider) -> tuple[Observation, Observation]:
    async with asyncio.timeout(200):  # a slow machine needs 20 s for the first request that litellm makes
        return (
            await act(scenario, sdk.own(provider.base), provider),
            await act(scenario, sdk.stock(provider.base), provider),
        )


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
async def test_both_runtimes(scenario: Scenario, provider: Provider) -> None:
    own, stock = await observe(scenario, provider)
    found = differences(own, stock, scenario.known)
    assert not found, "\n" + "\n".join(found)


def test_no_name_is_given_twice() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(names) == len(set(names)) >= 50


def test_the_page_names_each_difference_and_no_other() -> None:
    rows = re.findall(
        r"^\|(?:[^|]*\|){3} `([a-z_]+)` \|$", (REPO / "docs" / "strands.md").read_text(), flags=re.MULTILINE
    )
    known = {difference.__name__ for scenario in SCENARIOS for difference in scenario.known}
    known |= {difference.__name__ for difference in ALWAYS if difference not in MEASURED}
    assert sorted(rows) == sorted(known)


def swap_two_results(seen: Observation) -> None:
    content = seen.history[2]["content"]
    content[0], content[1] = content[1], content[0]


def change_a_text(seen: Observation) -> None:
    seen.requests[1]["messages"][-1]["content"] += "!"


def drop_a_start(seen: Observation) -> None:
    seen.told.remove(("event", {"start": True}))


def say_it_twice(seen: Observation) -> None:
    place = next(n for n, (kind, what) in enumerate(seen.told) if kind == "event" and "data" in what)
    seen.told.insert(place, seen.told[place])


def rename_a_key(seen: Observation) -> None:
    event = next(what for kind, what in seen.told if kind == "event" and "reasoningText" in what)
    event["reasoning_text"] = event.pop("reasoningText")


def swap_two_hooks(seen: Observation) -> None:
    hooks = [n for n, (kind, _) in enumerate(seen.told) if kind == "hook"]
    seen.told[hooks[0]], seen.told[hooks[1]] = seen.told[hooks[1]], seen.told[hooks[0]]


def run_a_tool_again(seen: Observation) -> None:
    seen.told.append(next(entry for entry in seen.told if entry[0] == "run"))


def ask_once_more(seen: Observation) -> None:
    seen.requests.append(seen.requests[-1])


MADE_UP = [
    swap_two_results,
    change_a_text,
    drop_a_start,
    say_it_twice,
    rename_a_key,
    swap_two_hooks,
    run_a_tool_again,
    ask_once_more,
]


@pytest.mark.parametrize("change", MADE_UP, ids=lambda change: change.__name__)
async def test_a_made_up_difference_is_found(change, provider: Provider) -> None:
    pieces = [{"reasoning_content": "Hm."}]
    two = [call("wait", {"name": name, "turns": 0}) for name in "ab"]
    scenario = Scenario(name="made up", turns=[turn(pieces, "Well.", *two), turn("Done.")], tools=[wait])
    own, stock = await observe(scenario, provider)
    change(own)
    assert differences(own, stock)
