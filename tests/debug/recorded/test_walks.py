"""Random walks in recordings: nothing invalid is said, every move stops once, and all ways lead back."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.debug.recorded.walker import MOVES, Walker, build
from tracer.debug.errors import DebugError

BREAKPOINTS = [
    "before_tool", "tool_error", "any if cycle > 1", "calculator hit %2", "message once", "after_tool hit >=2",
    "before_model if tokens > 20", 'any log "{point}"', "cycle_end", "before_tool @nobody", "any if cycle > text",
]  # fmt: skip
plans = st.recursive(
    st.lists(st.sampled_from(["say", "tool", "tools2", "fail"]), min_size=1, max_size=3),
    lambda below: st.lists(st.one_of(st.sampled_from(["say", "tool"]), below), min_size=1, max_size=3),
    max_leaves=6,
)
moves = st.tuples(st.sampled_from(MOVES), st.integers(0, 9), st.booleans())
checks = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
many = settings(checks, max_examples=40)  # one takes a second or two: every point is looked at, both ways
_names = (f"s{number}.jsonl" for number in itertools.count())


def _walk(tmp_path: Path, plan: list[Any], walk: list[tuple[str, int, bool]], breakpoints: list[str]) -> None:
    session = build(tmp_path / next(_names), plan)
    with contextlib.closing(session):
        walker = Walker(session).start(*breakpoints)
        start = walker.view()
        for move, choice, single in walk:
            threads = walker.ask("threads")["threads"]
            more = {"granularity": "instruction"} if single and "ontinue" not in move else {}
            with contextlib.suppress(DebugError):  # a thread that had come to no point yet
                walker.go(move, threads[choice % len(threads)]["id"], **more)
            walker.view()
        walker.break_at()
        _back_and_forth(walker, len(walker.talk._session.board.tape.points))  # type: ignore[attr-defined]
        assert walker.go("reverseContinue") == 1
        assert walker.view() == start and walker.here["reason"] == "entry"


def _back_and_forth(walker: Walker, count: int) -> None:
    """Single steps lead through every point there is, and back through the same."""
    walker.go("reverseContinue")
    views = [walker.view()]
    for number in range(2, count + 1):
        assert walker.go("stepIn", granularity="instruction") == number
        views.append(walker.view())
    for number in range(count - 1, 0, -1):
        assert walker.go("stepBack", granularity="instruction") == number
        assert walker.view() == views[number - 1]


at = st.lists(st.sampled_from(BREAKPOINTS), max_size=3)
short = st.lists(st.sampled_from(["say", "tool", "tools2", "fail"]), min_size=1, max_size=2)


@checks
@given(short, st.lists(moves, max_size=8), at)
def test_a_walk_ends_where_it_began(tmp_path_factory: Any, plan: Any, walk: Any, breakpoints: Any) -> None:
    _walk(tmp_path_factory.getbasetemp(), plan, walk, breakpoints)


@pytest.mark.slow
@pytest.mark.timeout(600)
@many
@given(plans, st.lists(moves, max_size=20), at)
def test_many_walks_end_where_they_began(tmp_path_factory: Any, plan: Any, walk: Any, breakpoints: Any) -> None:
    _walk(tmp_path_factory.getbasetemp(), plan, walk, breakpoints)


@checks
@given(plans, st.lists(st.sampled_from(BREAKPOINTS), min_size=1, max_size=3))
def test_breakpoints_stop_at_the_same_places_both_ways(tmp_path_factory: Any, plan: Any, breakpoints: Any) -> None:
    with contextlib.closing(build(tmp_path_factory.getbasetemp() / next(_names), plan)) as session:
        walker = Walker(session).start(*breakpoints)
        there, back = walker.all_stops("continue"), walker.all_stops("reverseContinue")
        last = len(walker.talk._session.board.tape.points)  # type: ignore[attr-defined]
        assert [stop for stop in there if stop < last] == [stop for stop in reversed(back) if stop > 1]


@checks
@given(st.lists(st.sampled_from(["say", "tool", "fail"]), min_size=1, max_size=5))
def test_without_parallel_calls_a_step_back_undoes_a_step(tmp_path_factory: Any, plan: Any) -> None:
    with contextlib.closing(build(tmp_path_factory.getbasetemp() / next(_names), plan)) as session:
        walker = Walker(session).start()
        while walker.here["reason"] != "end":
            before, after = walker.stop, walker.go("next")
            if after != before:
                assert walker.go("stepBack") == before
                walker.go("next")
