"""What Strands has and this runtime has not is refused in one line that says so."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from typing import Any

import pytest

from agent_runtime import Agent, ScriptedModel, elsewhere
from tests.runtimes import make_model, needs_strands

PROVIDERS = "LiteLLMModel reaches them all"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("from agent_runtime.models import BedrockModel", PROVIDERS),
        ("from agent_runtime.models.openai import OpenAIModel", PROVIDERS),
        ("from agent_runtime.multiagent.graph import GraphBuilder", "pass agents as tools"),
        ("from agent_runtime.hooks import BeforeNodeCallEvent", "pass agents as tools"),
        ("from agent_runtime.tools.mcp import MCPClient", "MCP clients are not here"),
        ("from agent_runtime.tools import calculator, shell", "write the rest as a @tool function"),
        ("from agent_runtime.tools.browser import LocalChromiumBrowser", "write the rest as a @tool function"),
        ("from agent_runtime.session.file_session_manager import FileSessionManager", "session managers are not here"),
        ("from agent_runtime.experimental.hooks import BeforeToolInvocationEvent", "in agent_runtime.hooks"),
        ("from agent_runtime import Snapshot", "snapshots and checkpoints"),
        ("from agent_runtime.middleware import ExecuteToolStage", "use hooks"),
        ("from agent_runtime.interventions import InterventionHandler", "use hooks"),
        ("from agent_runtime.models.routing import ModelRouter", "a hook may set agent.model"),
        ("from agent_runtime.bidi import BidiAgent", "two-way streams"),
        ("from agent_runtime.models import CacheConfig", "a cachePoint in the prompt"),
        ("from agent_runtime.vended_tools import shell", "write the rest as a @tool function"),
        ("from agent_runtime.types.tools import ToolConfig", "a dict will do"),
        ("from agent_runtime.types.citations import Citation", "a dict will do"),
        ("from agent_runtime.types.exceptions import SessionException", "nothing here raises it"),
        (
            "from agent_runtime.agent.conversation_manager.null_conversation_manager import NullConversationManager",
            "are in agent_runtime.agent.conversation_manager",
        ),
    ],
)
def test_an_import_is_refused_with_its_reason(line: str, told: str) -> None:
    with pytest.raises(ImportError, match=told) as caught:
        exec(line)
    assert str(caught.value).endswith("(docs/strands.md)")


def test_a_program_fails_with_that_line_last() -> None:
    program = "from agent_runtime.telemetry import StrandsTelemetry"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].startswith(
        "ModuleNotFoundError: there is no agent_runtime.telemetry: telemetry classes are not here; record with"
    )


def test_what_nobody_has_is_an_ordinary_error() -> None:
    rooms = ("models", "hooks", "tools", "types.content", "types.media", "types.streaming", "types.exceptions")
    for module in ("agent_runtime", *(f"agent_runtime.{room}" for room in rooms)):
        assert not hasattr(importlib.import_module(module), "nothing")
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'agent_runtime\.nothing'"):
        importlib.import_module("agent_runtime.nothing")


@pytest.mark.parametrize(
    ("keyword", "value", "told"),
    [
        ("session_manager", object(), "which Strands' Agent does: session managers"),
        ("plugins", [1], "use hooks"),
        ("tols", [], "'tols', which Strands' Agent has not either"),
    ],
)
def test_a_keyword_is_refused_with_its_reason(keyword: str, value: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        Agent(ScriptedModel([]), **{keyword: value})


def test_an_attribute_is_refused_with_its_reason() -> None:
    agent: Any = Agent(ScriptedModel([]))
    with pytest.raises(AttributeError, match=r"an Agent has no 'add_middleware': middleware is not here; use hooks"):
        agent.add_middleware(None, None)
    with pytest.raises(AttributeError, match=r"an Agent has no 'nothing'$"):
        agent.nothing
    assert not hasattr(agent, "take_snapshot")


@needs_strands
def test_each_attribute_of_strands_is_there_or_refused_by_name() -> None:
    from strands import Agent as Stock

    theirs = {name for name in dir(Stock(make_model("stock", []))) if not name.startswith("_")}
    named = {*elsewhere.ATTRIBUTES, *elsewhere.KEYWORDS, "ToolCaller", "tool_caller"}
    assert theirs - set(dir(Agent(ScriptedModel([])))) <= named


@needs_strands
def test_the_arguments_have_strands_order() -> None:
    from strands import Agent as Stock

    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD,)
    theirs, ours = (
        [name for name, p in inspect.signature(agent).parameters.items() if p.kind in kinds] for agent in (Stock, Agent)
    )
    assert theirs == ours


def test_what_says_nothing_is_taken() -> None:
    nothing: Any = dict.fromkeys(elsewhere.KEYWORDS)
    Agent(ScriptedModel([]), **nothing)


def test_a_token_is_refused() -> None:
    with pytest.raises(TypeError, match="idempotency_token"):
        Agent(ScriptedModel(["Hi."]))("Go", idempotency_token="t")


@needs_strands
def test_each_keyword_of_strands_is_taken_or_refused_by_name() -> None:
    from strands import Agent as Stock

    theirs = set(inspect.signature(Stock).parameters)
    ours = set(inspect.signature(Agent).parameters) - {"elsewhere"}
    assert theirs - ours == set(elsewhere.KEYWORDS)
    assert ours <= theirs
