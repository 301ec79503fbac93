"""Sessions of random shape for property tests: sensible ones, and ones that no runtime would write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from tracer import records as r
from tracer.testing import SessionBuilder

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OPS = [
    *("start", "start_traced", "sub", "cycle", "model", "think", "calls", "fail", "tool_start", "tool_end", "tool_bad"),
    *("message", "stop", "resume", "edit", "throttle", "force", "complete", "end_ok", "end_limit", "end_cancelled"),
    *("end_error", "model_start", "model_end", "gap", "log"),
]
shapes = st.lists(st.tuples(st.sampled_from(OPS), st.integers(0, 3)), max_size=60)


def write(path: Path, shape: list[tuple[str, int]]) -> SessionBuilder:
    """The records of a shape, in a file that is not closed yet."""
    build = SessionBuilder(path)
    build.start("first").cycle()
    for op, number in shape:
        _put(build, op, number)
    return build


def _put(build: SessionBuilder, op: str, n: int) -> None:
    text = "wörter " * n
    step = _STEPS.get(op)
    if step is not None:
        step(build, n, text)
    elif op.startswith("end_"):
        build.put(_end(op))
    else:
        build.put(_RECORDS[op](build, n))


_STEPS: dict[str, Callable[[SessionBuilder, int, str], object]] = {
    "start": lambda b, n, text: b.start(text),
    "cycle": lambda b, n, text: b.cycle(),
    "model": lambda b, n, text: b.model(text, cost=n / 7),
    "think": lambda b, n, text: b.model(text, think=text),
    "calls": lambda b, n, text: b.model(text, calls=[("calculator", {"x": i}) for i in range(n)]),
    "fail": lambda b, n, text: b.model(text, error="no\ncredit " + text),
    "sub": lambda b, n, text: _sub(b, n),
    "tool_start": lambda b, n, text: b.tool_start("calculator", {"n": n}),
    "tool_end": lambda b, n, text: b.tool_end(n, "calculator", {"n": n}, "49"),
    "tool_bad": lambda b, n, text: b.tool_end(n, "calculator", {"n": n}, "49", "broken"),
    "message": lambda b, n, text: b.results(*[text] * n),
    "force": lambda b, n, text: b.force_stop("reason " * 20 * n),
    "complete": lambda b, n, text: b.complete(),
}
_RECORDS: dict[str, Callable[[SessionBuilder, int], r.Record]] = {
    "start_traced": lambda b, n: r.InvocationStart(inv=str(n + 7), traceparent=TRACEPARENT, labels={"k": "v"}),
    "edit": lambda b, n: r.Edited(what="tool input", who="debugger", tool_use_id=f"call_{b.cycle_no}_{n}"),
    "stop": lambda b, n: r.Stopped(id=n, point="before_tool"),
    "resume": lambda b, n: r.Resumed(id=n, act="continue"),
    "throttle": lambda b, n: r.Throttled(delay=1.5),
    "model_start": lambda b, n: r.ModelStart(attempt=n, model="openai/gpt-4o", params={"stop": ["x"]}),
    "model_end": lambda b, n: r.ModelEnd(attempt=n, stop_reason="end_turn", usage=r.Usage(5, 6, 11, 1, 2, 3, True)),
    "gap": lambda b, n: r.Gap(count=n, reason="disk full"),
    "log": lambda b, n: r.Log(text="hello", level="info", source="stdout"),
}


def _sub(build: SessionBuilder, n: int) -> None:
    inv = f"{build.inv}.{n}"
    build.put(r.InvocationStart(inv=inv, agent="helper", caller=build.seq - n))
    build.put(r.CycleStart(inv=inv, cycle=1))


def _end(op: str) -> r.InvocationEnd:
    ending = {"end_ok": "end_turn", "end_limit": "limit", "end_cancelled": "cancelled", "end_error": "error"}[op]
    failure = r.Failure("app.Broken", "why") if ending == "error" else None
    return r.InvocationEnd(ending=ending, stop_reason=ending, usage=r.Usage(1, 2, 3), error=failure)
