"""The time axis: bars stay inside, never vanish, keep their order; pauses take no room."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.tui.model.scale import SECOND, Pauses, Scale, cells, label, nice

times = st.integers(0, 10**15)
widths = st.integers(1, 300)


@given(times, times, times, times, widths)
def test_a_bar_is_inside_and_never_empty(low: int, length: int, start: int, took: int, width: int) -> None:
    bar = Scale(low, low + length, width).bar(start, start + took)
    if bar is None:
        assert start + took < low or start > low + length
        return
    left, right = bar
    assert 0 <= left < right <= 2 * width
    first, text = cells(bar)
    assert first >= 0 and first + len(text) <= width and text


@given(st.lists(st.tuples(times, times), min_size=2, max_size=8), widths)
def test_what_begins_earlier_is_not_drawn_later(spans: list[tuple[int, int]], width: int) -> None:
    scale = Scale(0, 10**15, width)
    bars = [scale.bar(start, start + took) for start, took in sorted(spans)]
    lefts = [bar[0] for bar in bars if bar]
    assert lefts == sorted(lefts)


@given(st.lists(st.integers(0, 10**12), min_size=2, max_size=12), times, times)
def test_active_time_never_runs_backwards(edges: list[int], one: int, other: int) -> None:
    pauses = Pauses()
    for index, t in enumerate(sorted(edges)):
        (pauses.finish if index % 2 else pauses.begin)(t)
    one, other = sorted((one, other))
    assert 0 <= pauses.active(one) <= pauses.active(other) <= other
    assert pauses.active(other) - pauses.active(one) <= other - one


def test_a_pause_is_left_out_of_the_axis() -> None:
    pauses = Pauses()
    pauses.begin(10)
    assert (pauses.active(5), pauses.active(30)) == (5, 10)
    pauses.finish(40)
    assert (pauses.active(40), pauses.active(50)) == (10, 20)


@pytest.mark.parametrize(
    ("ns", "round_up"), [(1, 1000), (1500, 2000), (3 * SECOND, 5 * SECOND), (61 * SECOND, 120 * SECOND)]
)
def test_ticks_are_round(ns: int, round_up: int) -> None:
    assert nice(ns) == round_up


@given(times, st.integers(1, 10**15), st.integers(4, 300))
def test_ticks_are_apart_and_inside(low: int, length: int, width: int) -> None:
    ticks = Scale(low, low + length, width).ticks(low)
    columns = [column for column, _ in ticks]
    assert all(0 <= column <= width for column in columns)
    assert all(after - before >= 11 for before, after in pairwise(columns))
    assert ticks[0] == (0, "0")


def test_labels_say_as_much_as_the_step_asks_for() -> None:
    assert [label(t, SECOND // 2) for t in (0, SECOND // 2, SECOND, 3 * SECOND // 2)] == ["0", "500ms", "1s", "1.5s"]
