"""The programs of the Strands docs run here with only their import lines changed."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.agent_runtime.seeds import BASIC, SERVER, TRACKER

REPO = Path(__file__).parents[2]
MODEL = """
from agent_runtime import ScriptedModel
from agent_runtime.models.scripted import call, fail, text
sums = ScriptedModel([[text("I add. "), call("calculator", {"expression": "2+2"})], "It is 4."])
france = ScriptedModel([[text("Paris. "), call("calculator", {"expression": "42+7"})], "And 49."])
broken = ScriptedModel([[text("One "), fail(RuntimeError("the line went dead"))]])
def fresh():
    return ScriptedModel(["Hello from the agent"])
def failing():
    return ScriptedModel([["Well, ", fail(RuntimeError("no more"))]])
"""


@pytest.fixture
def models(tmp_path: Path) -> str:
    (tmp_path / "models.py").write_text(MODEL)
    return str(tmp_path / "models.py")


def run(program: str, model: str) -> subprocess.CompletedProcess[str]:
    environment = {"AGENT_MODEL": model, "PYTHONPATH": str(REPO), "PATH": "", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=200, check=False)


def test_basic_usage(models: str) -> None:
    done = run(BASIC, f"{models}:sums")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    events: list[dict[str, Any]] = [ast.literal_eval(line) for line in lines[:-1]]
    assert events[:3] == [{"init_event_loop": True}, {"start": True}, {"start_event_loop": True}]
    assert "".join(event.get("data", "") for event in events) == "I add. It is 4."
    results = [event["message"]["content"][0] for event in events if event.get("message", {}).get("role") == "user"]
    assert results[0]["toolResult"]["content"] == [{"text": "4"}]
    assert sum("complete" in event for event in events) == 2
    assert lines[-1].startswith("{'result': AgentResult(stop_reason='end_turn'")


def test_the_tracker_of_the_loop(models: str) -> None:
    done = run(TRACKER, f"{models}:france")
    assert (done.returncode, done.stderr) == (0, "")
    cycle = ["Event loop cycle starting", "Text: Paris. "] + ["Using tool: calculator"] * 3
    cycle += ["New message created: assistant", "New message created: user", "Cycle completed"]
    last = ["Event loop cycle starting", "Text: And ", "Text: 49.", "New message created: assistant", "Cycle completed"]
    assert done.stdout.splitlines() == ["Event loop initialized", *cycle, *last]


def test_the_tracker_sees_a_forced_stop(models: str) -> None:
    done = run(TRACKER, f"{models}:broken")
    assert done.returncode == 1
    assert "Event loop force-stopped: the line went dead" in done.stdout.splitlines()
    assert "Cycle completed" not in done.stdout
    assert done.stderr.rstrip().endswith("RuntimeError: the line went dead")


@pytest.mark.parametrize(("maker", "body"), [("fresh", "Hello from the agent"), ("failing", "Well, Error: no more")])
def test_the_fastapi_endpoint(models: str, monkeypatch: pytest.MonkeyPatch, maker: str, body: str) -> None:
    testclient = pytest.importorskip("fastapi.testclient")
    monkeypatch.setenv("AGENT_MODEL", f"{models}:{maker}")
    program: dict[str, Any] = {"__name__": "program"}
    exec(compile(SERVER, "server.py", "exec"), program)
    with testclient.TestClient(program["app"]) as client:
        answers = [client.post("/stream", json={"prompt": "Hi"}) for _ in range(2)]
        assert client.post("/stream", json={}).status_code == 422
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, body)] * 2
    assert answers[0].headers["content-type"].startswith("text/plain")


SEEDS = REPO.parent / "shared" / "seeds"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the pages that the programs come from are not beside the repository")
async def test_the_pages_own_programs(
    models: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = next(SEEDS.glob("001*")).read_text()
    programs = [textwrap.dedent(block) for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL)]
    for program, model in zip(programs, ("sums", "fresh", "france"), strict=True):
        monkeypatch.setenv("AGENT_MODEL", f"{models}:{model}")
        code = program.replace("from strands import", "from agent_runtime import")
        code = code.replace("from strands_tools import", "from agent_runtime.tools import")
        compiled = compile(code, model, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        outcome: Any = await asyncio.to_thread(eval, compiled, {})
        if inspect.isawaitable(outcome):
            await outcome
    printed = capsys.readouterr().out
    assert "{'init_event_loop': True}" in printed and "{'result': AgentResult(stop_reason='end_turn'" in printed
    assert "Event loop cycle starting" in printed and printed.count("Cycle completed") == 2


def test_without_a_model_one_error_names_the_variable() -> None:
    done = run(BASIC, "")
    assert done.returncode == 1
    assert "AGENT_MODEL" in done.stderr.splitlines()[-1]
