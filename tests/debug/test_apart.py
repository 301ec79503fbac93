"""The agent and its clients are apart: neither can slow, block or break the other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from typing import Any

import pytest

from agent_runtime import tool
from agent_runtime.models.scripted import call, text
from agent_runtime.testing import scripted_agent
from tests.debug.support import LIMIT, ONE, bench
from tracer import records as r
from tracer.debug import outbox, server, showing
from tracer.debug.board import Board
from tracer.debug.outbox import Outbox
from tracer.debug.wire import Decoder, encode


def _request(seq: int, command: str, **arguments: Any) -> bytes:
    return encode({"seq": seq, "type": "request", "command": command, "arguments": arguments})


async def test_the_server_answers_while_the_agents_loop_is_blocked() -> None:
    held, go_on = threading.Event(), threading.Event()

    @tool
    async def block() -> str:
        """Hold up the loop."""
        held.set()
        go_on.wait(LIMIT)
        return "ok"

    agent = scripted_agent([call("block", {})], "done", tools=[block])
    async with bench(agent=agent) as made, made.client() as client:
        answer = asyncio.create_task(asyncio.to_thread(agent, "go"))
        assert await asyncio.to_thread(held.wait, LIMIT)
        assert len((await client.request("threads"))["threads"]) == 1
        await client.request("pause", {"threadId": 1})  # answered at once, stops later
        go_on.set()
        stop = await client.stopped()
        assert stop["point"] == "after_tool"
        await client.go(stop)
        async with asyncio.timeout(LIMIT):
            await answer


async def test_a_client_that_does_not_read_does_not_hold_up_the_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BACKLOG_BYTES", 10_000)
    words = ("w" * 99 + " ") * 100  # few pieces, but more than the sockets hold
    turns = [[text(words), call("calculator", {"expression": "1+1"})] for _ in range(30)]
    async with bench([*turns, "done"], 'message log "{text}"') as made, made.client() as reads:
        _, writer = await asyncio.open_unix_connection(str(made.debugger.path))
        asked = ("initialize", {"adapterID": "x"}), ("attach", {}), ("configurationDone", {})
        writer.write(b"".join(_request(seq, name, **more) for seq, (name, more) in enumerate(asked, 1)))
        await made.end(made.run())
        assert len(made.records(r.Log)) > 60
        await reads.request("threads")  # the others are served as ever
        writer.close()


async def test_a_farewell_that_is_cut_short_is_no_error_of_asyncios(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "_FAREWELL", LIMIT)
    async with bench([("x" * 2000 + " ") * 1000]) as made:
        _, writer = await asyncio.open_unix_connection(str(made.debugger.path), limit=1)
        asked = ("initialize", {"adapterID": "x"}), ("attach", {}), ("configurationDone", {})
        writer.write(b"".join(_request(seq, name, **more) for seq, (name, more) in enumerate(asked, 1)))
        async with asyncio.timeout(LIMIT):
            while not made.debugger.board.viewers:
                await asyncio.sleep(0.01)
            await made.end(made.run())
            serving = made.debugger._server
            (connection,) = serving._connections
            while not connection.done():  # first told that it is over, then that no time is left for what it has to say
                serving._loop.call_soon_threadsafe(connection.cancel)
                await asyncio.sleep(0.1)
        writer.close()
    assert [log.getMessage() for log in caplog.records if log.name == "asyncio"] == []


def test_the_outbox_leaves_out_output_first_and_then_gives_up_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BACKLOG_BYTES", 2000)
    box = Outbox()
    for _ in range(50):
        box.put({"type": "event", "event": "output", "body": {"output": "x" * 100}})
    assert box.dropped and not box.full
    for _ in range(5):
        box.put({"type": "event", "event": "stopped", "body": {"reason": "pause"}})
    assert not box.full
    for _ in range(50):
        box.put({"type": "event", "event": "stopped", "body": {"reason": "pause"}})
    assert box.full


async def test_disarmed_an_event_costs_one_look_and_a_delta_none(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[bool] = []

    class Counted(Board):
        @property  # type: ignore[override]
        def armed(self) -> bool:
            looks.append(True)
            return False

        @armed.setter
        def armed(self, value: bool) -> None:
            pass

    monkeypatch.setattr("tracer.debug.board.Board", Counted)
    counts = []
    for words in (5, 500):
        async with bench(["word " * words]) as made:
            looks.clear()
            await made.end(made.run())
            counts.append(len(looks))
    assert counts == [5, 5]  # two messages, the request, the answer, the end of the cycle


async def test_a_fault_of_the_debugger_refuses_the_call_and_reaches_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*args: Any) -> Any:
        raise RuntimeError("our own fault")

    async with bench(ONE, "before_tool") as made:
        monkeypatch.setattr(showing, "document", broken)
        await made.end(made.run())
        assert made.results() == ["The debugger refused this call: it failed (RuntimeError)"]
        assert any("our own fault" in log.text for log in made.records(r.Log))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
async def test_a_forked_child_does_not_stop_and_leaves_the_socket_alone() -> None:
    async with bench(ONE, "before_tool") as made, made.client() as client:
        child = os.fork()
        if child == 0:  # nothing of pytest may run in here
            calm = made.debugger.board.closed and not made.debugger.board.armed
            made.debugger.close()
            os._exit(0 if calm and made.debugger.path.exists() else 1)
        status = await asyncio.to_thread(lambda: os.waitpid(child, 0)[1])
        assert os.waitstatus_to_exitcode(status) == 0
        run = made.run()
        await client.go(await client.stopped())
        await made.end(run)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
async def test_a_forked_child_holds_no_connection_open_and_closes_no_file_of_another() -> None:
    async with bench() as made:
        reader, writer = await asyncio.open_unix_connection(str(made.debugger.path))
        writer.write(_request(1, "initialize", adapterID="x"))
        assert await reader.read(1)  # it is served
        server, (read, write) = made.debugger._server, os.pipe()
        child = os.fork()
        if child == 0:
            fresh = os.open(os.devnull, os.O_RDONLY)  # takes the number that the listener had, or a later one
            assert server._socket is not None
            server._socket.close()
            with contextlib.suppress(OSError):
                os.fstat(fresh)
                os.close(write)
                os.read(read, 1)  # until the parent has seen the end of the connection
                os._exit(0)
            os._exit(1)
        made.debugger.close()
        async with asyncio.timeout(LIMIT):
            await reader.read()  # to its end, though the child lives
        os.write(write, b"x")
        status = await asyncio.to_thread(lambda: os.waitpid(child, 0)[1])
        os.close(read)
        os.close(write)
        writer.close()
        assert os.waitstatus_to_exitcode(status) == 0


@pytest.mark.parametrize("where", ["begin", "end", "finish"])
async def test_a_fault_of_the_debugger_at_the_edges_of_a_run_reaches_nobody(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> Any:
        raise RuntimeError("our own fault")

    async with bench(ONE, "message once", on_lost="continue", stop_timeout=0.05) as made:
        monkeypatch.setattr(Board, where, broken)
        events = await made.end(made.run())
        assert "result" in events[-1] and made.results() == ["42"]
        assert any("our own fault" in log.text for log in made.records(r.Log))


async def test_a_program_that_a_tool_starts_does_not_inherit_the_socket() -> None:
    async with bench() as made:
        seen = await asyncio.to_thread(
            subprocess.run, ["ls", "-l", "/proc/self/fd"], capture_output=True, text=True, close_fds=False
        )
        listener = made.debugger._server._socket
        assert listener is not None and not os.get_inheritable(listener.fileno())
        assert "socket" not in seen.stdout or sys.platform != "linux"


async def test_raw_bytes_of_a_foreign_client_are_served() -> None:
    """What an editor sends: other headers, several requests in one packet, no clientName."""
    async with bench() as made:
        reader, writer = await asyncio.open_unix_connection(str(made.debugger.path))
        first = _request(1, "initialize", adapterID="x").replace(b"\r\n\r\n", b"\r\nContent-Type: x\r\n\r\n", 1)
        writer.write(first + _request(2, "attach") + _request(3, "configurationDone") + _request(4, "disconnect"))
        decoder, got = Decoder(), []
        async with asyncio.timeout(LIMIT):
            while data := await reader.read(1000):
                got += decoder.feed(data)
        writer.close()
        assert [m.get("command") or m.get("event") for m in got] == [
            "initialize", "initialized", "attach", "configurationDone", "disconnect",
        ]  # fmt: skip
        assert [message["seq"] for message in got] == [1, 2, 3, 4, 5]
