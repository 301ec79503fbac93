"""Edits in a recording: who changed what, what was sent all the same, and an invocation that a hook opens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tracer
from agent_runtime import hooks
from agent_runtime.models.scripted import call, text, usage
from tests.runtimes import RUNTIMES, make_agent
from tracer import records as r
from tracer.recording.watch import hooks_of
from tracer.session import Session
from tracer.text.lines import Lines
from tracer.text.record import request_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))


def say(words: str) -> str:
    """Say it.

    Args:
        words: what
    """
    return words


CALLS = [[text("Hm. "), call("say", {"words": "a"}, id="c"), usage(3, 4)], "Done."]


async def recorded(agent: Any, *prompts: str) -> tuple[Session, list[dict[str, Any]]]:
    recording = tracer.attach(agent)
    events = [event for prompt in prompts or ("go",) async for event in agent.stream_async(prompt)]
    recording.close()
    assert recording.failed == ""
    return tracer.open(recording.id), events


def of_kind(session: Session, *kinds: type[r.Record]) -> list[Any]:
    return [record for record in session.records() if isinstance(record, kinds)]


def lines(session: Session) -> list[str]:
    told = Lines()
    return [line.text for record in session.records() if (line := told.feed(record))]


async def replayed(session: Session, live: list[dict[str, Any]]) -> None:
    again = [event async for event in tracer.replay(session.id, speed=0)]
    assert again[:-1] == live[:-1] and again[-1]["result"].to_dict() == json.loads(
        json.dumps(live[-1]["result"].to_dict())
    )


async def test_who_cut_the_message_stands_before_it() -> None:
    agent = make_agent("own", ["Hi."])

    def shorten(event: hooks.BeforeInvocationEvent) -> None:
        event.messages[0]["content"][0]["text"] = event.messages[0]["content"][0]["text"][:4]

    agent.add_hook(shorten)
    session, events = await recorded(agent, "a long prompt")
    (edit,) = of_kind(session, r.Edited)
    line = shorten.__code__.co_firstlineno
    assert (edit.what, edit.path, edit.before, edit.after) == ("prompt", "[0].content[0].text", "a long prompt", "a lo")
    assert (edit.who, edit.where) == ("hook shorten", r.Where(__file__, line, "shorten"))
    (message,) = [m for m in of_kind(session, r.Message) if m.origin == "prompt"]
    assert message.content == [{"text": "a lo"}] and edit.seq < message.seq
    told = f"edited prompt [0].content[0].text by hook shorten (test_edits.py:{line}): a long prompt → a lo"
    assert told in lines(session)
    await replayed(session, events)


async def test_an_edited_input_and_result_lie_in_their_call() -> None:
    agent = make_agent("own", CALLS, [say])

    async def other(event: hooks.BeforeToolCallEvent) -> None:
        event.tool_use["input"]["words"] = "b"

    def louder(event: hooks.AfterToolCallEvent) -> None:
        event.result["content"][0]["text"] += "!"

    for hook in (other, louder):
        agent.add_hook(hook)
    session, events = await recorded(agent)
    start, first, second, end = of_kind(session, r.ToolStart, r.Edited, r.ToolEnd)
    assert (start.input, end.input, end.result["content"]) == ({"words": "a"}, {"words": "b"}, [{"text": "b!"}])
    assert (first.what, first.before, first.after, first.who) == ("input", {"words": "a"}, {"words": "b"}, "hook other")
    assert (second.what, second.path, second.who) == ("result", "content[0].text", "hook louder")
    span = next(span for span in session.spans() if span.kind == "tool")
    assert span.edits == (first.seq, second.seq) and span.edited
    await replayed(session, events)


async def test_the_request_is_rebuilt_as_it_was_sent() -> None:
    agent = make_agent("own", CALLS, [say], system_prompt="Be kind.")

    def narrow(event: hooks.BeforeModelCallEvent) -> None:
        if event.request.messages[-1]["role"] == "user" and "text" in event.request.messages[-1]["content"][0]:
            event.request.messages[-1]["content"][0]["text"] = "other"
            event.request.system_prompt, event.request.tool_specs = "Be brief.", []
            event.request.params["temperature"], event.request.tool_choice = 0, {"auto": {}}

    def in_agent(event: hooks.BeforeModelCallEvent) -> None:
        if event.request.system_prompt == "Be kind.":
            event.agent.system_prompt = "Be quick."

    for hook in (narrow, in_agent):
        agent.add_hook(hook)
    session, events = await recorded(agent)
    first, second = (request_of(session, start.seq) for start in of_kind(session, r.ModelStart))
    assert (first["messages"], first["system"], first["tools"]) == (
        [{"role": "user", "content": [{"text": "other"}]}], "Be brief.", None,
    )  # fmt: skip
    assert (first["params"]["temperature"], first["tool_choice"]) == (0, {"auto": {}})
    assert second["messages"][0]["content"] == [{"text": "go"}] and len(second["messages"]) == 3
    assert (second["system"], second["tools"][0]["name"], "tool_choice" in second) == ("Be quick.", "say", False)
    said = [(edit.what, edit.path, edit.who) for edit in of_kind(session, r.Edited)]
    assert said[0] == ("request", "messages[0].content[0].text", "hook narrow")
    assert said[-1] == ("system", "", "hook in_agent") and len(said) == 6
    await replayed(session, events)


async def test_what_a_tool_changed_is_found_before_the_next_request() -> None:
    from agent_runtime import tool

    @tool(context=True)
    def change(tool_context: Any) -> str:
        """Change the prompt."""
        tool_context.agent.system_prompt = "Mine."
        return "ok"

    agent = make_agent("own", [[call("change", {})], "Done."], system_prompt="Yours.")
    agent.tool_registry.registry["change"] = change
    session, _ = await recorded(agent)
    _, edit, second = of_kind(session, r.ModelStart, r.Edited)
    assert (edit.what, edit.before, edit.after, edit.who, edit.where) == ("system", "Yours.", "Mine.", "", None)
    assert request_of(session, second.seq)["system"] == "Mine."
    assert "edited system by no hook (found changed since the last call): Yours. → Mine." in lines(session)


async def test_secrets_in_an_edit_never_reach_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "hunter2-hunter2")
    agent = make_agent("own", CALLS, [say])

    def leak(event: hooks.BeforeToolCallEvent) -> None:
        event.tool_use["input"] = {"words": "hunter2-hunter2", "hunter2-hunter2": 1}
        del event.tool_use["input"]["hunter2-hunter2"]

    agent.add_hook(leak)
    session, _ = await recorded(agent)
    (edit,) = of_kind(session, r.Edited)
    assert edit.after["words"].startswith("[redacted:") and b"hunter2" not in session.path.read_bytes()


async def test_a_recording_without_user_hooks_has_no_edits_and_compares_no_callback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from agent_runtime.edits import callbacks

    async def never(*args: Any) -> None:
        raise AssertionError("the recorder and the debugger only read, or tell of their edits themselves")

    monkeypatch.setattr(callbacks._Watch, "call", never)
    agent = make_agent("own", [*CALLS, "Hi."], [say])
    recording = tracer.attach(agent, debug=True)
    for _ in range(2):
        async for _event in agent.stream_async("go"):
            pass
    recording.close()
    session = tracer.open(recording.id)
    assert of_kind(session, r.Edited, r.Gap) == []
    assert [end.ending for end in of_kind(session, r.InvocationEnd)] == ["end_turn"] * 2


@pytest.mark.parametrize("runtime", RUNTIMES)
async def test_a_resumed_invocation_is_one_of_its_own(runtime: str) -> None:
    agent = make_agent(runtime, [*CALLS, "Again."], [say])
    seen: list[str] = []

    async def more(event: Any) -> None:
        event.resume = None if seen else "And then?"
        seen.append(str(event.result))

    agent.add_hook(more, hooks_of(agent).AfterInvocationEvent)
    session, events = await recorded(agent)
    starts, ends = of_kind(session, r.InvocationStart), of_kind(session, r.InvocationEnd)
    assert [(s.inv, s.prompt) for s in starts] == [("0", "go"), ("1", "And then?")]
    assert [(e.inv, e.ending, e.stop_reason) for e in ends] == [
        ("0", "end_turn", "end_turn"),
        ("1", "end_turn", "end_turn"),
    ]
    assert ends[0].result is None and ends[1].result is not None and ends[0].seq < starts[1].seq
    roots = session.timeline().roots
    assert [(root.status, [child.path for child in root.children]) for root in roots] == [
        ("ok", ["inv:0/cycle:1", "inv:0/cycle:2"]),
        ("ok", ["inv:1/cycle:1"]),
    ]
    prompts = [(m.inv, m.content[0]["text"]) for m in of_kind(session, r.Message) if m.origin == "prompt"]
    assert prompts == [("0", "go"), ("1", "And then?")]
    assert sum("init_event_loop" in event for event in events) == 2
    again = [event async for event in tracer.replay(session.id, speed=0)]
    assert len(again) == len(events) and sum("result" in event for event in again) == 1
    assert of_kind(session, r.Gap) == []


async def test_a_resumed_invocation_has_the_caller_and_the_trace_of_the_first() -> None:
    def more(event: Any) -> None:
        event.resume = "more" if "One" in str(event.result) else None

    inner = make_agent("own", ["One.", "Two."], name="inner")
    inner.add_hook(more, hooks.AfterInvocationEvent)
    outer = make_agent("own", [[call("inner", {"input": "go"})], "One.", "Two."])
    outer.tool_registry.registry["inner"] = inner.as_tool()
    outer.add_hook(more, hooks.AfterInvocationEvent)
    recording = tracer.attach(outer)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    events = [event async for event in outer.stream_async("go", invocation_state={"traceparent": parent})]
    recording.close()
    session = tracer.open(recording.id)
    starts, (tool,) = of_kind(session, r.InvocationStart), of_kind(session, r.ToolStart)
    assert [(s.inv, s.caller, s.traceparent) for s in starts] == [
        ("0", None, parent), ("0.0", tool.seq, ""), ("0.1", tool.seq, ""), ("1", None, parent),
    ]  # fmt: skip
    await replayed(session, events)


async def test_a_resumed_invocation_that_fails_or_is_left_ends_as_it_did() -> None:
    from agent_runtime.models.scripted import fail

    def more(event: hooks.AfterInvocationEvent) -> None:
        event.resume = "more" if event.result is not None and "One" in str(event.result) else None

    agent = make_agent("own", ["One.", fail(ValueError("no")), "One.", ["Two ", "three"]])
    agent.add_hook(more)
    recording = tracer.attach(agent)
    with pytest.raises(ValueError, match="no"):
        async for _ in agent.stream_async("go"):
            pass
    stream, seen = agent.stream_async("go"), 0
    async for event in stream:
        seen += "init_event_loop" in event
        if seen == 2 and "data" in event:
            break
    await stream.aclose()
    recording.close()
    ends = of_kind(tracer.open(recording.id), r.InvocationEnd)
    assert [(end.inv, end.ending) for end in ends] == [
        ("0", "end_turn"), ("1", "error"), ("2", "end_turn"), ("3", "abandoned"),
    ]  # fmt: skip
