"""The writer's parts: what was appended is what they hold together, whatever is killed, full, deleted or forked."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.journal.interruption import interrupted
from tests.journal.test_trouble import no_room
from tracer import records as r
from tracer.journal import file, writer
from tracer.journal.paths import part_path, parts_of
from tracer.journal.process import start_time
from tracer.journal.reader import Reader
from tracer.journal.writer import Writer

DOOMED = """
import os, sys
from pathlib import Path
from tracer import records as r
from tracer.journal.process import start_time
from tracer.journal.writer import Writer
path, size, witness = Path(sys.argv[1]), int(sys.argv[2]), os.open(sys.argv[3], os.O_WRONLY | os.O_CREAT)
writer = Writer(path, print, part_bytes=size)
writer.append(r.Session(id="x", pid=os.getpid(), pid_start=start_time(os.getpid())))
print("up", flush=True)
for n in range(10**6):
    writer.append(r.Log(text="é" * (n % 50)))
    os.pwrite(witness, b"%9d" % n, 0)
"""
STEADY = """
import os, sys, time
from pathlib import Path
from tracer import records as r
from tracer.journal.process import start_time
from tracer.journal.writer import Writer
writer = Writer(Path(sys.argv[1]), print, part_bytes=20_000)
writer.append(r.Session(id="x", pid=os.getpid(), pid_start=start_time(os.getpid())))
print("up", flush=True)
for n in range(1, 10_000):
    writer.append(r.Log(text="é" * (n % 90)) if n % 3 else r.Delta(text="d" * (n % 90)))
    if n % 100 == 0:
        time.sleep(0.01)
writer.close("done")
"""


def begun(path: Path, told: list[str], part_bytes: int = 300, part_seconds: float = 0) -> Writer:
    writer = Writer(path, told.append, part_bytes=part_bytes, part_seconds=part_seconds)
    writer.append(r.Session(id=path.stem, pid=os.getpid(), pid_start=start_time(os.getpid())))
    return writer


def say(writer: Writer, *texts: str) -> None:
    for text in texts:
        writer.append(r.Log(text=text))


def read(path: Path) -> list[r.Record]:
    """The records of all parts, whose numbers are those of their lines."""
    found = [r.decode(line) for part in parts_of(path) for line in part.read_bytes().splitlines()]
    assert [record.seq for record in found] == list(range(len(found)))
    assert [record.seq for record in Reader(path).records()] == list(range(len(found)))
    return found


def texts(path: Path) -> list[str]:
    return [x.text for x in read(path) if isinstance(x, r.Log)]


def gaps(path: Path) -> list[tuple[int, str]]:
    return [(x.count, x.reason) for x in read(path) if isinstance(x, r.Gap)]


@given(sizes=st.lists(st.integers(0, 400), max_size=60), limit=st.integers(1, 1500), deltas=st.booleans())
def test_the_parts_hold_what_was_appended(
    sizes: list[int], limit: int, deltas: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path, told = tmp_path_factory.mktemp("parts") / "s.jsonl", list[str]()
    one = begun(path, told, limit)
    said = [r.Delta(text=f"{n}" * size) if deltas else r.Log(text=f"{n}" * size) for n, size in enumerate(sizes)]
    assert [one.append(record) for record in said] == list(range(1, len(said) + 1))
    one.close("done")
    assert read(path)[1:-1] == said and isinstance(read(path)[-1], r.SessionEnd) and not told
    data = [part.read_bytes() for part in parts_of(path)]
    assert all(part.endswith(b"\n") for part in data)
    assert all(len(part) >= limit for part in data[:-1])
    assert deltas or all(len(part[: part.rindex(b"\n", 0, -1)]) < limit for part in data if part.count(b"\n") > 1)
    assert all(part.stat().st_mode & 0o777 == 0o600 for part in parts_of(path))


def test_a_part_ends_with_its_age_and_only_with_something_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = [0]
    monkeypatch.setattr(writer, "monotonic_ns", lambda: time.monotonic_ns() + late[0])
    one = begun(tmp_path / "s.jsonl", [], 0, 60)
    for text in "abc":
        say(one, text, text)
        late[0] += 200 * 10**9
    assert [part.read_bytes().count(b"\n") for part in parts_of(one.path)] == [3, 2, 2]
    assert texts(one.path) == list("aabbcc")
    one.close()


def test_without_a_size_or_an_age_a_session_is_one_file(tmp_path: Path) -> None:
    one = begun(tmp_path / "s.jsonl", [], 0)
    say(one, *["x" * 1000] * 100)
    assert parts_of(one.path) == [one.path]
    one.close()


@pytest.mark.parametrize("round", range(8))
def test_a_kill_at_any_moment_of_a_rotation_loses_nothing(round: int, tmp_path: Path) -> None:
    path, witness, chance = tmp_path / "s.jsonl", tmp_path / "witness", random.Random(round)
    argv = [sys.executable, "-c", DOOMED, str(path), str(1 if round % 2 else 300), str(witness)]
    child = subprocess.Popen(argv, stdout=subprocess.PIPE)
    assert child.stdout and child.stdout.readline() == b"up\n"
    time.sleep(chance.uniform(0.0, 0.1))
    child.kill()
    child.wait()
    child.stdout.close()
    seen = int(witness.read_bytes() or b"-1")
    reader = Reader(path)
    assert reader.state() == "crashed" and reader.torn == 0
    assert texts(path)[: seen + 1] == ["é" * (n % 50) for n in range(seen + 1)]
    assert len(texts(path)) <= seen + 2 and (seen < 20 or len(parts_of(path)) > 2)


def test_a_kill_between_a_new_part_and_its_first_line_leaves_one_session(tmp_path: Path) -> None:
    code = DOOMED.replace(
        "for n in", "import tracer.journal.writer as w\nw.os.fstat = lambda fd: os.kill(os.getpid(), 9)\nfor n in"
    )
    code = code.replace(
        "writer.append(r.Log", "writer._trusted = 0; writer._full = 1; writer._next_part(0)\n    writer.append(r.Log"
    )
    path = tmp_path / "s.jsonl"
    argv = [sys.executable, "-c", code, str(path), "1", str(tmp_path / "w")]
    assert subprocess.run(argv, check=False, stdout=subprocess.DEVNULL).returncode == -9
    assert [part.stat().st_size > 0 for part in parts_of(path)] == [True, False]
    assert Reader(path).state() == "crashed" and len(read(path)) == 1


def test_a_follower_of_a_real_writer_sees_all_its_parts(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    child = subprocess.Popen([sys.executable, "-c", STEADY, str(path)], stdout=subprocess.PIPE)
    assert child.stdout and child.stdout.readline() == b"up\n"
    reaper = threading.Thread(target=child.wait)
    reaper.start()
    following = Reader(path)
    seen = [record for record in following.follow(interval=0.002) if record is not None]
    reaper.join()
    child.stdout.close()
    assert [record.seq for record in seen] == list(range(10_001)) and seen == read(path)
    assert following.state() == "ended" and len(parts_of(path)) > 20


@pytest.mark.parametrize("left", [0, 3, 200])
def test_a_disk_that_is_full_at_a_rotation_costs_what_does_not_fit(left: int, tmp_path: Path) -> None:
    path, told = tmp_path / "s.jsonl", list[str]()
    one = begun(path, told, 1)
    say(one, "a")
    with no_room(left - path.stat().st_size, path):
        done = [one.append(r.Log(text="y" * 60)) for _ in range(9)]
    say(one, "f")
    assert done.count(-1) == (9 if left < 200 else 0) and len(told) == (left < 200)
    assert sum(count for count, _ in gaps(path)) == done.count(-1)
    assert texts(path) == ["a", *["y" * 60] * (9 - done.count(-1)), "f"]
    one.close()


def test_where_no_part_can_be_begun_the_one_before_goes_on(tmp_path: Path) -> None:
    path, told = tmp_path / "s.jsonl", list[str]()
    one = begun(path, told)
    part_path(path, 2).mkdir()
    say(one, *"abcdefghijkl")
    assert texts_of(path) == list("abcdefghijkl") and len(told) == 1 and "part 2 cannot be begun" in told[0]
    part_path(path, 2).rmdir()
    say(one, *"mnopqrstuv")
    assert texts(path) == list("abcdefghijklmnopqrstuv") and len(parts_of(path)) > 1 and len(told) == 1
    one.close()


def texts_of(part: Path) -> list[str]:
    return [x.text for x in map(r.decode, part.read_bytes().splitlines()) if isinstance(x, r.Log)]


def test_a_file_of_another_with_the_next_parts_name_is_left_alone(tmp_path: Path) -> None:
    path, told = tmp_path / "s.jsonl", list[str]()
    one = begun(path, told, 1)
    part_path(path, 2).write_text("theirs")
    say(one, "a", "b")
    assert part_path(path, 2).read_text() == "theirs" and texts_of(path) == ["a", "b"] and len(told) == 1
    one.close()


def test_a_deleted_part_begins_again_and_a_deleted_session_with_its_header(tmp_path: Path) -> None:
    path, told = tmp_path / "s.jsonl", list[str]()
    one = begun(path, told, 400)
    say(one, *"abcdefghijklmno")
    last = parts_of(path)[-1]
    lost = len(texts_of(last))
    last.unlink()
    say(one, "A")
    assert gaps(path) == [(lost, "the session file was deleted")]
    assert texts(path) == [*"abcdefghijklmno"[: 15 - lost], "A"] and len(told) == 1
    for part in parts_of(path):
        part.unlink()
    say(one, *"BCDEFGHIJKLM")
    assert isinstance(read(path)[0], r.Session) and texts(path) == list("BCDEFGHIJKLM") and len(parts_of(path)) > 1
    one.close()


@pytest.mark.parametrize("off", [0, 3])
def test_a_later_part_that_is_cut_short_costs_only_what_was_cut(off: int, tmp_path: Path) -> None:
    path, told = tmp_path / "s.jsonl", list[str]()
    one = begun(path, told, 400)
    say(one, *"abcdefghijklmno")
    last = parts_of(path)[-1]
    lost = 1 if off else len(texts_of(last))
    os.truncate(last, last.stat().st_size - off if off else 0)
    say(one, "A")
    assert gaps(path) == [(lost, "the session file was cut short")]
    assert texts(path) == [*"abcdefghijklmno"[: 15 - lost], "A"]
    one.close()


def test_a_closed_descriptor_in_a_later_part_costs_no_record(tmp_path: Path) -> None:
    one = begun(tmp_path / "s.jsonl", [])
    say(one, *"abcdefgh")
    os.close(one._fd)
    say(one, "i")
    assert texts(one.path) == list("abcdefghi") and one._part > 1
    one.close()


def test_a_fork_after_a_rotation_begins_with_a_first_part(tmp_path: Path) -> None:
    path, child = tmp_path / "s.jsonl", tmp_path / "child.jsonl"
    one = begun(path, [])
    say(one, *"abcdefgh")
    before = [part.read_bytes() for part in parts_of(path)]
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            one.fork(child, r.Session(id="child", parent=r.Parent("s", 8)))
            say(one, *"stuvwxyz")
            os._exit(0)
        os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0
    assert [part.read_bytes() for part in parts_of(path)] == before and len(before) > 1
    say(one, "i")
    assert texts(child) == list("stuvwxyz") and texts(path) == list("abcdefghi") and len(parts_of(child)) > 1
    one.close()


def test_threads_write_whole_lines_over_rotations(tmp_path: Path) -> None:
    one = begun(tmp_path / "s.jsonl", [], 2000)
    threads = [threading.Thread(target=say, args=(one, *(f"{n}-{i}" for i in range(100)))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one.close()
    assert sorted(texts(one.path)) == sorted(f"{n}-{i}" for n in range(4) for i in range(100))
    assert len(parts_of(one.path)) > 5


def test_an_interruption_at_any_point_of_a_rotation_costs_at_most_its_record(tmp_path: Path) -> None:
    for stop in range(1, 60):
        one = begun(tmp_path / f"{stop}.jsonl", told := [], 1)
        say(one, "a")
        with interrupted(stop, writer, file):
            say(one, "f")
        say(one, "g", "h")
        one.close()
        assert texts(one.path) in (["a", "g", "h"], ["a", "f", "g", "h"]) and not told, stop


def test_what_writes_in_the_middle_of_a_rotation_has_its_own_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for within in (False, True):  # before the new part is there, and after
        one = begun(tmp_path / f"{within}.jsonl", told := [], 1)
        say(one, "a")

        def interrupted(path: Path, one: Writer = one, after: bool = within) -> int:
            monkeypatch.setattr(writer, "create_part", file.create_part)
            descriptor = file.create_part(path) if after else -1
            say(one, "g")
            return descriptor if after else file.create_part(path)

        monkeypatch.setattr(writer, "create_part", interrupted)
        say(one, "f", "h")
        one.close()
        assert texts(one.path) == ["a", "g", "f", "h"] and not told


@pytest.mark.parametrize("part_bytes", [0, 1, 300])
def test_what_a_signal_handler_writes_right_after_a_line_has_the_next_number(part_bytes: int, tmp_path: Path) -> None:
    one = begun(tmp_path / "s.jsonl", told := [], part_bytes)
    say(one, "a")
    write = one._write

    def interrupted(descriptor: int, line: bytes) -> int:
        done = write(descriptor, line)
        one._write = write
        say(one, "g")
        return done

    one._write = interrupted
    say(one, "f", "h")
    one.close()
    assert texts(one.path) == ["a", "f", "g", "h"] and not told


def test_a_delta_right_after_an_interrupted_rotation_goes_into_the_new_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = begun(tmp_path / "s.jsonl", told := [], 1)

    def interrupted(path: Path) -> int:
        file.create_part(path)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(writer, "create_part", interrupted)
        one._trusted = sys.maxsize  # as right after a look at the file
        with pytest.raises(KeyboardInterrupt):
            say(one, "f")
    one.append(r.Delta(text="d"))
    assert [part.read_bytes().count(b"\n") for part in parts_of(one.path)] == [1, 1] and not told
    one.close()
