"""Agents that are recorded, and what of their recordings tests ask for. No test is here."""

import copy
from pathlib import Path
from typing import Any

import pytest

from agent_runtime.models.scripted import call, text, think, usage
from tracer import records as r
from tracer.recording.run import MERGED
from tracer.session import Session


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    return tmp_path


def add(a: int, b: int) -> str:
    """Add two numbers.

    Args:
        a: one
        b: the other
    """
    return str(a + b)


def boom() -> str:
    """Fail."""
    raise RuntimeError("kaboom")


TWO_TOOLS = [
    [text("Let me see. "), call("add", {"a": 1, "b": 2}), call("add", {"a": 3, "b": 4}), usage(20, 9)],
    [think("hm "), text("It is 3 and 7."), usage(30, 6)],
]


def plain(event: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy({k: v for k, v in event.items() if k not in MERGED})


async def run(agent: Any, prompt: Any = "add them") -> list[dict[str, Any]]:
    return [plain(event) async for event in agent.stream_async(prompt)]


def of_kind(session: Session, *kinds: type[r.Record]) -> list[Any]:
    return [record for record in session.records() if isinstance(record, kinds)]
