"""Every recorded answer down the whole road: run, recorded, reopened, replayed and exported, with counts that match."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import tracer
from agent_runtime import Agent
from tests.corpus.raw import index, read
from tests.corpus.test_streams import SECONDS, model_for, stubs
from tests.otel.receiver import receiving
from tracer import records as r
from tracer.otel.export import export_session
from tracer.session import Session

ENTRIES = index()
pytestmark = pytest.mark.slow
KINDS = {"invoke_agent": "invocation", "execute_event_loop_cycle": "cycle", "chat": "model", "execute_tool": "tool"}


async def record(entry: dict[str, Any], base: str) -> tuple[list[dict[str, Any]], Session]:
    """Drive one turn of the recorded answer and close the recording."""
    agent = Agent(
        model=model_for(entry["api"], base, "rec-" + entry["id"]), tools=stubs(entry["request"]), callback_handler=None
    )
    recording = tracer.attach(agent)
    seen = []
    async with asyncio.timeout(SECONDS):
        with contextlib.suppress(Exception):
            async for event in agent.stream_async("Hello", limits={"turns": 1}):
                seen.append(event)
    recording.close()
    return seen, tracer.open(recording.path)


async def replayed(session: Session) -> list[dict[str, Any]]:
    again = []
    with contextlib.suppress(tracer.ReplayedError):
        async for event in tracer.replay(session, speed=0):
            again.append(event)
    return again


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["id"] for entry in ENTRIES])
async def test_a_stream_down_the_road(
    entry: dict[str, Any], base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    seen, session = await record(entry, base)
    found = list(session.records())
    assert session.state == "ended" and not [x for x in found if isinstance(x, (r.Gap, r.Unknown))]
    ends = [x for x in found if isinstance(x, r.InvocationEnd)]
    assert len(ends) == 1 and ends[0].ending in ("end_turn", "error", "max_tokens", "limit")
    if ends[0].ending == "error":
        assert next(x.reason for x in found if isinstance(x, r.ForceStop))
        failed = [x for x in found if isinstance(x, r.ModelEnd)][-1]
        assert failed.error and (failed.partial or not read(entry).joined("text"))
    assert "".join(x.text or "" for x in found if isinstance(x, r.Delta)) == "".join(e.get("data", "") for e in seen)
    again = await replayed(session)
    assert [e for e in again if "result" not in e] == [e for e in seen if "result" not in e]
    assert len(again) == len(seen)
    with receiving() as receiver:
        report = export_session(session, receiver.url)
        got = Counter(KINDS[span.name.split()[0]] for span in receiver.spans())
    assert report.error == "" and got == Counter(span.kind for span in session.spans())
