"""What it costs to start `tracer --help` and `tracer ls`, against `python -c pass`: whole processes, in turn."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.ab import Row, Sample, Work, compare
from tracer.testing import SessionBuilder

BUDGETS = {"--help": 5.0, "ls": 8.0}
SESSIONS, MANY = 20, 10_000


def start(argv: list[str], env: dict[str, str]) -> None:
    """Run a command to its end, unseen; CalledProcessError if it fails."""
    subprocess.run(argv, check=True, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def of_children(work: Work) -> Sample:
    """What the processes that `work` starts and waits for cost."""
    cpu, wall = children_cpu(), time.perf_counter_ns()
    work()
    return Sample(max(1, round((children_cpu() - cpu) * 1e9)), time.perf_counter_ns() - wall)


def rows() -> Iterator[Row]:
    tracer = str(Path(sys.executable).with_name("tracer"))
    with tempfile.TemporaryDirectory() as home:
        for n in range(SESSIONS):
            path = Path(home, "sessions", f"{n:08d}.jsonl")
            SessionBuilder(path).start("2+2?").cycle().model("4").end().close()
        env = {**os.environ, "TRACER_HOME": home}
        base = partial(start, [sys.executable, "-c", "pass"], env)
        for argument, budget in BUDGETS.items():
            verdict = compare(base, partial(start, [tracer, argument], env), clock=of_children)
            yield Row.of(f"tracer {argument} / python -c pass", verdict, budget)
        for n in range(SESSIONS, MANY):
            os.link(path, path.with_name(f"{n:08d}.jsonl"))
        listing = partial(start, [tracer, "ls"], env)
        spent = min(of_children(listing).cpu for _ in range(3)) / 1e9
        yield Row("tracer ls of 10,000 sessions, CPU seconds", spent, 0.5)
