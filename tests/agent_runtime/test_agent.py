"""The Agent itself: how it is made, called, shared and silenced."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from agent_runtime import (
    Agent,
    CompositeCallbackHandler,
    PrintingCallbackHandler,
    ScriptedModel,
    null_callback_handler,
    tool,
)
from agent_runtime.errors import ConcurrencyException, ModelNotConfigured
from agent_runtime.hooks import AgentInitializedEvent, BeforeModelCallEvent
from agent_runtime.models.scripted import Turn, call, pause, text, think
from agent_runtime.testing import collect, scripted_agent
from agent_runtime.tools import load
from tests.agent_runtime.outline import until_raise

HEAVY = ("litellm", "pydantic", "textual", "opentelemetry", "structlog", "docstring_parser", "httpx")


def test_importing_the_runtime_loads_nothing_heavy() -> None:
    code = (
        "import sys, agent_runtime; from agent_runtime import Agent, tool, ScriptedModel\n"
        "import agent_runtime.testing\n"
        "tool(print.__class__.mro) if False else None\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_synchronous_call() -> None:
    assert str(scripted_agent("Hi.")("go")) == "Hi.\n"


async def test_a_synchronous_call_inside_a_running_loop() -> None:
    assert str(scripted_agent("Hi.")("go")) == "Hi.\n"


def test_a_synchronous_call_raises_and_can_be_cancelled() -> None:
    agent = scripted_agent([text("One "), pause(30)])
    threading.Timer(0.05, agent.cancel).start()
    assert agent("go").stop_reason == "cancelled"
    with pytest.raises(ValueError, match="nothing to answer"):
        scripted_agent("Hi.")()


async def test_every_way_of_calling_goes_through_stream_async_of_the_instance() -> None:
    agent = scripted_agent("One.", "Two.")
    inner, seen = agent.stream_async, []

    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        async for event in inner(*args, **kwargs):
            seen.append(event)
            yield event

    agent.stream_async = wrapped  # type: ignore[method-assign]
    await agent.invoke_async("go")
    agent("go")
    assert sum("result" in event for event in seen) == 2


async def test_a_second_call_is_refused_with_the_reason() -> None:
    agent = scripted_agent([text("One "), pause(30)], "Two.")
    task = asyncio.create_task(agent.invoke_async("go"))
    await asyncio.sleep(0.02)
    events, raised = await until_raise(agent.stream_async("again"))
    assert isinstance(raised, ConcurrencyException) and not events
    assert "another call" in str(raised) and "cancel" in str(raised)
    agent.cancel()
    assert (await task).stop_reason == "cancelled"
    assert str(await agent.invoke_async("again")) == "Two.\n"


async def test_of_two_calls_at_once_one_is_refused() -> None:
    agent = scripted_agent("One.", "Two.", delay=0.001)
    outcomes = await asyncio.gather(*(agent.invoke_async(str(n)) for n in range(2)), return_exceptions=True)
    assert [type(outcome).__name__ for outcome in outcomes] == ["AgentResult", "ConcurrencyException"]


async def test_a_stream_that_is_still_held_says_how_to_close_it() -> None:
    agent = scripted_agent("One two.", "Again.")
    stream = agent.stream_async("go")
    await anext(stream)
    with pytest.raises(ConcurrencyException, match="aclose"):
        await agent.invoke_async("again")
    await stream.aclose()
    assert (await agent.invoke_async("again")).stop_reason == "end_turn"


async def test_a_stream_that_was_never_read_claims_nothing() -> None:
    agent = scripted_agent("One.")
    stream = agent.stream_async("never read")
    assert str(await agent.invoke_async("go")) == "One.\n" and len(agent.messages) == 2
    await stream.aclose()


async def test_the_handler_gets_what_is_yielded_just_before() -> None:
    order: list[Any] = []
    agent = scripted_agent("Hi.", callback_handler=lambda **event: order.append(("handler", event)))
    async for event in agent.stream_async("go"):
        order.append(("reader", event))
    assert [who for who, _ in order[:4]] == ["handler", "reader"] * 2
    assert [e for who, e in order if who == "handler"] == [e for who, e in order if who == "reader"]


async def test_an_asynchronous_handler_and_several() -> None:
    seen: list[str] = []

    async def slow(**event: Any) -> None:
        await asyncio.sleep(0)
        seen.append("slow")

    both = CompositeCallbackHandler(slow, lambda **event: seen.append("fast"))
    events = await collect(scripted_agent("Hi.", callback_handler=both))
    assert seen == ["slow", "fast"] * len(events)


async def test_a_handler_that_raises_ends_the_run_without_force_stop() -> None:
    def bad(**event: Any) -> None:
        if "data" in event:
            raise RuntimeError("handler")

    agent = scripted_agent("Hi.", "Again.", callback_handler=bad)
    events, raised = await until_raise(agent.stream_async("go"))
    assert isinstance(raised, RuntimeError) and not any("force_stop" in event for event in events)
    agent.callback_handler = null_callback_handler
    assert str(await agent.invoke_async("again")) == "Again.\n"


def test_the_default_handler_prints(capsys: pytest.CaptureFixture[str]) -> None:
    @tool
    def echo(words: str) -> str:
        """Say it again."""
        return words

    turns: list[Turn] = [[think("Hm. "), text("Let me see."), call("echo", {"words": "a"})], "Done."]
    Agent(ScriptedModel(turns), tools=[echo])("go")
    assert capsys.readouterr().out == "Hm. Let me see.\nTool #1: echo\nDone."
    scripted_agent("Hi.", callback_handler=None)("go")
    scripted_agent("Hi.", callback_handler=PrintingCallbackHandler(verbose_tool_use=False))("go")
    assert capsys.readouterr().out == "Hi."


def test_without_a_model_the_variable_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AGENT_MODEL", raising=False)
    with pytest.raises(ModelNotConfigured, match="AGENT_MODEL"):
        Agent()
    file = tmp_path / "mine.py"
    file.write_text(
        "from agent_runtime import ScriptedModel\nmodel = ScriptedModel(['From a file.'])\n"
        "def make(): return ScriptedModel(['Made.'])\nbad = 3\n"
    )
    monkeypatch.setenv("AGENT_MODEL", f"{file}:model")
    assert str(Agent(callback_handler=None)("go")) == "From a file.\n"
    assert str(Agent(f"{file}:make", callback_handler=None)("go")) == "Made.\n"
    wrong = {f"{file}:nope": "nope", f"{file}:bad": "stream", f"{tmp_path}/no.py:x": "no file", str(file): "py:model"}
    for name, told in wrong.items():
        with pytest.raises(ModelNotConfigured, match=told):
            Agent(name)
    with pytest.raises(ModelNotConfigured, match="stream"):
        Agent(object())  # type: ignore[arg-type]


def test_a_models_file_that_leaves_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "leaves.py"
    file.write_text("import sys\nsys.exit(3)\n")
    with pytest.raises(ModelNotConfigured, match=r"leaves\.py:2: SystemExit: 3"):
        Agent(f"{file}:model")
    factory = tmp_path / "factory.py"
    factory.write_text("def make(): raise SystemExit(4)\n")
    with pytest.raises(ModelNotConfigured, match=r"factory\.py:make\(\) raised SystemExit: 4"):
        Agent(f"{factory}:make")


def test_a_models_file_finds_its_neighbours_and_is_loaded_once_with_its_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "its_neighbour.py").write_text("words, loads = ['From next door.'], []\n")
    file = tmp_path / "both.py"
    file.write_text(
        "import its_neighbour\nits_neighbour.loads.append(1)\n"
        "from agent_runtime import ScriptedModel, tool\n"
        "class Held:\n    model = ScriptedModel(its_neighbour.words)\n"
        "@tool\ndef count() -> int:\n    'Count.'\n    return 1\n"
    )
    agent = Agent(f"{file}:Held.model", tools=load(str(file)), callback_handler=None)
    assert str(agent("go")) == "From next door.\n"
    assert sys.modules.pop("its_neighbour").loads == [1]


def test_a_model_may_be_a_litellm_name() -> None:
    agent = Agent("openai/gpt-4o")
    assert type(agent.model).__name__ == "LiteLLMModel"
    assert agent.model.get_config()["model_id"] == "openai/gpt-4o"


def test_what_an_agent_shows() -> None:
    made: list[Any] = []

    def initialized(event: AgentInitializedEvent) -> None:
        made.append(event.agent)

    messages = [{"role": "user", "content": [{"text": "a"}]}]
    agent = scripted_agent(name="helper", agent_id="a1", state={"n": 1}, messages=messages, hooks=[initialized])
    assert (agent.name, agent.agent_id, agent.system_prompt, agent.messages) == ("helper", "a1", None, messages)
    assert made == [agent] and agent.tool_registry.registry == {}
    agent.state.set("m", [1])
    agent.state.get("m").append(2)
    assert agent.state.get() == {"n": 1, "m": [1]}
    agent.state.delete("m")
    with pytest.raises(ValueError, match="a key of the agent's state is a text, not 5"):
        agent.state.delete(5)  # type: ignore[arg-type]
    assert agent.state.get("m") is None
    with pytest.raises(ValueError, match="JSON"):
        agent.state.set("bad", object())
    with pytest.raises(ValueError, match=r"a dict or an AgentState, not \['n'\]"):
        scripted_agent(state=["n"])  # type: ignore[arg-type]

    async def late(event: AgentInitializedEvent) -> None: ...

    with pytest.raises(ValueError, match="async"):
        scripted_agent(hooks=[late])


async def test_a_system_prompt_may_change_between_calls() -> None:
    agent = scripted_agent("One.", "Two.", system_prompt="a")
    seen: list[Any] = []
    agent.add_hook(lambda event: seen.append(event.request.system_prompt), BeforeModelCallEvent)
    await agent.invoke_async("go")
    agent.system_prompt = "b"
    await agent.invoke_async("go")
    assert seen == ["a", "b"]
