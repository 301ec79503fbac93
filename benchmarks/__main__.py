"""Run each `bench_NAME.py` and print a table. Exit 1 if a budget is missed, 3 if a figure is invalid."""

from __future__ import annotations

import importlib
import math
import pkgutil
import sys
from collections.abc import Iterable, Iterator

import benchmarks
from benchmarks.ab import Row

EXIT = {"kept": 0, "absent": 0, "invalid": 3, "MISSED": 1}
LINE = "{:<84} {:>8} {:>9} {:>8}  {:<8} {}"


def modules(wanted: list[str]) -> list[str]:
    """Names of the benchmark modules, all of them unless some are asked for; SystemExit for one that is not there."""
    names = [found.name for found in pkgutil.iter_modules(benchmarks.__path__) if found.name.startswith("bench_")]
    asked = [f"bench_{name.removeprefix('bench_')}" for name in wanted]
    if unknown := set(asked) - set(names):
        raise SystemExit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return asked or names


def all_rows(names: Iterable[str]) -> Iterator[Row]:
    for name in names:
        yield from importlib.import_module(f"benchmarks.{name}").rows()


def line(row: Row) -> str:
    """`name  value  budget  control  state`, and what stands behind it."""
    control = "-" if row.control is None else f"{row.control:.3f}"
    budget = "-" if math.isinf(row.budget) else f"{'>=' if row.at_least else '<='} {row.budget:.3g}"
    return LINE.format(
        row.name, "-" if math.isnan(row.value) else f"{row.value:.2f}", budget, control, row.state, row.said
    ).rstrip()


def main(wanted: list[str]) -> int:
    print(LINE.format("what", "ratio", "budget", "A/A", "", "").rstrip())
    states = set()
    for row in all_rows(modules(wanted)):
        print(line(row), flush=True)
        states.add(row.state)
    return next((EXIT[state] for state in ("MISSED", "invalid") if state in states), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
