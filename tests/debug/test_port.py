"""The debugger on a TCP port: only for who knows the token, and only in its own protocol."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.debug import oracle
from tests.debug.recorded.walker import build
from tests.debug.support import LIMIT, ONE, Bench, bench
from tracer.cli import dap
from tracer.debug import DebugError, port
from tracer.debug.recorded.tape import Tape
from tracer.debug.wire import Decoder, encode

TOKEN = "the-token"


@asynccontextmanager
async def _listening(made: Bench) -> AsyncIterator[int]:
    taken: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(port.listen(made.debugger.path, 0, TOKEN, taken.set_result))
    try:
        yield await taken
    finally:
        task.cancel()
        await asyncio.wait([task])


def _initialize(**arguments: Any) -> bytes:
    said = {"adapterID": "x", **arguments}
    return encode({"seq": 1, "type": "request", "command": "initialize", "arguments": said})


async def _answer(number: int, data: bytes) -> bytes:
    """What is answered until the connection is closed; to who knows the token, the beginning of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", number)
    writer.write(data)
    said = b""
    try:
        async with asyncio.timeout(LIMIT):
            while not (said and TOKEN.encode() in data) and (chunk := await reader.read(1 << 16)):
                said += chunk
    except ConnectionResetError:
        pass
    finally:
        writer.close()
    return said


@pytest.mark.parametrize("how", [{"token": TOKEN}, {"adapterID": TOKEN}])
async def test_who_knows_the_token_debugs(how: dict[str, str]) -> None:
    async with bench(ONE, "before_tool") as made, _listening(made) as number:
        reader, writer = await asyncio.open_connection("127.0.0.1", number)
        writer.write(_initialize(**how))
        for seq, command in enumerate(("attach", "configurationDone"), 2):
            writer.write(encode({"seq": seq, "type": "request", "command": command, "arguments": {}}))
        run, decoder, seen = made.run(), Decoder(), []
        async with asyncio.timeout(LIMIT):
            while not any(message.get("event") == "stopped" for message in seen):
                seen += decoder.feed(await reader.read(1 << 16))
        for message in seen:
            oracle.check(message)
        thread = next(message["body"]["threadId"] for message in seen if message.get("event") == "stopped")
        writer.write(encode({"seq": 9, "type": "request", "command": "continue", "arguments": {"threadId": thread}}))
        await made.end(run)
        assert made.results() == ["42"]
        writer.close()


REFUSED = {
    "no token": _initialize(),
    "a wrong token": _initialize(token=TOKEN[:-1]),
    "a token that is no text": _initialize(token={"a": 1}),
    "another request first": encode({"seq": 1, "type": "request", "command": "attach", "arguments": {"token": "x"}}),
    "no arguments": encode({"seq": 1, "type": "request", "command": "initialize"}),
    "HTTP": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n",
    "HTTP with a message in its body": b"POST / HTTP/1.1\r\n\r\n" + _initialize(token="x"),
    "a message that never ends": b"Content-Length: 900000\r\n\r\n" + b" " * 20_000,
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=list(REFUSED))
async def test_anybody_else_is_closed_without_an_answer(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port, "HURRY", 3 * LIMIT)  # it is not the time that closes it
    async with bench() as made, _listening(made) as number:
        assert await _answer(number, data) == b""
        assert await _answer(number, _initialize(token=TOKEN)) != b""  # the port goes on


async def test_no_other_address_of_this_machine_is_listened_on() -> None:
    async with bench() as made, _listening(made) as number:
        with pytest.raises(OSError):  # all of 127/8 is the loopback on Linux: what listens everywhere would answer
            await asyncio.open_connection("127.0.0.2", number)


async def test_who_says_nothing_is_not_waited_for_and_no_more_than_a_few_are_let_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(port, "CLIENTS", 1)
    async with bench() as made, _listening(made) as number:
        _, writer = await asyncio.open_connection("127.0.0.1", number)
        assert await _answer(number, _initialize(token=TOKEN)) == b""
        writer.close()
        monkeypatch.setattr(port, "CLIENTS", 16)
        monkeypatch.setattr(port, "HURRY", 0.2)
        silent, writer = await asyncio.open_connection("127.0.0.1", number)
        assert await asyncio.wait_for(silent.read(), LIMIT) == b""
        writer.close()
        assert await _answer(number, _initialize(token=TOKEN)) != b""


async def test_it_ends_with_the_session_and_a_port_that_is_taken_is_said() -> None:
    async with bench() as made, _listening(made) as number:
        with pytest.raises(DebugError, match=f"cannot listen on port {number}"):
            await port.listen(made.debugger.path, number, TOKEN, print)
        path = made.debugger.path
        ended = asyncio.create_task(port.listen(path, 0, TOKEN, lambda _: None))
        await asyncio.sleep(0.05)
        await asyncio.to_thread(made.debugger.close)
        await asyncio.wait_for(ended, LIMIT)
        with pytest.raises(DebugError, match="nobody answers"):
            await port.listen(path, 0, TOKEN, lambda _: None)
        assert not os.path.exists(path)


async def test_the_end_of_it_waits_for_nobody_who_is_connected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def waits(server: asyncio.Server) -> None:  # as from Python 3.12 on, for as long as there is a connection
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.Server, "wait_closed", waits)
    with contextlib.closing(build(tmp_path / "s.jsonl", ["tool"])) as session:
        said: asyncio.Queue[str] = asyncio.Queue()
        monkeypatch.setattr("click.echo", lambda text, err: said.put_nowait(text))
        serving = asyncio.create_task(dap._serve(Tape(session), 0, tmp_path / "in" / "d.sock", 0))
        words = (await said.get()).replace(",", "").split()
        reader, writer = await asyncio.open_connection(*words[2].split(":"))
        writer.write(_initialize(token=words[4]))
        assert await reader.read(1)
        serving.cancel()
        _, waiting = await asyncio.wait([serving], timeout=LIMIT)
        writer.close()
        assert not waiting and serving.cancelled()
