"""A user's file for the tests of `tracer serve`: agents, functions that make them, an app. All scripted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from agent_runtime import Agent, ScriptedModel, tool
from agent_runtime.models.scripted import call, pause, text

number = 3


@tool
async def wait() -> str:
    """Wait for longer than any test."""
    await asyncio.sleep(600)
    return "waited"


def _agent(*turns: Any, tools: Any = ()) -> Agent:
    return Agent(model=ScriptedModel(turns), tools=tools, name="server", callback_handler=None)


def make() -> Agent:
    """One agent a request."""
    return Agent(model=ScriptedModel([[text("Let me see. "), call("none")], "It is 49."]))  # its handler prints


def slow() -> Agent:
    """It does not come to its end."""
    return _agent([text("slowly "), pause(600)])


def stopped() -> Agent:
    """Its tool is one to stop at."""
    return _agent([call("wait")], "It was refused.", tools=[wait])


def broken() -> Agent:
    """A function that fails."""
    raise RuntimeError("no \x1b[31mway")


def needy(a: Any, b: Any) -> Agent:
    """A function that nobody can call."""
    return make()


shared = _agent([text("one "), pause(600)], "two")
once = _agent("only once")
app = FastAPI()


@app.post("/ask")
async def ask() -> StreamingResponse:
    """An app of the user's own."""

    async def answer() -> AsyncIterator[str]:
        async for event in _agent("my own app").stream_async("hello"):
            yield event.get("data", "")

    return StreamingResponse(answer(), media_type="text/plain")


failing = FastAPI()


@failing.on_event("startup")
async def fail() -> None:
    """An app that does not start."""
    raise RuntimeError("no database")
