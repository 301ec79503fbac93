"""The examples answer, tell of a failure, and end the agent's run when their client leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from channels.testing import WebsocketCommunicator

import tracer
from examples import aiohttp_stream, channels_stream, fastapi_stream
from tests.docs.blocks import REPO
from tests.serving import post, serving, until
from tracer import records as r
from tracer.recorder import Recording, record_program

ANSWERS = ('[text("Let me see. "), call("calculator", {"expression": "42+7"})]', '"It is 49."')
SLOW = '[text("one "), pause(60)]'
FAILING = '[text("partly"), fail(RuntimeError("no credit"))]'


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    """Every agent of the test is recorded."""
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    recording = record_program("examples")
    yield recording
    recording.close()


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the agents' model; `script` writes it."""
    monkeypatch.setenv("AGENT_MODEL", f"{tmp_path / 'm.py'}:model")
    return tmp_path / "m.py"


def script(model: Path, *turns: str) -> None:
    """Each turn is a Python expression."""
    listed = ", ".join(turns)
    model.write_text(
        "from agent_runtime import ScriptedModel\n"
        "from agent_runtime.models.scripted import call, fail, pause, text\n"
        f"model = ScriptedModel([{listed}])\n"
    )


def endings(recording: Recording) -> list[str]:
    records = tracer.open(recording.id).records()
    return [record.ending for record in records if isinstance(record, r.InvocationEnd)]


async def test_fastapi(recording: Recording, model: Path) -> None:
    script(model, *ANSWERS, SLOW)
    async with serving(fastapi_stream.app) as port:
        client = await post(port)
        await client.end()
        assert client.body == "Let me see. It is 49."
        assert endings(recording) == ["end_turn"]
        client = await post(port)
        await client.until("one ")
        client.kill()
        await until(lambda: len(endings(recording)) == 2)
    assert endings(recording)[1] in ("cancelled", "abandoned")


async def test_aiohttp(recording: Recording, model: Path) -> None:
    script(model, *ANSWERS, FAILING, SLOW)
    server = TestServer(aiohttp_stream.app)
    await server.start_server()
    async with aiohttp.ClientSession(server.make_url("/")) as session:
        async with session.post("/stream", json={"prompt": "What is 42+7?"}) as answer:
            assert await answer.text() == "Let me see. It is 49."
        async with session.post("/stream", json={"prompt": "again"}) as answer:
            assert await answer.text() == "partly\nError: no credit"
        async with session.post("/stream", json={"promt": "?"}) as answer:
            assert answer.status == 400 and "prompt" in await answer.text()
        answer = await session.post("/stream", json={"prompt": "slowly"})
        assert await answer.content.readany() == b"one "
        answer.close()
        await until(lambda: len(endings(recording)) == 3)
    await server.close()
    assert endings(recording)[2] in ("cancelled", "abandoned")


async def test_channels(recording: Recording, model: Path) -> None:
    script(model, *ANSWERS, FAILING, SLOW)
    client = WebsocketCommunicator(channels_stream.application, "/stream")
    assert (await client.connect())[0]
    await client.send_json_to({"prompt": "What is 42+7?"})
    assert await heard(client) == ("Let me see. It is 49.", {"complete": True})
    await client.send_json_to({"prompt": "again"})
    assert await heard(client) == ("partly", {"error": "no credit"})
    await client.send_json_to({"promt": "?"})
    assert "prompt" in (await client.receive_json_from())["error"]
    await client.send_json_to({"prompt": "slowly"})
    assert await client.receive_json_from() == {"data": "one "}
    await client.send_json_to({"prompt": "and this?"})
    assert "still" in (await client.receive_json_from())["error"]
    await client.disconnect()
    await until(lambda: len(endings(recording)) == 3)
    assert endings(recording)[2] in ("cancelled", "abandoned")


async def heard(client: WebsocketCommunicator) -> tuple[str, dict[str, object]]:
    """The text of one answer, and what ended it."""
    text = ""
    while "data" in (said := await client.receive_json_from()):
        text += said["data"]
    return text, said


def test_each_example_is_listed() -> None:
    page = (REPO / "examples" / "README.md").read_text()
    files = sorted(path.name for path in (REPO / "examples").glob("*.py"))
    assert files and all(f"[{name}]({name})" in page for name in files)
