"""A user's file of agents for the tests of `tracer run`; each is scripted and needs no network."""

from __future__ import annotations

import ctypes
import logging
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from agent_runtime import Agent, ScriptedModel, tool
from agent_runtime.models.scripted import call, fail, pause, text, think

number = 3
PRIVATE = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", "zEfYyjiWA4R4/M2bS1GB4t7NXp98C3SZBw=="]
model = ScriptedModel(["with a model of its own"])


@tool
def add(a: int, b: int) -> int:
    """Add two numbers.

    Args:
        a: one
        b: the other
    """
    print("adding", a, "and", b)
    logging.getLogger("app").warning("careful with %s", a, extra={"who": "me"})
    return a + b


@tool
def shell() -> str:
    """Print from another process, and go on when both lines are in the session's file."""
    subprocess.run(["sh", "-c", "echo from a child; echo to stderr >&2"], check=True)
    (session,) = Path(os.environ["TRACER_HOME"], "sessions").iterdir()
    until = time.monotonic() + 100
    while not all(line in session.read_text() for line in ("from a child", "to stderr")):
        assert time.monotonic() < until, "the lines are not recorded"
        time.sleep(0.01)
    return ""


@tool
def kill() -> str:
    """Die at once."""
    os.kill(os.getpid(), 9)
    return ""


@tool
def crash() -> str:
    """Crash the interpreter."""
    ctypes.string_at(0)
    return ""


@tool
def leave() -> str:
    """Leave without a word."""
    os._exit(7)


@tool
def block() -> str:
    """Take very long."""
    time.sleep(600)
    return ""


@tool
def ask() -> str:
    """Ask the user."""
    return input("your name? ")


@tool
def flood() -> str:
    """Say a lot."""
    return "x" * 200_000


@tool
def drum() -> str:
    """Print a lot in native code that keeps the interpreter's lock."""
    said = b"".join(b"%d %s\n" % (n, b"x" * 90) for n in range(3000))
    for descriptor in (1, 2):
        ctypes.PyDLL(None).write(descriptor, said, len(said))
    return "drummed"


@tool
def show_key() -> str:
    """Print a private key, in Python and by another program."""
    lines = ["-----BEGIN PRIVATE KEY-----", *PRIVATE, "-----END PRIVATE KEY-----"]
    print(*lines, sep="\n")
    for line in lines:
        print(line[:20], end="", flush=True)
        print(line[20:])
    subprocess.run(["printf", "%s\n", *lines, "and no more"], check=True)
    return "shown"


def _agent(*turns: Any, tools: Any = (), **more: Any) -> Agent:
    return Agent(model=ScriptedModel(turns), tools=tools, callback_handler=None, **more)


adder = _agent([think("Let me see."), text("I add. "), call("add", {"a": 1, "b": 2})], "It is 3.", tools=[add])
failing = _agent([text("partly "), fail(RuntimeError("connection reset\nby peer"))])
shelling = _agent([call("shell")], "done", tools=[shell])
showing = _agent([call("show_key")], "done", tools=[show_key])
killed = _agent([call("kill")], tools=[kill])
crashed = _agent([call("crash")], tools=[crash])
left = _agent([call("leave")], tools=[leave])
blocked = _agent([call("block")], tools=[block])
asking = _agent([call("ask")], "thanks", tools=[ask])
drumming = _agent([call("drum")], "done", tools=[drum])
flooding = _agent([call("flood")], "done", tools=[flood])
patient = _agent([text("one "), pause(60), text("two")])
printing = Agent(model=ScriptedModel(["said once"]))


def make() -> Agent:
    """An agent, made on demand."""
    return _agent("made to order", name="orderly")


def broken() -> Agent:
    """A factory that fails."""
    raise RuntimeError("no way")


async def later() -> Agent:
    """A factory that cannot be called from here."""
    return make()
