"""Scenarios of a model without a provider, a row of raw chunks a call: what no OpenAI-style server sends."""

from __future__ import annotations

from typing import Any

from agent_runtime.errors import ModelThrottledException
from tests.parity.apart import apart
from tests.parity.differences import broken_stream_is_told, one_force_stop, throttled_before_the_wait
from tests.parity.scenario import Scenario
from tests.parity.tools import double

START: Any = {"messageStart": {"role": "assistant"}}
OPEN: Any = {"contentBlockStart": {"start": {}}}
CLOSE: Any = {"contentBlockStop": {}}
USAGE = {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}


TRIES: Any = {n: lambda sdk, n=n: {"retry_strategy": sdk.retry(n)} for n in (2, 3)}


def delta(**body: Any) -> Any:
    return {"contentBlockDelta": {"delta": body}}


def block(*deltas: Any) -> list[Any]:
    return [OPEN, *deltas, CLOSE]


def use(*pieces: str, name: str = "double", id: str = "t") -> list[Any]:
    head = {"contentBlockStart": {"start": {"toolUse": {"name": name, "toolUseId": id}}}}
    return [head, *(delta(toolUse={"input": piece}) for piece in pieces), CLOSE]


def ends(reason: str = "end_turn") -> list[Any]:
    return [{"messageStop": {"stopReason": reason}}, {"metadata": {"usage": USAGE, "metrics": {"latencyMs": 1}}}]


def thinks(**body: Any) -> Any:
    return delta(reasoningContent=body)


SAID = [START, *block(delta(text="Done.")), *ends()]
ASKED = [START, *use('{"number": 2}'), *ends("tool_use")]


def streamed(name: str, *script: Any, **more: Any) -> Scenario:
    return Scenario(name=name, script=script, tools=[double], **more)


CITED = delta(citation={"title": "T", "location": {}})
REDACTED = {"redactContent": {"redactUserContentMessage": "[u]", "redactAssistantContentMessage": "[a]"}}
SLOW = [ModelThrottledException("slow")]
TWICE: Any = {"prompts": ["go", "on"]}
KEPT = apart("kept_without_a_stop", "'text': 'Done.'}]")


SCENARIOS = [
    streamed("signature", [START, *block(thinks(text="Hm."), thinks(signature="sig==")), *SAID[1:]]),
    streamed("redacted reasoning", [START, *block(thinks(redactedContent=b"secret")), *SAID[1:]]),
    streamed(
        "citations", [START, *block(delta(text="As said. "), delta(citation={"title": "T", "location": {}})), *ends()]
    ),
    streamed("no metadata", [*SAID[:-1]]),
    streamed("stop sequence", [START, *block(delta(text="a")), *ends("stop_sequence")]),
    streamed("guardrail", [START, *block(delta(text="a")), *ends("guardrail_intervened")]),
    streamed(
        "tool input in one piece and in none",
        [START, *use('{"number": 1}', id="a"), *use(id="b"), *ends("tool_use")],
        SAID,
    ),
    streamed("end_turn with a tool call", [*ASKED[:-2], *ends()], SAID),
    streamed(
        "stop_sequence with a tool call",
        [*ASKED[:-2], *ends("stop_sequence")],
        SAID,
        known=[apart("stop_sequence_is_no_end", "('run', ['double'")],
    ),
    streamed("an answer that the provider cut, with text alone", [START, *block(delta(text="a")), *ends("refusal")]),
    streamed("text before and after its block", [START, delta(text="a"), CLOSE, *block(delta(text="b")), *ends()]),
    streamed("blocks that nobody knows", [START, {"odd": 1}, {}, OPEN, delta(odd=1), delta(text="a"), CLOSE, *ends()]),
    streamed("two usages", [*SAID, SAID[-1]]),
    streamed("chunks after the stop", [*SAID, *block(delta(text="b"))]),
    streamed("what was said is taken back", [START, *block(delta(text="a")), REDACTED, *ends("guardrail_intervened")]),
    streamed("what was asked is taken back before an error", [START, REDACTED, ValueError("no")]),
    streamed("tool results are taken back", ASKED, [START, REDACTED, *block(delta(text="a")), *ends()], SAID, **TWICE),
    streamed(
        "throttled, and a hook will not have it again",
        SLOW,
        SAID,
        options=TRIES[2],
        hooks=[("AfterModelCallEvent", lambda event: setattr(event, "retry", False))],
        known=[apart("retry_is_the_hooks", "('raised', ['ModelThrottledException'", "'data': 'Done.'")],
    ),
    streamed("throttled in the second cycle", ASKED, SLOW, SAID, options=TRIES[2], known=[throttled_before_the_wait]),
    streamed("no messageStop", SAID[:-2], known=[broken_stream_is_told]),
    streamed(
        "no contentBlockStop",
        [START, OPEN, delta(text="Done."), *ends()],
        known=[apart("kept_without_a_stop", "'text': 'Done.'}]")],
    ),
    streamed("no chunks at all", [], known=[broken_stream_is_told]),
    streamed("an error in mid stream", [START, OPEN, delta(text="Do"), ValueError("broken")]),
    streamed("an error in mid tool call", [START, *use('{"num')[:-1], KeyError("broken")]),
    streamed("throttled", [ModelThrottledException("slow")], SAID, options=TRIES[3], known=[throttled_before_the_wait]),
    streamed(
        "throttled to the end",
        *[[ModelThrottledException("slow")]] * 3,
        options=TRIES[2],
        known=[throttled_before_the_wait],
    ),
    streamed("an error of the model's after tools", ASKED, [ValueError("broken")], known=[one_force_stop]),
]
