"""`attach`: the same line records our runtime and stock Strands, and the stream stays what it was."""

import asyncio
import gc
import json
import logging
import os
from pathlib import Path
from typing import Any, cast

import pytest

import tracer
from agent_runtime.models.scripted import call, fail, text
from tests.recording import agents
from tests.recording.agents import TWO_TOOLS, add, boom, home, of_kind, run  # noqa: F401 - a fixture
from tests.runtimes import RUNTIMES, make_agent, needs_strands
from tracer import records as r
from tracer.session import Session


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_prompt_tools_and_end_are_recorded(runtime: str) -> None:
    agent = make_agent(runtime, TWO_TOOLS, [add], system_prompt="be exact")
    recording = tracer.attach(agent)
    await run(agent)
    recording.close()
    session = tracer.open(recording.id)
    assert session.state == "ended"
    assert of_kind(session, r.InvocationStart)[0].prompt == "add them"
    assert [m.origin for m in of_kind(session, r.Message)] == ["prompt", "model", "tools", "model"]
    starts, ends = of_kind(session, r.ToolStart), of_kind(session, r.ToolEnd)
    assert [(s.name, s.input, s.index) for s in starts] == [("add", {"a": 1, "b": 2}, 0), ("add", {"a": 3, "b": 4}, 1)]
    assert sorted((e.index, e.result["content"][0]["text"], e.status) for e in ends) == [
        (0, "3", "success"),
        (1, "7", "success"),
    ]
    assert starts[0].where.file == agents.__file__
    assert [c.what for c in of_kind(session, r.Content)] == ["system", "tools"]
    end = of_kind(session, r.InvocationEnd)[0]
    assert (end.ending, end.usage.input, end.usage.output) == ("end_turn", 50, 15)
    assert [s.path for s in session.spans()] == [
        "inv:0", "inv:0/cycle:1", "inv:0/cycle:1/model:0", "inv:0/cycle:1/tool:0", "inv:0/cycle:1/tool:1",
        "inv:0/cycle:2", "inv:0/cycle:2/model:0",
    ]  # fmt: skip
    assert {s.status for s in session.spans()} == {"ok"}


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_the_stream_is_the_same_recorded_or_not_and_again_when_replayed(runtime: str) -> None:
    bare = await run(make_agent(runtime, TWO_TOOLS, [add]))
    agent = make_agent(runtime, TWO_TOOLS, [add])
    recording = tracer.attach(agent)
    live = await run(agent)
    recording.close()
    again = [event async for event in tracer.replay(recording.id, speed=0)]
    assert [sorted(e) for e in live] == [sorted(e) for e in bare]
    assert len(again) == len(live)
    for seen, rebuilt in zip(live[:-1], again[:-1], strict=True):
        if runtime == "stock" and "current_tool_use" in seen:
            seen, rebuilt = {"delta": seen["delta"]}, {"delta": rebuilt["delta"]}  # stock goes on changing the dict
        assert rebuilt == seen
    assert again[-1]["result"].to_dict() == json.loads(json.dumps(live[-1]["result"].to_dict()))


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_model_that_fails_in_mid_stream_is_kept_with_its_reason(runtime: str) -> None:
    agent = make_agent(runtime, [[text("half an ans"), fail(ValueError("bad literal"))]])
    recording = tracer.attach(agent)
    with pytest.raises(ValueError, match="bad literal"):
        await run(agent)
    recording.close()
    session = tracer.open(recording.id)
    assert "".join(d.text or "" for d in of_kind(session, r.Delta)) == "half an ans"
    stop = of_kind(session, r.ForceStop)[0]
    assert ("bad literal" in stop.reason, stop.error) == (True, "ValueError")
    end = of_kind(session, r.InvocationEnd)[0]
    assert (end.ending, end.error.type) == ("error", "ValueError")
    assert "Traceback" in end.error.traceback
    failed = of_kind(session, r.ModelEnd)[0]
    assert failed.error.message == "bad literal"
    if runtime == "own":
        assert failed.partial["content"] == [{"text": "half an ans"}]
    statuses = {s.kind: s.status for s in session.spans()}
    assert statuses == {"invocation": "error", "cycle": "forced", "model": "error"}


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_raising_tool_is_an_error_on_its_span_with_its_exception(runtime: str) -> None:
    agent = make_agent(runtime, [[call("boom", {})], "sorry"], [boom])
    recording = tracer.attach(agent)
    await run(agent)
    recording.close()
    session = tracer.open(recording.id)
    end = of_kind(session, r.ToolEnd)[0]
    assert (end.status, end.error.type, end.error.message) == ("error", "RuntimeError", "kaboom")
    tool = next(s for s in session.spans() if s.kind == "tool")
    assert (tool.status, tool.error) == ("error", "RuntimeError")


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_consumer_that_goes_away_is_an_abandoned_run_with_all_its_spans(runtime: str) -> None:
    agent = make_agent(runtime, TWO_TOOLS, [add])
    recording = tracer.attach(agent)
    stream = agent.stream_async("go")
    async for event in stream:
        if "data" in event:
            break
    await stream.aclose()
    recording.close()
    session = tracer.open(recording.id)
    assert [(s.kind, s.status) for s in session.spans()] == [
        ("invocation", "abandoned"), ("cycle", "abandoned"), ("model", "abandoned")]  # fmt: skip
    assert of_kind(session, r.InvocationEnd)[0].ending == "abandoned"


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_cancelled_task_is_a_cancelled_run(runtime: str) -> None:
    agent = make_agent(runtime, [["one", text("two")]])
    recording = tracer.attach(agent)
    started = asyncio.Event()

    async def consume() -> None:
        async for event in agent.stream_async("go"):
            if "data" in event:
                started.set()
                await asyncio.sleep(3600)

    task = asyncio.create_task(consume())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    gc.collect()
    await asyncio.sleep(0)
    recording.close()
    endings = [e.ending for e in of_kind(tracer.open(recording.id), r.InvocationEnd)]
    assert endings in (["cancelled"], ["abandoned"])


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_synchronous_call_is_recorded_too(runtime: str) -> None:
    agent = make_agent(runtime, ["fine"])
    recording = tracer.attach(agent)
    agent("hello")
    recording.close()
    assert of_kind(tracer.open(recording.id), r.InvocationEnd)[0].ending == "end_turn"


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_attach_is_idempotent_and_detach_gives_the_agent_back(runtime: str) -> None:
    agent = make_agent(runtime, ["one", "two"])
    recording = tracer.attach(agent)
    assert tracer.attach(agent) is recording
    await run(agent)
    recording.detach()
    await run(agent)
    session = tracer.open(recording.id)
    assert len(of_kind(session, r.InvocationStart)) == 1
    assert tracer.attach(agent) is not recording


async def test_several_invocations_share_history_by_reference() -> None:
    agent = make_agent("own", ["one", "two"])
    recording = tracer.attach(agent)
    await run(agent, "first")
    await run(agent, "second")
    recording.close()
    session = tracer.open(recording.id)
    calls = of_kind(session, r.ModelStart)
    assert calls[1].messages[: len(calls[0].messages)] == calls[0].messages
    sent = [cast(r.Message, session.record(seq)) for seq in calls[1].messages]
    assert [(m.role, m.content) for m in sent] == [(m["role"], m["content"]) for m in agent.messages[:3]]
    assert [c.inv for c in calls] == ["0", "1"]


async def test_messages_from_before_are_written_as_history() -> None:
    past = [{"role": "user", "content": [{"text": "old"}]}, {"role": "assistant", "content": [{"text": "older"}]}]
    agent = make_agent("own", ["fine"], messages=past)
    recording = tracer.attach(agent)
    await run(agent)
    recording.close()
    session = tracer.open(recording.id)
    assert [m.origin for m in of_kind(session, r.Message)] == ["prompt", "history", "history", "model"]
    sent = [cast(r.Message, session.record(seq)) for seq in of_kind(session, r.ModelStart)[0].messages]
    assert [message.content[0]["text"] for message in sent] == ["old", "older", "add them"]


async def test_labels_become_words_and_what_is_no_dict_is_refused() -> None:
    agent, wrong = make_agent("own", [text("hi")]), cast(Any, "env=test")
    with pytest.raises(TypeError, match="labels are a dict"):
        tracer.attach(agent, labels=wrong)
    recording = tracer.attach(agent, labels=cast(Any, {"user": 42}))
    recording.detach()
    assert Session(recording.path).header.labels == {"user": "42"}


async def test_labels_reach_the_header_and_the_invocations() -> None:
    agent = make_agent("own", ["one", "two"])
    recording = tracer.attach(agent, labels={"env": "test"})
    with tracer.label(request_id="r-91"):
        await run(agent)
    await run(agent)
    recording.close()
    session = tracer.open(recording.id)
    assert session.header.labels == {"env": "test"}
    assert [i.labels for i in of_kind(session, r.InvocationStart)] == [{"request_id": "r-91"}, {}]


async def test_a_sub_agent_is_recorded_once_under_its_caller() -> None:
    import agent_runtime

    inner = make_agent("own", ["written"], name="writer", description="Writes.")
    model = agent_runtime.ScriptedModel([[call("writer", {"input": "a poem"})], "done"])
    outer = agent_runtime.Agent(model=model, tools=[inner.as_tool()], callback_handler=None)
    recording = tracer.attach(outer)
    live = await run(outer)
    recording.close()
    session = tracer.open(recording.id)
    assert [i.inv for i in of_kind(session, r.InvocationStart)] == ["0", "0.0"]
    nested = next(s for s in session.spans() if s.path == "inv:0.0")
    assert nested.parent and nested.parent.path == "inv:0/cycle:1/tool:0"
    streamed = of_kind(session, r.ToolStream)
    assert streamed and all(record.of is not None and record.data is None for record in streamed)
    again = [event async for event in tracer.replay(session, speed=0)]
    inner_live = [e["tool_stream_event"]["data"] for e in live if "tool_stream_event" in e]
    inner_again = [e["tool_stream_event"]["data"] for e in again if "tool_stream_event" in e]
    assert [{k: v for k, v in e.items() if k != "result"} for e in inner_again] == [
        {k: v for k, v in e.items() if k != "result"} for e in inner_live]  # fmt: skip


async def test_an_agent_made_inside_a_tool_is_recorded_too() -> None:
    async def ask() -> str:
        """Ask another."""
        inner = make_agent("own", ["inner answer"])
        return str((await inner.invoke_async("psst")).stop_reason)

    agent = make_agent("own", [[call("ask", {})], "done"], [ask])
    recording = tracer.attach(agent)
    await run(agent)
    recording.close()
    assert [i.inv for i in of_kind(tracer.open(recording.id), r.InvocationStart)] == ["0", "0.0"]


async def test_what_json_cannot_hold_is_recorded_in_a_typed_form() -> None:
    class Odd:
        def __repr__(self) -> str:
            return "<odd>"

    cyclic: list[Any] = []
    cyclic.append(cyclic)

    async def stream_odd() -> Any:
        """Stream oddities."""
        for value in (Odd(), b"\x00\xff", float("nan"), 2**80, cyclic, {1: {2}}, "lone \ud800 surrogate"):
            yield value
        yield "done"

    agent = make_agent("own", [[call("stream_odd", {})], "ok"], [stream_odd])
    recording = tracer.attach(agent)
    await run(agent)
    recording.close()
    session = tracer.open(recording.id)
    data = [record.data for record in of_kind(session, r.ToolStream)]
    assert data[0]["repr"] == "<odd>"
    assert data[1:4] == [{"$bytes": "AP8="}, {"$float": "nan"}, {"$int": str(2**80)}]
    assert "$cut" in json.dumps(data[4])
    assert [gap.reason.rpartition(": ")[2] for gap in of_kind(session, r.Gap)] == ["list that holds itself"]


async def test_a_folder_that_cannot_be_written_does_not_hurt_the_agent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "sessions").write_text("a file is in the way")
    agent = make_agent("own", ["fine"])
    with caplog.at_level(logging.WARNING, "tracer"):
        recording = tracer.attach(agent)
    assert recording.failed and "nothing is recorded" in caplog.text
    assert (await run(agent))[-1]["result"].stop_reason == "end_turn"


async def test_trouble_in_the_recorder_stays_in_the_recorder(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = make_agent("own", TWO_TOOLS, [add])
    recording = tracer.attach(agent)
    monkeypatch.setattr("tracer.recording.run.Run._message", lambda self, event: 1 / 0)
    monkeypatch.setattr("tracer.recording.run._EVENTS", (("message", lambda self, event: 1 / 0),))
    live = await run(agent)
    recording.close()
    assert live[-1]["result"].stop_reason == "end_turn"
    gaps = of_kind(tracer.open(recording.id), r.Gap)
    assert len(gaps) >= 3 and "ZeroDivisionError" in gaps[0].reason


async def test_a_forked_child_does_not_write_into_its_parents_file() -> None:
    agent = make_agent("own", ["one", "two"])
    recording = tracer.attach(agent)
    await run(agent)
    before = recording.path.read_bytes()
    pid = os.fork()
    if pid == 0:
        recording.write(r.Log(text="from the child"))
        os._exit(0)
    os.waitpid(pid, 0)
    assert recording.path.read_bytes() == before
    recording.close()
    assert tracer.open(recording.id).state == "ended"


def test_something_else_is_refused_with_its_class() -> None:
    with pytest.raises(TypeError, match="dict"):
        tracer.attach({})


@needs_strands
async def test_a_program_is_recorded_whole_whichever_runtime_its_agents_are_of() -> None:
    from tracer.recorder import record_program

    recording = record_program("both")
    await run(make_agent("own", ["one"]))
    await run(make_agent("stock", ["two"]))
    recording.close()
    assert [i.inv for i in of_kind(tracer.open(recording.id), r.InvocationStart)] == ["0", "1"]


async def test_values_that_hold_themselves_or_multiply_do_not_hold_up_the_agent() -> None:
    root: dict[str, Any] = {"name": "root"}
    root["children"] = [{"n": n, "parent": root} for n in range(3)]
    shared: Any = ["leaf"]
    for _ in range(40):
        shared = [shared, shared]

    async def tree() -> Any:
        """Give a tree."""
        yield root
        yield shared
        yield 10**9000
        yield "done"

    agent = make_agent("own", [[call("tree", {})], "ok"], [tree])
    recording = tracer.attach(agent)
    await asyncio.wait_for(run(agent), 200)
    recording.close()
    session = tracer.open(recording.id)
    data = [record.data for record in of_kind(session, r.ToolStream)]
    assert data[0]["children"][2] == {"n": 2, "parent": {"$cut": "dict"}}
    said = [gap.reason.rpartition(": ")[2] for gap in of_kind(session, r.Gap) if not gap.count]
    assert said == ["dict that holds itself", "list too deep or among too many"]
