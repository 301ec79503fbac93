"""A session as lines: what each kind of record says, safe and in one line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tracer import records as r
from tracer.testing import SessionBuilder, build_session
from tracer.text.lines import Line, Lines
from tracer.text.render import renderer


def lines_of(*records: r.Record) -> list[str]:
    lines = Lines()
    opening: tuple[r.Record, ...] = (r.InvocationStart(inv="0", agent="a", prompt="p"), r.CycleStart(inv="0", cycle=1))
    for record in opening:
        lines.feed(record)
    told = []
    for record in records:
        record.inv, record.cycle = record.inv or "0", record.cycle or 1
        told.append(lines.feed(record))
    return [line.text for line in told if line]


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (r.Event(event={"init_event_loop": True}), "event loop initialised"),
        (r.Event(event={"odd": 1}), 'event: {"odd": 1}'),
        (r.Event(event={"tool_cancel_event": {"tool_use": {"name": "add"}, "message": "not\nnow"}}),
         "tool cancelled: add: not now"),
        (r.Event(event={"tool_cancel_event": "odd"}), "tool cancelled: a tool"),
        (r.Event(event={"tool_interrupt_event": {"tool_use": {"name": "add"}, "interrupts": [
            {"$type": "Interrupt", "value": {"name": "approve", "reason": "it\ndeletes"}}, {"name": "sure"}]}}),
         "tool interrupted: add asks approve (it deletes), sure"),
        (r.Event(event={"tool_interrupt_event": None}), "tool interrupted: a tool"),
        (r.CycleStart(cycle=2), "cycle 2 starting"),
        (r.CycleEnd(ending="complete"), "cycle 1 completed"),
        (r.CycleEnd(ending="force_stop"), "cycle 1 force-stopped: unknown reason"),
        (r.ModelStart(model="openai/x", attempt=1, messages=[1]), "asking openai/x (attempt 2), 1 message"),
        (r.ModelEnd(error=r.Failure("Timeout", "too\nlate")), "model failed: Timeout: too late"),
        (r.Message(role="assistant", origin="model"), "new message: assistant"),
        (r.Message(role="user", origin="tools"), "new message: user (tools)"),
        (r.ToolStart(name="add", input={"a": 1}), 'using tool: add {"a": 1}'),
        (r.ToolStart(name="add", input="{not json"), "using tool: add {not json"),
        (r.ToolStream(tool_use_id="t", data={"p": 1}), 'tool says: t {"p": 1}'),
        (r.ToolEnd(name="add", status="success", duration=5_000_000, result={"content": [{"json": {"x": 1}}]}),
         'tool result: add success in 5ms: {"x": 1}'),
        (r.ToolEnd(name="add", status="error", result={"content": [{"text": "no"}]}),
         "tool failed: add error in 0µs: no"),
        (r.Throttled(delay=0.5), "model is busy: next attempt in 500ms"),
        (r.Log(text="hi\nthere", source="stdout"), "stdout: hi there"),
        (r.Log(text="x", source="logging", level="error", logger="a.b", fields={"k": 1}),
         'logging error a.b: x {"k": 1}'),
        (r.LoopBlocked(lag=300_000_000, where=r.Where("t.py", 7, "hog")),
         "event loop blocked by hog (t.py:7), for 300ms so far"),
        (r.LoopBlocked(lag=300_000_000, over=True), "event loop free again, after 300ms"),
        (r.Stopped(id=1, point="before_tool", name="add", breakpoint="before_tool:add"),
         "stopped at before_tool add (before_tool:add)"),
        (r.Resumed(id=1, act="continue", who="the screen"), "resumed: continue by the screen"),
        (r.Edited(what="input", before=1, after=2, who="a hook"), "edited input by a hook: 1 → 2"),
        (r.Edited(what="message", path="[2].content", before="a\nb", after={"c": 1}, who="hook f",
                  where=r.Where("/home/me/app.py", 12, "f")),
         'edited message [2].content by hook f (app.py:12): a b → {"c": 1}'),
        (r.Edited(what="request", path="request.params", before={}, after=1, who="me", stop=1),
         "edited request.params by me: {} → 1"),
        (r.Edited(what="system", before="a", after="b"),
         "edited system by no hook (found changed since the last call): a → b"),
        (r.Gap(count=3, reason="disk full"), "3 records could not be written: disk full"),
        (r.SessionEnd(reason="done"), "recording ended: done"),
        (r.InvocationEnd(ending="limit", stop_reason="limit_turns", usage=r.Usage(1, 2, 3, estimated=True), cost=0.5),
         "invocation 0 ended: limit (limit_turns) · ~3 tokens · $0.5000 · 0µs"),
        (r.InvocationEnd(ending="cancelled", error=r.Failure("CancelledError")), "invocation 0 ended: cancelled · 0µs"),
        (r.InvocationEnd(ending="cancelled", error=r.Failure("CancelledError", "no time")),
         "invocation 0 ended: cancelled, no time · 0µs"),
        (r.InvocationEnd(ending="error", error=r.Failure("KeyError")), "invocation 0 ended: error, KeyError · 0µs"),
        (r.InvocationEnd(ending="error", error=r.Failure("E", "why")), "invocation 0 ended: error, E: why · 0µs"),
        (r.Unknown(raw={"kind": "telepathy"}), "telepathy: not known to this version"),
    ],
)  # fmt: skip
def test_what_a_record_says(record: r.Record, says: str) -> None:
    assert lines_of(record) == [says]


def test_the_reason_of_a_force_stop_stands_in_the_line_of_its_cycle() -> None:
    stop = r.ForceStop(reason="connection reset", error="httpx.ReadError")
    assert lines_of(stop, r.CycleEnd(ending="force_stop")) == [
        "cycle 1 force-stopped: httpx.ReadError: connection reset"
    ]


def test_a_text_is_one_line_when_its_block_closes() -> None:
    pieces = [
        r.ModelStart(model="m"),
        r.BlockStart(),
        r.Delta(text="Hello\n"),
        r.Delta(text="wo\x1b[2Jrld"),
        r.BlockStop(),
    ]
    assert lines_of(*pieces)[1:] == ["text: Hello world"]


def test_a_sub_agent_is_indented() -> None:
    lines = Lines()
    line = lines.feed(r.InvocationStart(inv="0.1", agent="sub", prompt=[{"text": "do"}]))
    assert line is not None and line.depth == 1 and "invocation 0.1 of sub: do" in line.text
    assert "  invocation" in renderer(io.StringIO())(line)


@pytest.mark.parametrize("shape", ["say", "think tools3 toolerror fail", "tool crash", "say abandon"])
def test_every_line_is_one_line_and_has_its_time(tmp_path: Path, shape: str) -> None:
    lines, render = Lines(), renderer(io.StringIO(), seqs=True)
    for record in build_session(tmp_path / "s.jsonl", shape).records():
        line = lines.feed(record)
        if line is not None:
            out = render(line)
            assert "\n" not in out and "\x1b" not in out and out.split()[0] == str(record.seq)


def test_lines_of_any_record_in_any_order_never_raise(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl")
    for cls in r.KINDS.values():
        build.put(cls())
    lines = Lines()
    assert [lines.feed(record) for record in build.close().records()]


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_at_most_three_rows_a_pipe_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    line = Line(1, 0, "x" * 1000)
    assert len(renderer(Screen())(line)) == 240
    assert len(renderer(Screen(), whole=True)(line)) > 1000
    assert len(renderer(io.StringIO())(line)) > 1000


def test_colour_only_where_it_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(1, 0, "bad", "bad")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[31mbad" in renderer(Screen())(line)
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in renderer(Screen())(line)
    assert "\x1b" not in renderer(io.StringIO())(line)
