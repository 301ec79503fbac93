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
SLOW = [ModelThrottledException("slow")]
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
