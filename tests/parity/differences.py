"""The differences between the runtimes that docs/strands.md owns up to, each as a function of its row's name that takes
it out of two observations. Nothing else is evened out: what none of these takes away is a failure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

from tests.parity.stage import Entry, Observation

_DRAWN = re.compile(r"call_[0-9a-f]{8}-[0-9a-f-]{27}|tooluse_\w+_\d{6,}")
_WRAPPED = "litellm.MidStreamFallbackError: "
_OWN_WORDS = ("ConcurrencyException", "TypeError", "ValueError", "KeyError")
Difference = Callable[[Observation, Observation], None]
_EACH_CYCLE = ("agent", "event_loop_cycle_id", "request_state", "event_loop_cycle_trace", "event_loop_cycle_span")
_AFTER_TOOLS = ("model", "messages", "system_prompt", "tool_config", "event_loop_parent_cycle_id")


def said(entry: Entry) -> dict[str, Any]:
    """The event that an entry is, a sub-agent's without what it is wrapped in; {} if it is none."""
    kind, what = entry
    while kind == "event" and isinstance(data := what.get("tool_stream_event", {}).get("data"), dict):
        what = data
    return what if kind == "event" else {}


def json_safe_events(own: Observation, stock: Observation) -> None:
    """Stock merges the invocation_state into some events."""
    for event in map(said, stock.told):
        if {"delta", "init_event_loop", "event_loop_throttled_delay"} & event.keys():
            for key in (*_EACH_CYCLE, *_AFTER_TOOLS, "user_id"):
                event.pop(key, None)


def start_once(own: Observation, stock: Observation) -> None:
    """Stock says `start` twice in each cycle after the first."""
    told = stock.told
    stock.told = [
        entry
        for entry, follows in zip(told, [*told[1:], ("", None)], strict=True)
        if not ("start" in said(entry) and follows == entry)
    ]


def complete(own: Observation, stock: Observation) -> None:
    """Stock never sends `complete`."""
    own.told = [entry for entry in own.told if said(entry) != {"complete": True}]


def bare_messages(own: Observation, stock: Observation) -> None:
    """Stock's messages carry the call's metadata and an id of their own."""
    stock.told = [(kind, _bare(what)) for kind, what in stock.told]
    stock.history = _bare(stock.history)


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        extra = ("metadata", "tracking_id") if "role" in value and "content" in value else ()
        return {key: _bare(item) for key, item in value.items() if key not in extra}
    return [_bare(item) for item in value] if isinstance(value, list) else value


def text_is_text(own: Observation, stock: Observation) -> None:
    """Stock sends even a single text as a list of parts, which some servers refuse."""
    for request in stock.requests:
        for message in request["messages"]:
            parts = message.get("content")
            if isinstance(parts, list) and len(parts) == 1 and set(parts[0]) == {"type", "text"}:
                message["content"] = parts[0]["text"]


def latency(own: Observation, stock: Observation) -> None:
    """No difference but a measurement."""
    for seen in (own, stock):
        for event in map(said, seen.told):
            if "metadata" in event.get("event", ()):
                event["event"]["metadata"]["metrics"]["latencyMs"] = 0


def generated_ids(own: Observation, stock: Observation) -> None:
    """No difference: an id for a call without one is drawn."""
    for seen in (own, stock):
        drawn: dict[str, str] = {}
        seen.told = [(kind, _numbered(what, drawn)) for kind, what in seen.told]
        seen.history, seen.requests = _numbered(seen.history, drawn), _numbered(seen.requests, drawn)


def _numbered(value: Any, drawn: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _numbered(item, drawn) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbered(item, drawn) for item in value]
    if isinstance(value, str) and _DRAWN.fullmatch(value):
        return drawn.setdefault(value, f"drawn {len(drawn) + 1}")
    return value


def nothing_empty_is_sent(own: Observation, stock: Observation) -> None:
    """Stock sends an empty list of tools, and an empty system prompt, which some servers refuse."""
    for request in stock.requests:
        if request.get("tools") == []:
            del request["tools"]
        if request["messages"][:1] == [{"role": "system", "content": ""}]:
            del request["messages"][0]


def usage_says_more(own: Observation, stock: Observation) -> None:
    """Here a usage says how much was reasoning, and whether it is litellm's own estimate."""
    for event in map(said, own.told):
        if "metadata" in event.get("event", ()):
            for key in ("reasoningTokens", "estimated"):
                event["event"]["metadata"]["usage"].pop(key, None)


MEASURED: tuple[Difference, ...] = (latency, generated_ids)
ALWAYS: tuple[Difference, ...] = (
    *MEASURED,
    json_safe_events,
    start_once,
    complete,
    bare_messages,
    text_is_text,
    nothing_empty_is_sent,
    usage_says_more,
)


def _ends_with_force_stop(own: Observation, stop_reason: str) -> None:
    """Take the `force_stop` away that comes before the end of an invocation with that reason."""
    for place, entry in reversed(list(enumerate(own.told))):
        after = own.told[place + 1 : place + 2]
        if "force_stop" in said(entry) and after and _ended(after[0]) == stop_reason:
            del own.told[place]


def _ended(entry: Entry) -> str | None:
    """The stop reason that AfterInvocationEvent tells, if that is what it is."""
    if entry[0] != "hook" or entry[1][0] != "AfterInvocationEvent":
        return None
    result = entry[1][1]["result"]
    return result["stop_reason"] if result else "raised"


def broken_stream_is_told(own: Observation, stock: Observation) -> None:
    """A stream without a stop ends a cycle with `force_stop` here; stock's litellm model makes the stop up."""
    _ends_with_force_stop(own, "end_turn")
    if stops := [entry for entry in stock.told if "messageStop" in said(entry).get("event", ())]:
        stock.told.remove(stops[-1])


def cancel_is_told(own: Observation, stock: Observation) -> None:
    """`agent.cancel()` ends a cycle with `force_stop` here."""
    _ends_with_force_stop(own, "cancelled")


def limit_is_told(own: Observation, stock: Observation) -> None:
    """A limit ends a cycle with `force_stop` here; stock begins one more and leaves it."""
    for reason in ("limit_turns", "limit_output_tokens", "limit_total_tokens"):
        _ends_with_force_stop(own, reason)
    told = stock.told
    stock.told = [
        entry
        for entry, follows in zip(told, [*told[1:], ("", None)], strict=True)
        if not ("start" in said(entry) and (_ended(follows) or "").startswith("limit_"))
    ]


def a_stopped_call_asks_nobody(own: Observation, stock: Observation) -> None:
    """Cancelled before the model was asked, stock asks it all the same."""
    del stock.requests[len(own.requests) :]


def max_tokens_is_told(own: Observation, stock: Observation) -> None:
    """max_tokens ends a cycle with `force_stop` here."""
    _raised_in_own_words(own, stock, "MaxTokensReachedException")
    _ends_with_force_stop(own, "raised")


def _raised_in_own_words(own: Observation, stock: Observation, name: str) -> None:
    """Both raise it, and say it in words of their own; force_stop's reason is the same."""
    for seen in (own, stock):
        for kind, what in seen.told:
            if kind == "raised" and what[0] == name:
                what[1] = "..."


def one_force_stop(own: Observation, stock: Observation) -> None:
    """Stock says `force_stop` again for each cycle that is open, and wraps the exception from the second cycle on."""
    told = stock.told
    repeated = ["force_stop" in said(one) and one == other for one, other in itertools.pairwise(told)]
    stock.told = [entry for entry, again in zip(told, [*repeated, False], strict=True) if not again]
    if any(repeated):
        cause = next(what[1]["exception"] for kind, what in own.told if kind == "hook" and what[1].get("exception"))
        stock.told = [
            (kind, [cause["exception"], what[1]] if kind == "raised" and what[0] == "EventLoopException" else what)
            for kind, what in stock.told
        ]


def providers_exception(own: Observation, stock: Observation) -> None:
    """litellm wraps what breaks a stream; here the exception itself leaves."""
    stock.told = [(kind, _unwrapped(what)) for kind, what in stock.told]
    stock.history, stock.requests = _unwrapped(stock.history), _unwrapped(stock.requests)


def _unwrapped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unwrapped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    if value == "MidStreamFallbackError":
        return "APIConnectionError"
    if isinstance(value, str) and _WRAPPED in value:
        before, _, inside = value.partition(_WRAPPED)
        return before + inside.partition(" Original exception: ")[0]
    return value


def tool_use_is_said(own: Observation, stock: Observation) -> None:
    """A tool call that the provider ended as an answer: here the chunk says what the runtime makes of it."""
    for kind, what in stock.told:
        if kind == "event" and what.get("event", {}).get("messageStop") == {"stopReason": "end_turn"}:
            what["event"]["messageStop"]["stopReason"] = "tool_use"
            return


def after_invocation_always(own: Observation, stock: Observation) -> None:
    """Here AfterInvocationEvent comes too when a hook of BeforeInvocationEvent failed."""
    own.told.remove(("hook", ["AfterInvocationEvent", {"result": None}]))


def told_once(own: Observation, stock: Observation) -> None:
    """A hook that fails at AfterModelCallEvent: stock tells the hooks again, of the hook's error."""
    again = {"exception": {"exception": "RuntimeError", "text": "the hook broke"}, "stop_response": None}
    stock.told.remove(("hook", ["AfterModelCallEvent", again]))


def result_of_a_refusal(own: Observation, stock: Observation) -> None:
    """Of an invocation that a hook refused, AfterInvocationEvent has the result here."""
    for kind, what in own.told:
        if kind == "hook" and what[0] == "AfterInvocationEvent":
            what[1]["result"] = None


def inputs_are_copies(own: Observation, stock: Observation) -> None:
    """What a hook does to a tool's input in place changes what runs, and not what the model said."""
    for use in (block["toolUse"] for message in own.history for block in message["content"] if "toolUse" in block):
        use["input"] = {"number": 50}
    for request in own.requests:
        for one in (one for message in request["messages"] for one in message.get("tool_calls", ())):
            one["function"]["arguments"] = '{"number": 50}'


def retried_as_proposed(own: Observation, stock: Observation) -> None:
    """A call that is repeated begins with what the model proposed here, in stock with what hooks made of it."""
    for seen in (own, stock):
        calls = [what[1] for kind, what in seen.told if kind == "hook" and what[0] == "BeforeToolCallEvent"]
        for again in calls[1:]:
            again["tool_use"]["input"] = None


def exceptions_are_told(own: Observation, stock: Observation) -> None:
    """Here AfterToolCallEvent has the exception too when structured output is invalid or a sub-agent failed."""
    before = [what[1] for kind, what in stock.told if kind == "hook" and what[0] == "AfterToolCallEvent"]
    after = [what[1] for kind, what in own.told if kind == "hook" and what[0] == "AfterToolCallEvent"]
    for theirs, mine in zip(before, after, strict=True):
        if theirs["exception"] is None and mine["result"]["status"] == "error":
            mine["exception"] = None


def own_words(own: Observation, stock: Observation) -> None:
    """The runtime's own exceptions say the cause and the next step."""
    for seen in (own, stock):
        for kind, what in seen.told:
            if kind == "raised" and what[0] in _OWN_WORDS:
                what[1] = "in words of its own"


def request_order(own: Observation, stock: Observation) -> None:
    """After an interrupt the results are in the order of the requests here; stock has first those that were done."""
    for place, (kind, what) in enumerate(stock.told):
        stock.told[place] = (kind, _sorted(what))
    stock.history, stock.requests = _sorted(stock.history), _sorted(stock.requests)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if value and all(isinstance(item, dict) and "toolResult" in item for item in value):
        return sorted(value, key=lambda item: item["toolResult"]["toolUseId"])
    items = [_sorted(item) for item in value]
    tools = [item for item in items if isinstance(item, dict) and item.get("role") == "tool"]
    if tools:
        first = items.index(tools[0])
        items[first : first + len(tools)] = sorted(tools, key=lambda item: item["tool_call_id"])
    return items


def whole_schema(own: Observation, stock: Observation) -> None:
    """The schema of a structured output is pydantic's own here; stock flattens it."""
    for seen in (own, stock):
        for function in (tool["function"] for request in seen.requests for tool in request.get("tools", ())):
            if "StructuredOutputTool" in function["description"]:
                function["parameters"] = "in a form of its own"


def cancel_message_everywhere(own: Observation, stock: Observation) -> None:
    """The text that `cancel` was given is in AfterModelCallEvent too."""
    for kind, what in stock.told:
        if kind == "hook" and what[0] == "AfterModelCallEvent":
            for block in what[1]["stop_response"]["message"]["content"]:
                block["text"] = block["text"].replace("Cancelled by user", "enough")


def left_tools_are_told(own: Observation, stock: Observation) -> None:
    """Of a tool that was running when the reader left, AfterToolCallEvent tells here; all before the next call."""
    (left,) = [entry for entry in own.told if entry[0] == "hook" and entry[1][0] == "AfterToolCallEvent"]
    own.told.remove(left)
    for seen in (own, stock):
        (end,) = [entry for entry in seen.told if entry[0] == "hook" and entry[1][0] == "AfterToolsEvent"]
        seen.told.remove(end)


def after_tools_always(own: Observation, stock: Observation) -> None:
    """Here AfterToolsEvent comes too when a hook of BeforeToolsEvent asked a question."""
    own.told.remove(("hook", ["AfterToolsEvent", {"message": {"role": "user", "content": []}}]))


def unanswered_calls_first(own: Observation, stock: Observation) -> None:
    """Calls that a prompt leaves unanswered are answered inside the invocation here, and before it in stock."""
    for seen in (own, stock):
        (added,) = [entry for entry in seen.told if entry[0] == "hook" and _answers_the_left(entry[1])]
        seen.told.remove(added)


def _answers_the_left(hook: Any) -> bool:
    return bool(hook[0] == "MessageAddedEvent" and "Tool was interrupted." in repr(hook[1]))


def throttled_before_the_wait(own: Observation, stock: Observation) -> None:
    """`event_loop_throttled_delay` comes before the wait here, in stock after it: no wait is silent."""
    for seen in (own, stock):
        seen.told = [entry for entry in seen.told if "event_loop_throttled_delay" not in said(entry)]


def refusal_is_told(own: Observation, stock: Observation) -> None:
    """A structured output that the model refuses ends a cycle with `force_stop` here."""
    _raised_in_own_words(own, stock, "StructuredOutputException")
    _ends_with_force_stop(own, "raised")
