"""What the agent says, as a client hears it: text as it comes, calls as lines; nobody is slowed by who reads slowly."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_runtime.models.scripted import call, text
from agent_runtime.testing import scripted_agent
from tests.debug import oracle
from tests.debug.support import LIMIT, ONE, Checked, bench
from tests.runtimes import RUNTIMES
from tracer import records as r
from tracer.debug import echo, outbox
from tracer.debug.echo import Spoken
from tracer.debug.outbox import Outbox
from tracer.debug.wire import Decoder, encode
from tracer.journal import reader as reader_module
from tracer.journal.reader import Reader
from tracer.testing import SessionBuilder


def _heard(client: Checked) -> list[dict[str, Any]]:
    while not client._events.empty():
        item = client._events.get_nowait()
        if item is not None:
            client.seen.append(item)
    return [body for name, body in client.seen if name == "output"]


def _text(client: Checked, category: str) -> str:
    return "".join(body["output"] for body in _heard(client) if body["category"] == category)


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_text_is_heard_as_it_comes_and_what_was_said_before_a_stop_before_it(runtime: str) -> None:
    async with bench(ONE, "before_tool", "after_tool", runtime=runtime) as made, made.client() as client:
        run = made.run()
        stop = await client.stopped()
        assert _text(client, "stdout") == "I compute.\n"
        assert 'calculator {"expression": "6*7"}' in _text(client, "console")
        (started,) = [body for body in _heard(client) if "source" in body]
        assert started["source"]["name"] == "support.py" and started["line"] > 1
        assert started["tracer"] == {"inv": "0", "cycle": 1}
        await client.go(stop)
        await client.go(await client.stopped())
        await made.end(run)
        made.debugger.close()
        await client.until("terminated")
        assert _text(client, "stdout") == "I compute.\ndone\n"
        assert "calculator success" in _text(client, "console") and "42" in _text(client, "console")


async def test_a_text_is_heard_before_it_is_over() -> None:
    more = asyncio.Event()

    class Waits:
        stateful = False

        def get_config(self) -> dict[str, Any]:
            return {"model_id": "waits"}

        def update_config(self, **config: Any) -> None:
            return None

        async def stream(self, *args: Any, **more_args: Any) -> Any:
            yield {"messageStart": {"role": "assistant"}}
            yield {"contentBlockDelta": {"delta": {"text": "the first half, "}}}
            await more.wait()
            yield {"contentBlockDelta": {"delta": {"text": "the second"}}}
            yield {"contentBlockStop": {}}
            yield {"messageStop": {"stopReason": "end_turn"}}

    from agent_runtime import Agent

    async with bench(agent=Agent(model=Waits(), callback_handler=None)) as made, made.client() as client:
        run = made.run()
        said = (await client.until("output"))["output"]
        assert said and "the first half, ".startswith(said)  # an end that may begin a secret comes with the next piece
        more.set()
        await made.end(run)
        made.debugger.close()
        await client.until("terminated")
        assert _text(client, "stdout") == "the first half, the second\n"


async def test_what_was_said_before_a_client_came_is_not_told_again_and_who_wants_none_hears_none() -> None:
    async with bench([*ONE, "more"]) as made:
        await made.end(made.run())
        async with made.client() as late, Checked(made.debugger.path) as quiet:
            await quiet.start("quiet", output=False)
            await made.end(made.run())
            made.debugger.close()
            await late.until("terminated")
            await quiet.until("terminated")
            assert _text(late, "stdout") == "more\n" and _heard(quiet) == []


async def test_without_a_client_that_listens_the_file_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []

    class Counted(Reader):
        def __init__(self, path: Any) -> None:
            opened.append(path)
            super().__init__(path)

    monkeypatch.setattr(echo, "Reader", Counted)
    async with bench(ONE, "message log x") as made:
        async with Checked(made.debugger.path) as quiet:
            await quiet.start("quiet", output=False)
            await made.end(made.run())
            assert not opened and made.debugger._server._echo._timer is None
        async with made.client() as one, made.client() as two:
            await one.request("threads"), await two.request("threads")
            assert len(opened) == 1
        await _until(lambda: made.debugger._server._echo._timer is None)
        assert made.debugger._server._echo._reader is None


async def _until(holds: Any) -> None:
    async with asyncio.timeout(100):
        while not holds():
            await asyncio.sleep(0.01)


async def test_nothing_that_a_model_says_acts_on_the_client() -> None:
    hostile = "red \x1b[31mtext\x07 \u202eback"
    given = {"expression": "1+1", "x": hostile}
    async with bench([[text(hostile), call("calculator", given)], "done"]) as made, made.client() as client:
        await made.end(made.run())
        made.debugger.close()
        await client.until("terminated")
        said = json.dumps(_heard(client), ensure_ascii=False)
        assert "red text" in said and not {"\x1b", "\x07", "\u202e"} & set(_text(client, "stdout") + said)


async def test_agents_that_talk_at_once_each_begin_a_line() -> None:
    def delta(inv: str, text: str) -> r.Record:
        return r.Delta(inv=inv, text=text)

    said = Spoken().bodies([delta("0", "one "), delta("0", "two"), delta("0.0", "three\n"), delta("0", "four")])
    assert [(body["output"], body["tracer"]["inv"]) for body in said] == [
        ("one two\n", "0"), ("three\n", "0.0"), ("four", "0"),
    ]  # fmt: skip


async def test_a_sub_agent_is_heard_too() -> None:
    inner = scripted_agent("I am inside", name="inner")
    agent = scripted_agent([call("inner", {"input": "hello"})], "done", tools=[inner.as_tool()])
    async with bench(agent=agent) as made, made.client() as client:
        await made.end(made.run())
        made.debugger.close()
        await client.until("terminated")
        inside = [body["output"] for body in _heard(client) if body["tracer"]["inv"] == "0.0"]
        assert "".join(inside) == "I am inside\n"


_RECORDS = st.lists(
    st.one_of(
        st.builds(r.Delta, inv=st.sampled_from(["0", "0.0"]), text=st.text(max_size=8)),
        st.builds(r.BlockStop, inv=st.sampled_from(["0", "0.0"])),
        st.builds(r.ToolStart, inv=st.just("0"), name=st.text(max_size=4), input=st.text(max_size=4)),
        st.builds(r.ToolEnd, inv=st.just("0"), name=st.text(max_size=4), status=st.just("success")),
    )
)


@given(_RECORDS, st.integers(1, 5))
def test_however_it_is_cut_the_same_is_said_and_every_message_is_valid(records: list[r.Record], at: int) -> None:
    whole, cut = Spoken(), Spoken()
    parts = [body for n in range(0, len(records), at) for body in cut.bodies(records[n : n + at])]
    for seq, body in enumerate(parts, 1):
        oracle.check({"seq": seq, "type": "event", "event": "output", "body": body})
    assert "".join(b["output"] for b in parts) == "".join(b["output"] for b in whole.bodies(records))


@pytest.mark.slow
async def test_a_client_that_reads_slowly_loses_pieces_is_told_how_many_and_hears_of_every_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox, "BACKLOG_BYTES", 60_000)
    monkeypatch.setattr(echo, "INTERVAL", 0.001)
    monkeypatch.setattr("tracer.debug.board.Board.expire", lambda board, stop: None)
    turns = [[text("word " * 20_000), call("calculator", {"expression": "1+1"})] for _ in range(8)]
    async with bench([*turns, "done"], "before_tool hit 8") as made:
        reader, writer = await asyncio.open_unix_connection(str(made.debugger.path), limit=1 << 12)
        for seq, (name, more) in enumerate(
            (("initialize", {"adapterID": "x"}), ("attach", {}), ("configurationDone", {})), 1
        ):
            writer.write(encode({"seq": seq, "type": "request", "command": name, "arguments": more}))
        await _until(lambda: made.debugger.board.viewers)
        run = made.run()
        await _until(lambda: made.debugger.stops)  # the agent went all the way there: nobody waited for the client
        seen, decoder = [], Decoder()
        async with asyncio.timeout(100):
            while not any(m.get("event") == "stopped" for m in seen):
                seen += decoder.feed(await reader.read(1 << 16))
            (thread,) = [m["body"]["threadId"] for m in seen if m.get("event") == "stopped"]
            writer.write(
                encode({"seq": 9, "type": "request", "command": "continue", "arguments": {"threadId": thread}})
            )
            while not any("left out" in str(m.get("body", {}).get("output")) for m in seen):
                seen += decoder.feed(await reader.read(1 << 16))
        await made.end(run)
        for message in seen:
            oracle.check(message)
        assert [message["seq"] for message in seen] == list(range(1, len(seen) + 1))
        writer.close()


async def test_of_much_that_was_said_a_part_is_told_at_a_time_and_others_have_their_turn_between(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reader_module, "_CHUNK", 4096)
    monkeypatch.setattr(echo, "SLICE", 4096)
    told: list[tuple[int, str]] = []
    turns = 0
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle()
    build._file.flush()
    heard = echo.Echo(build.path, lambda body: told.append((turns, body["output"])))
    heard.wanted(True)
    build.model("word " * 5000)
    build._file.flush()
    async with asyncio.timeout(LIMIT):
        while sum(len(words) for _, words in told) < 25_000:
            await asyncio.sleep(0)
            turns += 1
    heard.wanted(False)
    assert (
        len({turn for turn, _ in told}) > 10 and "".join(words for _, words in told).strip() == ("word " * 5000).strip()
    )


def test_how_many_were_left_out_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BACKLOG_BYTES", 1000)
    box = Outbox()

    def say(n: int) -> None:
        box.put({"type": "event", "event": "output", "body": {"output": f"{n}-" + "x" * 300}})

    for n in range(4):
        say(n)
    waiting = [data.decode() for _, data in box._waiting]
    lost = box.dropped
    assert lost >= 3 and len(waiting) == 4 - lost
    box._waiting.clear()
    box._size = 0
    say(5)
    say(6)
    after = [data.decode() for _, data in box._waiting]
    assert f"[{lost} pieces of output left out" in after[0] + "".join(waiting) and "left out" not in after[1]
