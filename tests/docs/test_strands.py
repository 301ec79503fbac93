"""What docs/strands.md says of the two streams, seen on both, on one script."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import pytest

from agent_runtime import elsewhere, hooks
from agent_runtime.models.scripted import call, pause, stop, text
from agent_runtime.testing import collect
from tests.docs.blocks import REPO, Block, blocks
from tests.runtimes import RUNTIMES, make_agent

PAGE = (REPO / "docs" / "strands.md").read_text()
Events = list[dict[str, Any]]


def echo(word: str) -> str:
    """Say it again."""
    return word


def an_agent(runtime: str, *turns: Any) -> Any:
    return make_agent(runtime, list(turns), [echo])


def keys(events: Events) -> list[str]:
    """The lifecycle keys, in order."""
    told = ("start", "start_event_loop", "complete", "force_stop", "result")
    return [key for event in events for key in told if key in event]


ASKS = [call("echo", {"word": "a long enough word to be cut"})]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_cycles_begin_and_end(runtime: str) -> None:
    said = keys(await collect(an_agent(runtime, ASKS, "Done.")))
    if runtime == "own":
        assert said == ["start", "start_event_loop", "complete"] * 2 + ["result"]
    else:
        assert said == ["start", "start_event_loop", "start", "start", "start_event_loop", "result"]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_limit(runtime: str) -> None:
    said = keys(await collect(an_agent(runtime, ASKS, "Done."), limits={"turns": 1}))
    assert said[-2:] == (["force_stop", "result"] if runtime == "own" else ["start", "result"])


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_cancel(runtime: str) -> None:
    agent = an_agent(runtime, [text("one two three "), pause(0.01), text("four")])
    events: Events = []
    async for event in agent.stream_async("go"):
        events.append(event)
        if event.get("data") == "one ":
            agent.cancel()
    assert keys(events)[2:] == (["force_stop", "result"] if runtime == "own" else ["result"])
    assert events[-1]["result"].stop_reason == "cancelled"


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_max_tokens(runtime: str) -> None:
    events: Events = []
    with pytest.raises(Exception, match=r"(?i)max.?tokens"):
        async for event in an_agent(runtime, ["cut o", stop("max_tokens")]).stream_async("go"):
            events.append(event)
    assert ("force_stop" in keys(events)) == (runtime == "own")


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_the_tool_that_is_being_called(runtime: str) -> None:
    events = await collect(an_agent(runtime, ASKS, "Done."))
    uses = [event["current_tool_use"] for event in events if "current_tool_use" in event]
    assert len(uses) > 2
    if runtime == "own":
        assert len({id(use) for use in uses}) == len(uses)
        lengths = [len(use["input"]) for use in uses]
        assert lengths == sorted(lengths) and len(set(lengths)) > 2
    else:
        assert len({id(use) for use in uses}) == 1 and isinstance(uses[0]["input"], dict)


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_text_event(runtime: str) -> None:
    events = await collect(an_agent(runtime, "Done."), invocation_state={"request": object()})
    (event,) = [event for event in events if "data" in event]
    if runtime == "own":
        assert json.loads(json.dumps(event)) == {"data": "Done.", "delta": {"text": "Done."}}
    else:
        assert "agent" in event and "request" in event


def test_the_hooks_that_it_names_exist() -> None:
    named = set(re.findall(r"`([A-Z]\w+Event)`", PAGE))
    assert len(named) > 9
    assert [name for name in named if not hasattr(hooks, name)] == []


def test_hooks_that_it_calls_ours_alone_are() -> None:
    stock = pytest.importorskip("strands.hooks", reason="strands-agents is not installed (extra `strands`)")
    ours = ("BeforeCycleEvent", "AfterCycleEvent", "ForceStopEvent", "EditedEvent")
    assert [name for name in ours if hasattr(stock, name) or name not in PAGE] == []


@pytest.mark.parametrize("block", [b for b in blocks("docs/strands.md", "python") if "  # " in b.code], ids=str)
def test_a_block_prints_what_its_comment_says(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    exec(block.code, {})
    assert block.code.rpartition("  # ")[2] in capsys.readouterr().out


def test_the_modules_have_what_the_page_says() -> None:
    section = PAGE.split("## What a program can use")[1].split("| not here |")[0]
    rows = re.findall(r"^\| `(agent_runtime[.\w]*)` \| (.*) \|$", section, re.MULTILINE)
    assert len(rows) == 10
    for module, told in rows:
        found = importlib.import_module(module)
        for name in re.findall(r"`([\w.]+)`", told):
            if "." in name:
                found = importlib.import_module(f"agent_runtime.{name}")
            else:
                assert hasattr(found, name), f"{found.__name__}.{name}"


def test_what_is_not_here_is_on_the_page() -> None:
    section = PAGE.split("| not here | instead |")[1].split("What runs and does")[0]
    listed = set(re.findall(r"`([\w.]+)`", section))
    packages = {name for name in elsewhere.NOT_HERE if name.islower() and not name.startswith("models.")}
    assert packages - {"interrupt", "vended_plugins"} <= listed
    assert set(elsewhere.KEYWORDS) - {"session_manager", "checkpointing", "plugins"} <= listed
