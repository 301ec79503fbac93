"""Failing closed: whoever goes, however it ends, no call runs unapproved and no agent waits for good."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest

from tests.debug.support import LIMIT, ONE, TWO, bench
from tests.runtimes import RUNTIMES, needs_strands
from tracer import records as r
from tracer.debug import paths
from tracer.debug.client import Client
from tracer.debug.errors import DebugError
from tracer.debug.listener import bind
from tracer.errors import TracerError


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_without_a_viewer_a_call_is_refused_in_the_end(runtime: str) -> None:
    async with bench(ONE, "before_tool", "before_model", runtime=runtime, stop_timeout=0.05) as made:
        await made.end(made.run())
        assert made.results() == ["The debugger refused this call: nobody attached within 0.05 s"]
        ends = made.records(r.Resumed)
        assert {end.act for end in ends} == {"timeout"} and len(ends) == 3
        assert [end.who for end in ends] == ["policy: continue", "policy: refuse", "policy: continue"]
        told = [log.text for log in made.records(r.Log) if log.source == "debugger"]
        assert str(made.debugger.path) in told[0] and "the run goes on" in told[0] and "refused" in told[1]


async def test_a_viewer_that_comes_a_moment_after_the_stop_was_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracer.debug.board.GRACE", 30.0)  # as a run with a screen asks for
    async with bench(ONE, "before_tool", stop_timeout=40.0) as made:
        run = made.run()
        await asyncio.sleep(0.2)
        async with made.client() as client:
            (stop,) = (await client.request("tracer/stops", {}))["stops"]
            await client.request("continue", {"threadId": stop["threadId"]})
            await made.end(run)
        assert made.results() == ["42"]
        assert not [log.text for log in made.records(r.Log) if log.source == "debugger"]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_breakpoint_for_a_tool_that_is_not_there_is_told_once(runtime: str) -> None:
    wrong = ("nonsense", "before_tool:calc_* log x", "tool_error:x @other")
    async with bench(
        ONE * 2, *wrong, "calc*", "after_tool", "before_model:no", runtime=runtime, stop_timeout=0.01
    ) as made:
        await made.end(made.run())
        await made.end(made.run())
        names = "calculator, fail"
        told = [log.text for log in made.records(r.Log) if "no tool here" in log.text]
        assert told == [
            f"breakpoint 'nonsense': no tool here is called that yet; tools are {names}",
            f"breakpoint 'before_tool:calc_* log x': no tool here is called that yet; tools are {names}",
            "breakpoint 'tool_error:x @other': no tool here is called that yet; there are no tools",
        ]


async def test_a_breakpoint_that_is_set_later_is_looked_at_then() -> None:
    async with bench(ONE, "before_tool") as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        await client.request("tracer/break", {"add": ["nonsense", "fail"]})
        assert len([log for log in made.records(r.Log) if "'nonsense': no tool here" in log.text]) == 1
        assert not [log for log in made.records(r.Log) if "'fail'" in log.text]
        with pytest.raises(DebugError, match="breakpoint 99 is not there"):
            await client.request("tracer/break", {"add": ["tool_error"], "remove": [1, 99]})
        listed = (await client.request("tracer/breakpoints"))["breakpoints"]
        assert [one["text"] for one in listed] == ["before_tool", "nonsense", "fail"]
        await client.go(stop)
        await made.end(run)


@needs_strands
async def test_a_breakpoint_at_a_point_that_a_runtime_has_not_is_told_once() -> None:
    async with bench(ONE * 2, "cycle_end", "force_stop log x", "any if kind = message hit 99", runtime="stock") as made:
        await made.end(made.run())
        await made.end(made.run())
        told = [log.text for log in made.records(r.Log) if log.level == "warning"]
        assert told == [
            f"breakpoint {text!r}: this agent's runtime has no hook for {point}: it will not stop there"
            for text, point in (("cycle_end", "cycle_end"), ("force_stop log x", "force_stop"))
        ]


async def test_on_lost_continue_is_the_explicit_choice() -> None:
    async with bench(ONE, "before_tool", stop_timeout=0.05, on_lost="continue") as made:
        await made.end(made.run())
        assert made.results() == ["42"]
        (end,) = made.records(r.Resumed)
        assert (end.act, end.who) == ("timeout", "policy: continue")


@pytest.mark.parametrize("polite", [True, False])
async def test_the_last_viewer_goes_while_a_call_is_stopped(polite: bool) -> None:
    async with bench(ONE, "before_tool") as made:
        async with made.client() as client:
            run = made.run()
            await client.stopped()
            if polite:
                await client.request("disconnect")
        await made.end(run)
        assert "its last viewer has gone" in made.results()[0]
        assert made.records(r.Resumed)[0].act == ("detach" if polite else "lost")


async def test_one_of_two_viewers_goes_and_the_stop_stays() -> None:
    async with bench(ONE, "before_tool") as made, made.client("stays") as stays:
        async with made.client("goes") as goes:
            run = made.run()
            await goes.stopped()
        stop = await stays.stopped()
        await stays.go(stop)
        await made.end(run)
        assert made.results() == ["42"]


async def test_who_only_observes_is_no_viewer() -> None:
    async with bench(ONE, "before_tool", stop_timeout=0.05) as made, made.client(observe=True) as client:
        run = made.run()
        await client.stopped()
        await made.end(run)
        assert (await client.until("continued"))["tracer"]["act"] == "timeout"


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_the_agent_is_cancelled_while_stopped(runtime: str) -> None:
    async with bench(TWO, "before_tool", runtime=runtime) as made, made.client() as client:
        run = made.run()
        await client.stopped(), await client.stopped()
        made.agent.cancel(message="enough")
        events = await made.end(run)
        assert events[-1]["result"].stop_reason == "cancelled"
        assert {end.act for end in made.records(r.Resumed)} == {"cancelled"}
        assert not made.debugger.stops and "42" not in made.results()


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_the_agent_is_cancelled_while_stopped_before_the_model(runtime: str) -> None:
    async with bench(ONE, "before_model", runtime=runtime) as made, made.client() as client:
        run = made.run()
        await client.stopped()
        made.agent.cancel()
        events = await made.end(run)
        assert events[-1]["result"].stop_reason == "cancelled" and not made.debugger.stops
        assert [end.act for end in made.records(r.Resumed)] == ["cancelled"]


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_terminate_ends_the_run_with_a_message(runtime: str) -> None:
    async with bench(ONE, "before_tool", runtime=runtime) as made, made.client() as client:
        run = made.run()
        await client.stopped()
        await client.request("terminate", {"tracer": {"message": "killed in the debugger"}})
        events = await made.end(run)
        result = events[-1]["result"]
        assert result.stop_reason == "cancelled"
        assert "killed in the debugger" in str(result) and "42" not in made.results()


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_the_consumers_task_is_cancelled_while_stopped(runtime: str) -> None:
    async with bench(ONE, "before_tool", runtime=runtime) as made, made.client() as client:
        run = made.run()
        await client.stopped()
        run.cancel()
        await asyncio.wait([run], timeout=LIMIT)
        assert run.cancelled()
        assert (await client.until("continued"))["tracer"]["act"] == "cancelled"
        assert not made.debugger.stops and made.results() == []


async def test_the_generator_is_closed_while_stopped() -> None:
    async with bench(TWO, "before_tool") as made, made.client() as client:
        stream = made.agent.stream_async("go")
        async for event in stream:
            if event.get("message", {}).get("role") == "assistant":
                break
        step = asyncio.create_task(anext(stream))
        await client.stopped()
        step.cancel()
        await asyncio.wait([step], timeout=LIMIT)
        await stream.aclose()
        await client.until("continued")
        assert not made.debugger.stops and made.results() == []


async def test_closing_the_debugger_frees_every_gate() -> None:
    async with bench(TWO, "before_tool", "any") as made, made.client() as client:
        run = made.run()
        for _ in range(3):  # the prompt's message, the request, the answer and its message, then the tools
            await client.go(await client.stopped())
        await client.stopped()
        made.debugger.close()
        await client.until("terminated")
        await made.end(run)
        assert made.records(r.Resumed)[-1].act == "detach"


async def test_disconnect_leaves_it_running_and_may_end_it() -> None:
    async with bench([*TWO[:1], *TWO], "after_tool once") as made, made.client() as client:
        run = made.run()
        await client.stopped()
        await client.request("disconnect", {"terminateDebuggee": True})
        events = await made.end(run)
        assert events[-1]["result"].stop_reason == "cancelled"


# the socket


async def test_the_socket_is_for_its_user_alone(home: Path) -> None:
    async with bench() as made:
        path = made.debugger.path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path.parent == home / "tracer"


async def test_another_users_connection_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bench() as made:
        monkeypatch.setattr(os, "getuid", lambda: 12345)
        async with asyncio.timeout(LIMIT):
            reader, writer = await asyncio.open_unix_connection(str(made.debugger.path))
            assert await reader.read() == b""
            writer.close()


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"Content-Length: x\r\n\r\n", b"\0" * 10_000])
async def test_what_is_not_dap_is_cut_off(said: bytes) -> None:
    async with bench(ONE, "before_tool") as made, made.client() as client:
        async with asyncio.timeout(LIMIT):
            reader, writer = await asyncio.open_unix_connection(str(made.debugger.path))
            writer.write(said)
            assert await reader.read() == b""
            writer.close()
        run = made.run()  # the others do not notice
        await client.go(await client.stopped())
        await made.end(run)


def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(TracerError, match="only you can enter"):
        bind(tmp_path / "open" / "x.sock")
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(TracerError, match="only you can enter"):
        bind(tmp_path / "link" / "x.sock")


def test_stale_sockets_are_swept_and_living_ones_are_not(home: Path) -> None:
    folder = home / "tracer"
    living, dead = bind(folder / "living.sock"), bind(folder / "dead.sock")
    dead.close()
    assert paths.sweep(folder) == [folder / "dead.sock"]
    with pytest.raises(TracerError, match="another debugger listens"):
        bind(folder / "living.sock")
    living.close()
    bind(folder / "living.sock").close()


def test_the_path_is_short_wherever_the_folders_lie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90)
    deep.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(deep))
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    assert paths.socket_path("0123456789abcdef") == Path(f"/tmp/tracer-{os.getuid()}/0123456789abcdef.sock")
    with pytest.raises(TracerError, match="at most 103 bytes"):
        bind(deep / "x.sock")


async def test_nobody_there_is_said_in_one_line(home: Path) -> None:
    with pytest.raises(TracerError, match="nobody answers"):
        await Client(home / "none.sock").connect()
