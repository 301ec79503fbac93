"""What a session of a million events costs its reader: index, second open, search, typed scan, memory, first screen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import big
from benchmarks.ab import Row, Sample, Work, compare
from tracer.journal import index
from tracer.journal.reader import Reader

EVENTS = 1_000_000
TIMES = 5  # calls in one sample: `wc -l` of the file is too short to be measured once
ABSENT = b"nowhere to be found"
ANON = """
import sys
from pathlib import Path
from tracer.tui.app import open_viewer
viewer = open_viewer(Path(sys.argv[1]), "view", 1.0)
while viewer.feed.advance() or not viewer.feed.fed:
    pass
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("RssAnon")))
"""


def whole_process(work: Work) -> Sample:
    """CPU and wall time, a child's included."""
    cpu, wall = os.times(), time.perf_counter_ns()
    work()
    after = os.times()
    used = sum(after[:4]) - sum(cpu[:4])
    return Sample(max(1, int(used * 1e9)), max(1, time.perf_counter_ns() - wall))


def times(work: Work) -> Work:
    """The work, often enough to be measured."""

    def repeated() -> None:
        for _ in range(TIMES):
            work()

    return repeated


def opened(path: Path, kept: bool) -> None:
    """Open and index; without `kept`, as if there were no index from before."""
    smallest, index.SMALLEST = index.SMALLEST, index.SMALLEST if kept else 1 << 60
    reader = Reader(path)
    reader.poll(1 << 60)
    index.SMALLEST = smallest
    if len(reader) != EVENTS:
        raise RuntimeError(f"{len(reader)} lines")
    reader.close()


def searched(reader: Reader) -> None:
    if any(reader.find(ABSENT)):
        raise RuntimeError("found")


def scanned(reader: Reader) -> None:
    for _ in reader.records():
        pass


def loaded(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            json.loads(line)


def anonymous(path: Path) -> int:
    """kB of memory of a process that has taken in the whole session as the screen does."""
    done = subprocess.run([sys.executable, "-c", ANON, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def first_screen(path: Path) -> None:
    """Open, and decode the first forty records and the last."""
    reader = Reader(path)
    reader.poll(1 << 16)
    for seq in range(40):
        reader.record(seq)
    reader.close()


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as name:
        os.environ["TRACER_HOME"] = name
        folder = Path(name)
        path, small = big.write(folder / "big.jsonl", EVENTS), big.write(folder / "small.jsonl", 10_000)
        count = partial(subprocess.run, ["wc", "-l", str(path)], stdout=subprocess.DEVNULL, check=True)
        reader = Reader(path)
        reader.poll(1 << 60)
        for what, work, budget in (
            ("index of 1M events / wc -l", partial(opened, path, False), 6.0),
            ("second open of 1M events / wc -l", partial(opened, path, True), 1.0),
            ("raw search of 1M events / wc -l", partial(searched, reader), 4.0),
        ):
            yield Row.of(what, compare(times(count), times(work), 6, whole_process), budget)
        scan = partial(scanned, reader)
        yield Row.of(
            "typed scan of 1M events / five times wc -l", compare(times(count), scan, 4, whole_process), 25.0 / TIMES
        )
        yield Row.of("typed scan / json.loads of each line", compare(partial(loaded, path), scan, 2), 0.2)
        first = compare(times(partial(first_screen, small)), times(partial(first_screen, path)), 20)
        yield Row.of("first screen of 1M events / of 10k events", first, 1.15)
        yield Row(
            "memory of an open 1M session, MB more than of 10k", (anonymous(path) - anonymous(small)) / 1000, 20.0
        )
