"""The agents of sample_sessions/, on written models at a human pace. `docs/make_samples.py` records them."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import Any

from agent_runtime import Agent, ModelRetryStrategy, ScriptedModel, tool
from agent_runtime.errors import ModelThrottledException
from agent_runtime.models.scripted import call, fail, pause, text, think, usage
from agent_runtime.tools import calculator

SPEED = max(0.01, float(os.environ.get("SAMPLE_SPEED", "1")))
_log = logging.getLogger("samples")


async def _work(seconds: float) -> None:
    await asyncio.sleep(seconds / SPEED)


def _think_time(seconds: float) -> Any:
    return pause(seconds / SPEED)


def _agent(name: str, turns: list[Any], tools: list[Any] | None = None, **kwargs: Any) -> Agent:
    model = ScriptedModel(turns, delay=0.06 / SPEED, model_id="scripted/sample")
    return Agent(model=model, tools=tools or [], callback_handler=None, name=name, **kwargs)


def plain_answer() -> Agent:
    """One cycle, one model call, no tool."""
    said = (
        "An event loop asks the model, runs the tools that the model asked for, shows it their results, and asks "
        "again. One such round is a cycle. It ends when the model answers without asking for a tool."
    )
    return _agent("explainer", [[_think_time(0.5), text(said), usage(31, 48, 0.00031)]])


def tools() -> Agent:
    """Two calls one after the other: the second needs the result of the first."""
    turns = [
        [_think_time(0.4), text("First the price of one box. "), call("price_of", {"item": "paper"}), usage(212, 24)],
        [_think_time(0.3), call("calculator", {"expression": "12 * 4.35"}), usage(251, 19)],
        [_think_time(0.3), text("Twelve boxes of paper cost 52.20 euros."), usage(283, 13)],
    ]
    return _agent("shopkeeper", turns, [price_of, calculator], system_prompt="You sell office supplies.")


@tool
async def price_of(item: str) -> str:
    """Look up the price of one box of an item, in euros.

    Args:
        item: what is sold
    """
    print(f"reading the price list for {item}")  # what a tool prints is part of its session
    await _work(0.8)
    return "4.35"


def parallel_tools() -> Agent:
    """Four calls in one message: they run at the same time, end in another order, and one fails."""
    cities = ["Oslo", "Rome", "Atlantis", "Lisbon"]
    turns = [
        [
            _think_time(0.4),
            text("I ask for all four at once. "),
            *(call("weather", {"city": city}) for city in cities),
            usage(188, 71),
        ],
        [
            _think_time(0.5),
            text("Lisbon is the warmest with 24 degrees, then Rome with 19 and Oslo with 3. "),
            text("For Atlantis there is no weather station, so I left it out."),
            usage(322, 44),
        ],
    ]
    return _agent("forecaster", turns, [weather])


@tool
async def weather(city: str) -> dict[str, Any]:
    """Tell the weather of a city now.

    Args:
        city: the city's name
    """
    seconds, degrees = {"Oslo": (1.6, 3), "Rome": (0.7, 19), "Lisbon": (2.3, 24)}.get(city, (0.4, None))
    await _work(seconds)
    if degrees is None:
        raise LookupError(f"no weather station in {city}")
    return {"city": city, "degrees": degrees}


def reasoning() -> Agent:
    """The model thinks before it calls the tool, and again before it answers."""
    turns = [
        [
            _think_time(0.6),
            think("Three people share 140 euros, but one of them had no wine, which was 32 euros of it. "),
            think("So the food is 108, a third of that is 36 for each. The wine is shared by two: 16 each."),
            text("Let me check the sums. "),
            call("calculator", {"expression": "(140 - 32) / 3 + 32 / 2"}),
            usage(96, 118, 0.0021),
        ],
        [
            _think_time(0.4),
            think("36 + 16 = 52 for the two, 36 for the third: 52 + 52 + 36 = 140. It adds up."),
            text("Those who had wine pay 52 euros each, the third pays 36. Together that is 140."),
            usage(231, 64, 0.0017),
        ],
    ]
    return _agent("accountant", turns, [calculator])


def force_stop() -> Agent:
    """The provider hangs up in the middle of the second answer."""
    broken = ConnectionError("the provider closed the connection in mid-stream")
    turns = [
        [_think_time(0.4), text("I look up the order. "), call("order", {"number": 4711}), usage(143, 22)],
        [_think_time(0.5), text("Your order left our house on Tuesday and should be with you on"), fail(broken)],
    ]
    return _agent("clerk", turns, [order])


@tool
async def order(number: int) -> dict[str, Any]:
    """Look up an order.

    Args:
        number: the order's number
    """
    await _work(0.9)
    return {"number": number, "sent": "Tuesday", "carrier": "post"}


def crash() -> Agent:
    """A tool takes its whole process down: the file ends where the process did."""
    turns = [
        [_think_time(0.4), text("I read the picture's size first. "), call("size_of", {"picture": "moon.tiff"})],
        [_think_time(0.3), text("Now I make it smaller. "), call("resize", {"picture": "moon.tiff", "width": 640})],
    ]
    return _agent("painter", turns, [size_of, resize])


@tool
async def size_of(picture: str) -> str:
    """Tell a picture's width and height in pixels.

    Args:
        picture: its file name
    """
    await _work(0.6)
    return "48000 x 32000"


@tool
async def resize(picture: str, width: int) -> str:
    """Make a picture smaller.

    Args:
        picture: its file name
        width: the width that it shall have, in pixels
    """
    _log.warning("decoding %s takes 4.6 GB", picture)
    await _work(1.5)
    os.kill(os.getpid(), signal.SIGKILL)  # as the kernel does with who takes all memory
    return "never said"


def sub_agent() -> Agent:
    """An agent that asks another one, which has cycles and a tool of its own."""
    librarian = _agent(
        "librarian",
        [
            [_think_time(0.3), text("I look in the catalogue. "), call("catalogue", {"title": "Moby-Dick"})],
            [_think_time(0.3), text("Moby-Dick appeared in 1851, first in London and then in New York.")],
        ],
        [catalogue],
        description="Knows when books appeared.",
    )
    turns = [
        [_think_time(0.4), text("I ask the librarian. "), call("librarian", {"input": "When did Moby-Dick appear?"})],
        [_think_time(0.4), text("Moby-Dick is from 1851; in that year the first world's fair opened in London, too.")],
    ]
    return _agent("editor", turns, [librarian.as_tool()])


@tool
async def catalogue(title: str) -> dict[str, Any]:
    """Find a book in the catalogue.

    Args:
        title: the book's title
    """
    await _work(0.7)
    return {"title": title, "year": 1851, "places": ["London", "New York"]}


def retry() -> Agent:
    """The provider has too much to do twice; the third attempt answers."""
    busy = ModelThrottledException("429: too many requests")
    turns = [
        [_think_time(0.3), fail(busy)],
        [_think_time(0.3), fail(busy)],
        [_think_time(0.3), text("It is 49. The provider was busy, so I asked it three times."), usage(58, 17)],
    ]
    patient = ModelRetryStrategy(max_attempts=3, initial_delay=0.8 / SPEED, max_delay=4)
    return _agent("patient", turns, retry_strategy=patient)
