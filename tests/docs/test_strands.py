"""What docs/strands.md says beside the rows that tests/parity shows: names, modules, code, and dicts of their own."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest

from agent_runtime import elsewhere, hooks
from agent_runtime.models.scripted import call
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


ASKS = [call("echo", {"word": "a long enough word to be cut"})]


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
    groups = ("models.", "tools.")  # the page names them together
    packages = {name for name in elsewhere.NOT_HERE if name.islower() and not name.startswith(groups)}
    assert {"tools.mcp", "strands_tools"} <= listed
    assert packages - elsewhere.MOVED.keys() - {"vended_plugins"} <= listed
    assert set(elsewhere.KEYWORDS) - {"session_manager", "checkpointing", "plugins"} <= listed
