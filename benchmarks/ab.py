"""A against B in turn, as paired ratios, with A against itself as the control. It measures; it knows no benchmark."""

from __future__ import annotations

import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

CONTROL = (0.97, 1.03)
MAX_SPREAD = 0.1
TRIES = 3

Work = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run cost: CPU and wall time, ns."""

    cpu: int
    wall: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """B's time over A's: the median of the pairs, its quartiles, the fastest B over the fastest A; and both medians."""

    median: float
    p25: float
    p75: float
    of_mins: float
    a: float = field(default=0, compare=False)
    b: float = field(default=0, compare=False)

    @property
    def spread(self) -> float:
        """How far the quartiles lie apart, as a share of the median."""
        return (self.p75 - self.p25) / self.median


@dataclass(frozen=True, slots=True)
class Verdict:
    """CPU and wall ratios of B to A, and the CPU ratio of A to A, which should be 1."""

    cpu: Ratio
    wall: Ratio
    control: Ratio

    @property
    def valid(self) -> bool:
        """False if the machine was too uneven for the figures to mean anything: invalid is neither kept nor missed."""
        return CONTROL[0] <= self.control.median <= CONTROL[1] and self.control.spread <= MAX_SPREAD


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `value` is what the name says, mostly a ratio; no control: exact, not timed.

    `said` is what stands behind it: both sides in microseconds of CPU, and the ratio of the wall times.
    """

    name: str
    value: float
    budget: float
    control: float | None = None
    valid: bool = True
    at_least: bool = False
    said: str = ""

    @classmethod
    def of(
        cls, name: str, verdict: Verdict, budget: float, at_least: bool = False, per: tuple[int, str] | None = None
    ) -> Row:
        """The ratio of CPU times, which other processes disturb least; `per` (count, of what) says what is divided."""
        cpu, said = verdict.cpu, ""
        if per is not None:
            a, b = (time / per[0] / 1000 for time in (cpu.a, cpu.b))
            said = f"{a:.2f} -> {b:.2f} us an {per[1]}, wall {verdict.wall.median:.2f}"
        return cls(name, cpu.median, budget, verdict.control.median, verdict.valid, at_least, said)

    @property
    def state(self) -> str:
        """`kept`, `MISSED`, `invalid`, or `absent` where there is nothing to measure."""
        if math.isnan(self.value):
            return "absent"
        if not self.valid:
            return "invalid"
        kept = self.value >= self.budget if self.at_least else self.value <= self.budget
        return "kept" if kept else "MISSED"


def ratio(a: Sequence[int], b: Sequence[int]) -> Ratio:
    """Of at least two pairs: `a[i]` and `b[i]` ran next to each other."""
    p25, median, p75 = statistics.quantiles([y / x for x, y in zip(a, b, strict=True)], n=4, method="inclusive")
    return Ratio(median, p25, p75, min(b) / min(a), statistics.median(a), statistics.median(b))


def in_process(work: Work) -> Sample:
    """One call, in this process."""
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    work()
    return Sample(max(1, time.process_time_ns() - cpu), max(1, time.perf_counter_ns() - wall))


def prepared(make: Work) -> Sample:
    """The work that `make` gives, in this process; what makes it is not counted."""
    return in_process(make())


@contextmanager
def collected() -> Iterator[None]:
    """The garbage collector has run and is off inside."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def measure(a: Work, b: Work, pairs: int, clock: Callable[[Work], Sample] = in_process) -> tuple[Ratio, Ratio]:
    """CPU and wall ratio of `b` to `a` over an even number of pairs: half of them AB, half BA, shuffled."""
    order = [False, True] * max(1, pairs // 2)
    random.Random(0).shuffle(order)
    samples: list[tuple[Sample, Sample]] = []
    for warm_up in (a, b):
        clock(warm_up)
    for b_first in order:
        with collected():
            pair = [clock(work) for work in ((b, a) if b_first else (a, b))]
        samples.append((pair[b_first], pair[not b_first]))
    cpu = ratio([x.cpu for x, _ in samples], [y.cpu for _, y in samples])
    return cpu, ratio([x.wall for x, _ in samples], [y.wall for _, y in samples])


def compare(a: Work, b: Work, pairs: int = 30, clock: Callable[[Work], Sample] = in_process) -> Verdict:
    """Measure `b` against `a`, and `a` against itself; again, up to three times, while the control is off."""
    for _ in range(TRIES):
        cpu, wall = measure(a, b, pairs, clock)
        control, _ = measure(a, a, pairs, clock)
        verdict = Verdict(cpu, wall, control)
        if verdict.valid:
            break
    return verdict
