"""The scenarios' tools. Each tells the stage that it ran, and with which input."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, Literal

from pydantic import BaseModel

_told: list[Callable[[str, Any], None]] = []


def tell(listener: Callable[[str, Any], None]) -> None:
    """From now on `listener` is told of each run."""
    _told[:] = [listener]


def ran(tool: str, /, **given: Any) -> None:
    _told[0]("run", (tool, given))


def declared(**arguments: Any) -> Callable[[Any], Any]:
    """Arguments for `@tool(..)`, whichever runtime's that will be."""

    def mark(function: Any) -> Any:
        function.declared = arguments
        return function

    return mark


async def double(number: int) -> int:
    """Double a number.

    Args:
        number: The number to double.
    """
    ran("double", number=number)
    return number * 2


async def wait(name: str, turns: int) -> str:
    """Wait a little.

    Args:
        name: What is said at the end.
        turns: How many turns of the loop it takes.
    """
    ran("wait", name=name, turns=turns)
    await asyncio.sleep(turns * 0.01)
    return f"{name} is done"


async def count(to: int) -> AsyncGenerator[Any, None]:
    """Count, and tell each number."""
    ran("count", to=to)
    for number in range(to):
        yield {"at": number}
    yield f"counted to {to}"


async def fail(kind: str) -> str:
    """Fail in some way."""
    ran("fail", kind=kind)
    raise {"runtime": RuntimeError, "value": ValueError, "key": KeyError, "empty": OSError}[kind](
        *([] if kind == "empty" else ["kaboom"])
    )


def give(kind: str) -> Any:
    """Give a value of some kind."""
    ran("give", kind=kind)
    return VALUES[kind]


@declared(context=True)
async def look(word: str, tool_context: Any) -> str:
    """Look at the call itself."""
    ran("look", word=word)
    state = tool_context.invocation_state
    tool_context.invocation_state["request_state"]["looked"] = word
    return f"{tool_context.tool_use} by {tool_context.agent.name} for {state.get('user_id')}"


@declared(context=True)
async def ask(what: str, tool_context: Any) -> str:
    """Ask the user."""
    ran("ask", what=what)
    return f"they said {tool_context.interrupt(what, reason={'why': what})}"


@declared(name="odd-name_2", description="A tool of another name.")
def renamed(a: int = 1, b: str | None = None, *, c: list[int] | None = None) -> str:
    """Not this one."""
    ran("renamed", a=a, b=b, c=c)
    return f"{a} {b} {c}"


def tally(agent: Any) -> str:
    """Count the calls in the agent's state."""
    ran("tally", seen=agent.state.get("n"))
    agent.state.set("n", agent.state.get("n") + 1)
    return "counted"


def many(first: int, *rest: int, **named: str) -> str:
    """Take all there is."""
    ran("many", first=first, rest=rest, named=named)
    return "taken"


@declared(inputSchema={"type": "object", "properties": {"r": {"type": "object", "properties": {"z": {}}}}})
def described(r: Any = None) -> str:
    """A tool with a schema of its own."""
    ran("described", r=r)
    return "so it is"


class Point(BaseModel):
    """A point."""

    x: int
    y: float = 0.5


def place(point: Point, mode: Literal["fast", "slow"] = "fast", tags: dict[str, int] = {}) -> Point:  # noqa: B006
    """Place a point.

    It is put somewhere.

    Args:
        point: Where.
        mode: How,
            in more than one line.

    Returns:
        The point.
    """
    ran("place", point=point, mode=mode, tags=tags)
    return Point(x=1)


async def bare(a, b=2):  # type: ignore[no-untyped-def]
    ran("bare", a=a, b=b)
    return [a, b]


async def streams_and_fails(after: int) -> AsyncGenerator[Any, None]:
    """Yield, then fail."""
    ran("streams_and_fails", after=after)
    for number in range(after):
        yield number
    raise RuntimeError("no more")


async def streams_nothing() -> AsyncGenerator[Any, None]:
    """Yield nothing."""
    ran("streams_nothing")
    for never in ():
        yield never


VALUES: dict[str, Any] = {
    "dict": {"a": 1, "b": [True, None]},
    "list": [1, "two", 3.5],
    "none": None,
    "empty": "",
    "bool": True,
    "float": 0.1,
    "bytes": b"raw",
    "set": {1},
    "unicode": "Grüße 東京",
    "unicode list": ["Grüße"],
    "model": Point(x=2),
    "huge": "x" * 200_000,
    "tuple": (1, 2),
    "object": object,
    "nan": float("nan"),
    "status": {"status": "error", "content": [{"text": "it did not work"}]},
    "status with id": {"status": "success", "content": [{"text": "fine"}], "toolUseId": "other"},
    "json": {"status": "success", "content": [{"json": {"a": [1]}}, {"text": "and text"}]},
    "image": {"status": "success", "content": [{"image": {"format": "png", "source": {"bytes": b"png"}}}]},
    "no content": {"status": "success", "content": []},
    "status alone": {"status": "fine"},
}
