"""The arithmetic of the A/B helper, on a clock that is made up. Nothing here is timed."""

from __future__ import annotations

import gc

import pytest

from benchmarks import ab
from benchmarks.__main__ import EXIT, line, main
from benchmarks.ab import Ratio, Row, Sample, Verdict, Work, compare, measure, prepared, ratio

EVEN = Ratio(1.0, 0.99, 1.01, 1.0)


def a() -> None: ...


def b() -> None: ...


@pytest.fixture(autouse=True)
def collections(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the collections in place of making them: they are slow in a process that has loaded much."""
    asked: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda: asked.append(1))
    return asked


class Clock:
    """A's runs cost 100, B's 250; the machine gets slower by `drift` a run."""

    def __init__(self, drift: int = 0, base: int = 100) -> None:
        self.ran: list[Work] = []
        self.drift, self.base, self.collecting = drift, base, False

    def __call__(self, work: Work) -> Sample:
        self.ran.append(work)
        self.collecting = len(self.ran) > 2 and (self.collecting or gc.isenabled())
        cost = (250 if work is b else self.base) + self.drift * len(self.ran)
        return Sample(cost, 2 * cost)


def test_a_ratio_is_of_pairs_and_not_of_sums() -> None:
    found = ratio([100, 200, 400, 100, 100], [100, 400, 1200, 400, 500])
    assert found == Ratio(median=3.0, p25=2.0, p75=4.0, of_mins=1.0)
    assert found.spread == pytest.approx(2 / 3)


def test_both_clocks_are_read() -> None:
    cpu, wall = measure(a, b, 10, Clock())
    assert cpu.median == wall.median == 2.5


def test_each_side_is_first_as_often() -> None:
    clock = Clock()
    measure(a, b, 30, clock)
    pairs = list(zip(clock.ran[2::2], clock.ran[3::2], strict=True))
    assert len(pairs) == 30
    assert pairs.count((a, b)) == pairs.count((b, a)) == 15


def test_a_drift_falls_on_both_sides() -> None:
    cpu, _ = measure(a, a, 30, Clock(drift=1))
    assert cpu.median == pytest.approx(1, abs=0.005)


def test_each_pair_starts_collected_and_none_is_interrupted(collections: list[int]) -> None:
    clock = Clock()
    assert gc.isenabled()
    measure(a, b, 4, clock)
    assert len(collections) == 4
    assert not clock.collecting
    assert gc.isenabled()


class Jumpy(Clock):
    """Every other run of A costs half as much again, for so many tries."""

    def __init__(self, jumps: int) -> None:
        super().__init__()
        self.jumps = jumps

    def __call__(self, work: Work) -> Sample:
        cost = super().__call__(work).cpu
        odd = len(self.ran) <= self.jumps and len(self.ran) % 2
        return Sample(cost * 3 // 2 if odd else cost, cost)


def test_an_uneven_machine_is_asked_again_and_then_believed() -> None:
    one_try = 2 * (2 + 2 * 10)
    clock = Jumpy(jumps=one_try)
    assert compare(a, b, 10, clock).valid
    assert len(clock.ran) == 2 * one_try


def test_an_uneven_machine_is_believed_in_nothing() -> None:
    clock = Jumpy(jumps=10_000)
    verdict = compare(a, b, 10, clock)
    assert not verdict.valid
    assert Row.of("x", verdict, budget=100).state == "invalid"
    assert len(clock.ran) == 3 * 2 * (2 + 2 * 10)


@pytest.mark.parametrize(
    ("control", "valid"),
    [
        (Ratio(0.97, 0.96, 0.98, 1), True),
        (Ratio(0.969, 0.96, 0.98, 1), False),
        (Ratio(1.031, 1.03, 1.04, 1), False),
        (Ratio(1.0, 0.94, 1.05, 1), False),
    ],
)
def test_the_control_decides(control: Ratio, valid: bool) -> None:
    assert Verdict(EVEN, EVEN, control).valid is valid


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (Row("x", 5.0, 5), "kept"),
        (Row("x", 5.01, 5), "MISSED"),
        (Row("x", 1.2, 1.3, at_least=True), "MISSED"),
        (Row("x", 1.3, 1.3, at_least=True), "kept"),
        (Row("x", 1.0, 5, valid=False), "invalid"),
    ],
)
def test_a_row_says_how_it_went(row: Row, state: str) -> None:
    assert row.state == state
    assert line(row).split()[-1] == state


def test_a_benchmark_that_is_not_there_is_an_error() -> None:
    with pytest.raises(SystemExit, match=r"no benchmark bench_nonesuch; there are .*bench_start"):
        main(["nonesuch"])


def test_what_makes_the_work_ready_is_not_on_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def in_process(work: Work) -> Sample:
        order.append("clock")
        work()
        return Sample(1, 1)

    monkeypatch.setattr(ab, "in_process", in_process)

    def make() -> Work:
        order.append("made")
        return lambda: order.append("ran")

    assert prepared(make) == Sample(1, 1)
    assert order == ["made", "clock", "ran"]


def test_a_row_says_both_sides_of_one_unit() -> None:
    cpu = ratio([2_000_000] * 4, [1_000_000] * 4)
    row = Row.of("x", Verdict(cpu, Ratio(0.6, 0.6, 0.6, 0.6), EVEN), 1, per=(1000, "event"))
    assert row.said == "2.00 -> 1.00 us an event, wall 0.60"
    assert line(row).endswith("kept     2.00 -> 1.00 us an event, wall 0.60")


def test_what_is_not_there_to_be_measured_is_neither_kept_nor_missed() -> None:
    row = Row("swallowed", float("nan"), 8.0, said="not measured on 3.11")
    assert (
        row.state == "absent" and line(row).split()[1:3] == ["-", "<="] and line(row).endswith("not measured on 3.11")
    )
    assert EXIT[row.state] == 0
