"""A recording debugged: what clients see there is what they saw at the live stops, and nothing can be changed."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_runtime.models.scripted import call, text
from tests.debug.recorded.walker import Walker, build
from tests.debug.support import Checked, bench
from tests.terminal import TRACER, environment, tracer
from tracer.debug.errors import DebugError
from tracer.debug.recorded.tape import Tape
from tracer.debug.wire import Decoder, encode
from tracer.session import Session
from tracer.testing import SessionBuilder

SAMPLES = Path(__file__).parents[3] / "sample_sessions"
PLAN: list[Any] = ["tools2", ["tool", "say"], "fail", "say"]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with contextlib.closing(build(tmp_path / "s.jsonl", PLAN)) as made:
        yield made


# as it was live


async def _stops(client: Checked, run: asyncio.Task[Any]) -> AsyncIterator[dict[str, Any]]:
    while True:
        coming = asyncio.create_task(client.stopped())
        await asyncio.wait({coming, run}, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            coming.cancel()
            return
        yield coming.result()


async def _seen(client: Checked, stop: dict[str, Any]) -> dict[str, Any]:
    seen: dict[str, Any] = {key: stop[key] for key in ("point", "name", "inv", "cycle", "index", "agent", "input")}
    for scope in ("input", "result", "message", "request", "messages", "event"):
        with contextlib.suppress(DebugError):
            seen[scope] = (await client.request("tracer/value", {"stop": stop["stop"], "expression": scope}))["value"]
    seen["event"].pop("duration", None)  # measured on both sides of the hooks
    return seen


@pytest.mark.parametrize("runtime", ["own", "stock"])
async def test_the_stops_of_a_recording_are_those_of_the_run(runtime: str) -> None:
    turns = [
        [text("I compute."), call("calculator", {"expression": "6*7"})],
        [call("fail", {"reason": "boom"})], "done",
    ]  # fmt: skip
    live: list[dict[str, Any]] = []
    async with bench(turns, "any", runtime=runtime) as made, made.client() as client:
        run = made.run("the prompt")
        async for stop in _stops(client, run):
            live.append(await _seen(client, stop))
            await client.go(stop)
        path = made.recording.path
    walker = Walker(Session(path)).start()
    past = []
    for number in range(1, len(Tape(Session(path)).points) + 1):
        past.append(_past(walker, number))
    offered = {one["point"] for one in live}
    past = [one for one in past if one["point"] in offered][: len(live)]
    assert [one["point"] for one in past] == [one["point"] for one in live] and len(live) > 8
    for was, now in zip(live, past, strict=True):
        assert now["event"].pop("address").startswith(walker.capabilities["tracer"]["session"])
        if runtime == "stock":  # its hooks tell less than the file does
            _as_far_as_stock_tells(was, now)
        assert now == was


def _past(walker: Walker, number: int) -> dict[str, Any]:
    body = walker.talk._session.board.find(number).body()
    seen: dict[str, Any] = {key: body[key] for key in ("point", "name", "inv", "cycle", "index", "agent", "input")}
    for scope in ("input", "result", "message", "request", "messages", "event"):
        with contextlib.suppress(DebugError):
            seen[scope] = walker.ask("tracer/value", stop=number, expression=scope)["value"]
    seen["event"].pop("duration", None)
    return seen


def _as_far_as_stock_tells(was: dict[str, Any], now: dict[str, Any]) -> None:
    for side in (was, now):
        side.pop("request", None)
        for message in [*side["messages"], side.get("message", {}), side.get("result", {})]:
            message.pop("tracking_id", None)
            message.pop("metadata", None)
        for name in ("attempt", "error", "role", "stop_reason", "text", "usage", "tokens", "cost"):
            side["event"].pop(name, None)


# what is there


def test_stepping_back_is_offered_and_changing_is_not(session: Session) -> None:
    told = Walker(session).start().capabilities
    assert told["supportsStepBack"] and told["supportsGotoTargetsRequest"] and told["tracer"]["recording"]
    for act in ("SetVariable", "SetExpression", "RestartFrame", "TerminateRequest"):
        assert f"supports{act}" not in told


async def test_a_live_run_offers_no_way_back() -> None:
    async with bench() as made, made.client() as client:
        assert "supportsStepBack" not in client.capabilities
        with pytest.raises(DebugError, match="'stepBack' is not supported"):
            await client.request("stepBack", {"threadId": 1})


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("setVariable", {"variablesReference": 99, "name": "x", "value": "1"}),
    ("setExpression", {"expression": "input.expression", "value": '"1+1"'}),
    ("restartFrame", {"frameId": 8}), ("terminate", {}), ("tracer/edit", {"stop": 1, "value": 1}),
    ("tracer/skip", {"stop": 1, "result": 1}), ("tracer/refuse", {"stop": 1}), ("tracer/retry", {"stop": 1}),
    ("tracer/break", {"add": ["any"]}),
]  # fmt: skip


@pytest.mark.parametrize(("command", "arguments"), ACTS)
def test_what_happened_cannot_be_changed(session: Session, command: str, arguments: dict[str, Any]) -> None:
    walker = Walker(session).start()
    with pytest.raises(DebugError, match=r"^this is a recording: what happened cannot be changed; "):
        walker.ask(command, **arguments)
    assert walker.go("stepIn") == 2


def test_a_client_may_launch_it_and_says_goodbye_in_any_way(session: Session) -> None:
    walker = Walker(session)
    walker.ask("initialize", adapterID="test")
    walker.ask("launch")
    walker.ask("configurationDone")
    assert walker.here["reason"] == "entry" and walker.here["allThreadsStopped"]
    walker.ask("disconnect", terminateDebuggee=True)
    assert walker.talk.over


def test_a_recording_without_a_point_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_bytes(
        build(tmp_path / "whole.jsonl", []).path.read_bytes().partition(b"\n")[0] + b"\n"
    )
    walker = Walker(Session(tmp_path / "s.jsonl"))
    walker.ask("initialize", adapterID="test")
    with pytest.raises(DebugError, match="nothing was recorded"):
        walker.ask("attach")


# moving


def test_threads_are_invocations_and_the_calls_beside_each_other(session: Session) -> None:
    walker = Walker(session).start("before_tool hit 2")
    walker.go("continue")
    names = [one["name"] for one in walker.ask("threads")["threads"]]
    assert names == ["tester #0", "calculator (call 1 of #0)", "calculator (call 2 of #0)"]
    first, second = (one["id"] for one in walker.ask("threads")["threads"][1:])
    assert walker.here["threadId"] == second
    walker.go("next", first)
    assert (walker.here["description"], walker.here["threadId"]) == ("after_tool calculator", first)
    walker.go("next", second)
    assert (walker.here["description"], walker.here["threadId"]) == ("after_tool calculator", second)
    walker.go("stepBack", second)
    assert (walker.here["description"], walker.here["threadId"]) == ("before_tool calculator", second)


def test_a_breakpoint_on_the_way_ends_a_step(session: Session) -> None:
    walker = Walker(session).start("before_tool:research")
    walker.go("continue")
    walker.break_at("before_tool:calculator")
    walker.go("next")
    assert walker.here["tracer"]["inv"] == "0.0" and walker.here["reason"] == "function breakpoint"
    walker.break_at("after_tool:research")
    walker.go("continue")
    walker.break_at("message")
    walker.go("stepBack")
    assert walker.here["tracer"]["inv"] == "0.0" and walker.here["reason"] == "function breakpoint"


def test_a_step_out_of_a_sub_agent_does_not_lead_into_the_one_beside_it(tmp_path: Path) -> None:
    made = SessionBuilder(tmp_path / "s.jsonl").start("go").cycle()
    made.model("I delegate.", calls=[("research", {}), ("research", {})])
    calls = [(made.tool_start("research", {}), made.seq - 1) for _ in range(2)]
    for number, (_, caller) in enumerate(calls):
        made.start("sub", inv=f"0.{number}", caller=caller).cycle().model("Found.").complete().end()
    made.inv, made.cycle_no = "0", 1
    for index, _ in calls:
        made.tool_end(index, "research", {}, "found")
    with contextlib.closing(made.complete().end().close()) as session:
        walker = Walker(session).start("cycle_end")
        walker.go("continue")
        walker.break_at()
        assert (walker.here["tracer"]["inv"], walker.here["tracer"]["point"]) == ("0.0", "cycle_end")
        walker.go("next")
        assert walker.here["description"] == "after_tool research"
        walker.go("reverseContinue")
        walker.break_at('message if inv = "0.1"')
        walker.go("continue")
        walker.break_at()
        walker.go("stepBack")
        assert walker.here["description"] == "before_tool research"


def test_a_step_goes_over_a_sub_agent_or_into_it_and_out(session: Session) -> None:
    walker = Walker(session).start("before_tool:research")
    call = walker.go("continue")
    walker.break_at()
    over = walker.go("next")
    assert walker.here["description"] == "after_tool research"
    assert walker.go("stepBack") == call
    walker.go("stepIn")
    assert walker.here["tracer"]["inv"] == "0.0"
    assert walker.go("stepBack") == call
    walker.go("stepIn")
    while walker.here["tracer"]["inv"] == "0.0":
        walker.go("stepOut")
    assert walker.stop == over


def test_the_ends_are_told_and_hold(session: Session) -> None:
    walker = Walker(session).start()
    end = walker.go("continue")
    assert walker.here["reason"] == "end" and walker.here["text"].startswith("the end of the recording")
    assert walker.go("stepIn") == end and walker.go("continue") == end
    assert walker.go("reverseContinue") == 1 and walker.go("stepBack") == 1
    assert walker.here["text"].startswith("the beginning of the recording")


def test_one_can_go_to_the_ends_and_to_a_tools_calls(session: Session) -> None:
    walker = Walker(session).start()
    targets = walker.ask("gotoTargets", source={"path": "tools.py"}, line=7)["targets"]
    calls = [one["label"].partition(",")[0] for one in targets]
    assert calls == ["the beginning", "the end", *["calculator"] * 4] or "research" in calls
    walker.go("goto", targetId=targets[-1]["id"])
    assert walker.here["reason"] == "goto" and walker.here["description"].startswith("before_tool")
    walker.go("goto", targetId=targets[1]["id"])
    assert walker.stop == targets[1]["id"] and not walker.told("output")


def test_a_move_from_an_old_stop_or_a_thread_that_is_over_is_refused(session: Session) -> None:
    walker = Walker(session).start()
    walker.go("stepIn")
    with pytest.raises(DebugError, match="one does not stand at stop 1"):
        walker.ask("continue", threadId=1, tracer={"stop": 1})
    with pytest.raises(DebugError, match="thread 9 does not run there"):
        walker.ask("next", threadId=9)
    with pytest.raises(DebugError, match="does not run"):
        walker.ask("pause", threadId=1)
    assert walker.stop == 2


# breakpoints


def test_hits_are_counted_from_the_beginning_whichever_way_one_comes(session: Session) -> None:
    walker = Walker(session).start("calculator hit 2")
    there = walker.go("continue")
    walker.go("continue")
    assert walker.go("reverseContinue") == there
    assert walker.ask("tracer/breakpoints")["breakpoints"][0]["hits"] == 4


def test_conditions_filters_and_log_points_hold_as_they_do_live(session: Session) -> None:
    walker = Walker(session).start('before_tool if input.expression ~ "^1"', 'after_tool log "{tool}: {status}"')
    told = walker.ask("setExceptionBreakpoints", filters=["tool_error"])["breakpoints"]
    assert told[0]["verified"]
    walker.go("continue")
    assert walker.view() and walker.here["tracer"]["input"] == {"expression": "1+1"}
    walker.go("continue")
    assert walker.here["reason"] == "exception" and walker.here["tracer"]["point"] == "tool_error"
    lines = [body["output"] for body in walker.told("output") if body["category"] == "console"]
    assert [line for line in lines if line.startswith("calculator: ")][:2] == ["calculator: success\n"] * 2


def test_a_condition_that_cannot_be_evaluated_is_marked_and_does_not_stop(session: Session) -> None:
    walker = Walker(session).start()
    (told,) = walker.break_at("any if input.expression > 3")
    assert not told["verified"] and "cannot be evaluated" in told["message"]
    walker.go("continue")
    assert walker.here["reason"] == "end"


TOOL = """from agent_runtime import tool

@tool
def calculator(expression: str) -> str:
    \"\"\"Compute.\"\"\"
    return expression
"""


def test_a_line_of_a_tool_that_is_here_stops_before_it(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(TOOL)
    made = build(tmp_path / "s.jsonl", ["tool", "say", "tool"])
    path = tmp_path / "t.jsonl"
    whole = made.path.read_bytes().replace(b'"tools.py","line":7', f'"{tmp_path}/mine.py","line":3'.encode())
    path.write_bytes(whole)
    with contextlib.closing(Session(path)) as session:
        walker = Walker(session).start()
        source = {"path": str(tmp_path / "mine.py")}
        inside, outside = walker.ask("setBreakpoints", source=source, breakpoints=[{"line": 6}, {"line": 1}])[
            "breakpoints"
        ]
        assert inside["verified"] and inside["line"] == 3 and not outside["verified"]
        walker.go("continue")
        (top, *_) = walker.ask("stackTrace", threadId=walker.here["threadId"])["stackFrames"]
        assert top["source"]["path"] == str(tmp_path / "mine.py") and top["line"] == 3


# by the command


def test_what_the_agent_said_on_the_way_is_output(session: Session) -> None:
    walker = Walker(session).start("tool_error")
    walker.go("continue")
    said = "".join(body["output"] for body in walker.told("output"))
    assert "I delegate.\n" in said and 'using tool: calculator {"expression": "0+1"}' in said
    before = len(walker.told("output"))
    walker.go("reverseContinue")
    assert len(walker.told("output")) == before


@pytest.mark.parametrize("name", ["crash", "sub-agent", "parallel-tools", "stopped-and-edited", "retry", "force-stop"])
def test_the_samples_can_be_walked_through(name: str) -> None:
    with contextlib.closing(Session(SAMPLES / f"{name}.jsonl")) as session:
        walker = Walker(session).start()
        while walker.here["reason"] != "end":
            walker.go("stepIn")
            walker.view()
        assert walker.stop > 5


def test_the_command_serves_a_file_and_begins_at_a_record(tmp_path: Path) -> None:
    line = [TRACER, "dap", f"{SAMPLES / 'tools.jsonl'}#30"]
    asked = [("initialize", {"adapterID": "x"}), ("attach", {}), ("configurationDone", {}), ("disconnect", {})]
    sent = b"".join(
        encode({"seq": n, "type": "request", "command": c, "arguments": a}) for n, (c, a) in enumerate(asked, 1)
    )
    done = subprocess.run(line, input=sent, capture_output=True, env=environment(tmp_path), timeout=50, check=True)
    messages = Decoder().feed(done.stdout)
    (stopped,) = [message["body"] for message in messages if message.get("event") == "stopped"]
    assert stopped["tracer"]["seq"] >= 30 and not done.stderr


async def test_it_listens_on_a_port_for_clients_that_know_the_token(tmp_path: Path) -> None:
    line = [TRACER, "dap", "--listen", "0", str(SAMPLES / "tools.jsonl")]
    process = subprocess.Popen(line, stderr=subprocess.PIPE, env=environment(tmp_path))
    try:
        assert process.stderr is not None
        words = (await asyncio.to_thread(process.stderr.readline)).decode().replace(",", "").split()
        reader, writer = await asyncio.open_connection(*words[2].split(":"))
        asked = {"seq": 1, "type": "request", "command": "initialize", "arguments": {"adapterID": words[4]}}
        writer.write(encode(asked))
        (answer, *_) = Decoder().feed(await reader.read(1 << 16))
        assert answer["body"]["supportsStepBack"]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=100) == 130  # though a client is there
        writer.close()
    finally:
        process.kill()
        process.communicate()


def test_without_a_name_a_recording_is_not_meant(tmp_path: Path) -> None:
    done = tracer(tmp_path, "dap")
    assert done.code == 2 and "`tracer dap last` opens the newest recording" in done.cause
    assert tracer(tmp_path, "dap", "nothing").code == 2
