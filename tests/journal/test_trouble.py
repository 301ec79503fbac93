"""What can go wrong under a writer: full disks, files that go or change, numbers that are taken, interruptions."""

import errno
import itertools
import os
import resource
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.journal.interruption import interrupted
from tracer import records as r
from tracer.journal import writer as module
from tracer.journal.reader import Reader
from tracer.journal.writer import Writer


class Made:
    """A writer with a header and five lines, what it warned of, and for what it was begun again."""

    def __init__(self, path: Path) -> None:
        self.told: list[str] = []
        self.restarts: list[r.Record] = []
        self.writer = Writer(path, self.told.append, on_restart=self.restarts.append)
        self.writer.append(r.Session(id=path.stem))
        self.say(*"abcde")

    def say(self, *texts: str) -> None:
        for text in texts:
            self.writer.append(r.Log(text=text))

    @property
    def fd(self) -> int:
        return self.writer._fd


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    one = Made(tmp_path / "folder" / "s.jsonl")
    yield one
    one.writer.close()


def lines(path: Path) -> list[r.Record]:
    """The records, whose numbers are those of their lines."""
    found = [r.decode(line) for line in path.read_bytes().splitlines()]
    assert [record.seq for record in found] == list(range(len(found)))
    return found


def texts(path: Path) -> str:
    return "".join(x.text for x in lines(path) if isinstance(x, r.Log))


def gaps(path: Path) -> list[tuple[int, str]]:
    return [(x.count, x.reason) for x in lines(path) if isinstance(x, r.Gap)]


@contextmanager
def no_room(more: int, path: Path) -> Iterator[None]:
    """The kernel lets files grow by so many bytes and no further."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + more, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_closed_descriptor_costs_no_record(made: Made) -> None:
    os.close(made.fd)
    made.say("f")
    assert texts(made.writer.path) == "abcdef" and not made.told


def test_another_file_that_has_taken_the_number_is_left_alone(made: Made, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"theirs")
    number = made.fd
    with other.open("ab") as file:
        os.dup2(file.fileno(), number)
        made.say("f")
        made.writer.close()
        assert os.fstat(number).st_size == 6
    os.close(number)
    assert other.read_bytes() == b"theirs"
    assert texts(made.writer.path) == "abcdef"


def test_a_pipe_or_socket_in_its_place_gets_nothing(made: Made) -> None:
    out, into = os.pipe()
    os.dup2(into, made.fd)
    made.say("f")
    os.set_blocking(out, False)
    with pytest.raises(BlockingIOError):
        os.read(out, 1)
    assert texts(made.writer.path) == "abcdef"


def test_deltas_in_a_burst_notice_it_too(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    later = itertools.count(10**7, 10**7)
    monkeypatch.setattr(module, "monotonic_ns", lambda: time.monotonic_ns() + next(later))
    os.close(made.fd)
    assert made.writer.append(r.Delta(text="x")) == 6


def test_a_deleted_file_begins_again_with_its_header_and_a_gap(made: Made) -> None:
    made.writer.path.unlink()
    made.say("f", "g")
    found = lines(made.writer.path)
    assert isinstance(found[0], r.Session) and found[0].id == "s"
    assert gaps(made.writer.path) == [(6, "the session file was deleted")] and texts(made.writer.path) == "fg"
    assert len(made.told) == 1 and len(made.restarts) == 1


def test_a_folder_that_is_removed_is_made_again(made: Made) -> None:
    shutil.rmtree(made.writer.path.parent)
    made.say("f")
    assert texts(made.writer.path) == "f"
    assert made.writer.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_tried_until_it_can(made: Made) -> None:
    folder = made.writer.path.parent
    shutil.rmtree(folder)
    folder.write_text("in the way")
    made.say("f", "g")
    assert len(made.told) == 1
    folder.unlink()
    made.say("h")
    assert texts(made.writer.path) == "h" and sum(count for count, _ in gaps(made.writer.path)) == 8


def test_a_file_of_another_with_its_name_is_never_written(made: Made) -> None:
    path = made.writer.path
    path.unlink()
    path.write_text("theirs")
    made.say("f")
    os.close(made.fd)
    made.say("g")
    assert path.read_text() == "theirs" and len(made.told) == 1


@pytest.mark.parametrize("left", [0, 10])
def test_an_emptied_file_begins_again(left: int, made: Made) -> None:
    os.truncate(made.writer.path, left)
    made.say("f")
    assert gaps(made.writer.path) == [(6, "the session file was emptied")] and texts(made.writer.path) == "f"


def test_a_file_that_is_cut_short_goes_on_from_its_last_whole_line(made: Made) -> None:
    size = made.writer.path.stat().st_size
    os.truncate(made.writer.path, size - 3)
    made.say("f")
    assert texts(made.writer.path) == "abcdf" and gaps(made.writer.path) == [(1, "the session file was cut short")]


def test_a_full_disk_costs_what_does_not_fit_and_says_how_much(made: Made) -> None:
    path = made.writer.path
    with no_room(150, path):
        done = [made.writer.append(r.Log(text="y" * 60)) for _ in range(30)]
        assert path.read_bytes().endswith(b"\n")
    made.say("f")
    lost = done.count(-1)
    assert lost >= 28 and gaps(path) == [(lost, os.strerror(errno.EFBIG))] and len(made.told) == 1
    assert texts(path).endswith("f")


@pytest.mark.parametrize("code", [errno.EDQUOT, errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_quota_or_whatever_else_the_kernel_refuses_is_a_gap_with_its_words(
    made: Made, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The errors that no test can bring about for real, at the one place where a line is written."""
    room = iter([7])  # bytes of the first line that still fit

    def refuse(fd: int, line: bytes) -> int:
        if (some := next(room, 0)) == 0:
            raise OSError(code, os.strerror(code))
        return os.write(fd, line[:some])

    with monkeypatch.context() as patch:
        patch.setattr(made.writer, "_write", refuse)
        assert [made.writer.append(r.Log(text="y")) for _ in range(3)] == [-1, -1, -1]
        assert made.writer.path.read_bytes().endswith(b"\n")
    made.say("f")
    assert gaps(made.writer.path) == [(3, os.strerror(code))] and len(made.told) == 1
    assert texts(made.writer.path).endswith("f")


def test_a_header_that_did_not_fit_comes_first_once_there_is_room(tmp_path: Path) -> None:
    path, told = tmp_path / "s.jsonl", list[str]()
    writer = Writer(path, told.append)
    with no_room(0, path):
        assert writer.append(r.Session(id="s")) == -1
        assert writer.append(r.Log(text="x")) == -1
    assert writer.append(r.Log(text="y")) == 2
    assert [r.kind_of(x) for x in lines(path)] == ["session", "gap", "log"] and gaps(path)[0][0] == 2


@given(room=st.lists(st.integers(0, 400), max_size=8))
def test_whatever_the_room_lines_are_whole_and_the_count_is_right(
    room: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = Made(tmp_path_factory.mktemp("room") / "s.jsonl")
    written = 6
    for more in room:
        with no_room(more, made.writer.path):
            written += sum(made.writer.append(r.Log(text="z" * size)) >= 0 for size in (5, 50, 100, 5))
    made.say("end")
    lost = 6 + 4 * len(room) - written
    assert sum(count for count, _ in gaps(made.writer.path)) == lost
    assert texts(made.writer.path).endswith("end")
    made.writer.close()


@pytest.mark.parametrize("value", [object(), {1j: 1}])
def test_what_cannot_be_encoded_is_a_gap(value: object, made: Made) -> None:
    assert made.writer.append(r.ToolEnd(result=value)) == -1
    made.say("f")
    ((count, reason),) = gaps(made.writer.path)
    assert count == 1 and "tool_end record cannot be encoded" in reason


def test_a_warning_that_raises_stays_here(tmp_path: Path) -> None:
    def refuse(text: str) -> None:
        raise RuntimeError(text)

    writer = Writer(tmp_path / "s.jsonl", refuse)
    writer.append(r.Session(id="s"))
    (tmp_path / "s.jsonl").unlink()
    assert writer.append(r.Log(text="x")) >= 0
    writer.close()


def test_a_warning_may_wait_for_a_thread_that_writes(tmp_path: Path) -> None:
    def hand_over(text: str) -> None:
        thread = threading.Thread(target=lambda: writer.append(r.Log(text="from the handler")))
        thread.start()
        thread.join(100)
        assert not thread.is_alive()

    writer = Writer(tmp_path / "s.jsonl", hand_over)
    writer.append(r.Session(id="s"))
    (tmp_path / "s.jsonl").unlink()
    writer.append(r.Log(text="x"))
    writer.close()
    assert "from the handler" in (tmp_path / "s.jsonl").read_text()


def test_what_a_signal_handler_writes_in_the_middle_of_a_record_has_its_own_line(made: Made) -> None:
    encode = module._encode

    def interrupted(record: r.Record) -> bytes:
        line = encode(record)
        if isinstance(record, r.Log) and record.text == "f":
            record.text = "F"
            made.say("g")
        return line

    module._encode = interrupted
    try:
        made.say("f")
    finally:
        module._encode = encode
    assert texts(made.writer.path) == "abcdegF"


def test_an_interruption_at_any_point_of_a_record_leaves_whole_lines_with_their_numbers(tmp_path: Path) -> None:
    """Ctrl-C after any line of code: the file is taken as it is found."""
    for stop in range(1, 60):
        made = Made(tmp_path / f"{stop}.jsonl")
        with interrupted(stop, module):
            made.say("f")
        made.say("g", "h")
        assert texts(made.writer.path) in ("abcdegh", "abcdefgh"), stop
        made.writer.close()


def test_a_fork_begins_a_file_of_its_own(made: Made) -> None:
    before, child = made.writer.path.read_bytes(), made.writer.path.with_name("child.jsonl")
    header = r.Session(id="child", parent=r.Parent("s", 5))
    pid = os.fork()
    if pid == 0:
        made.writer.fork(child, header)
        made.say("x", "y")
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert made.writer.path.read_bytes() == before
    made.say("f")
    assert texts(child) == "xy" and texts(made.writer.path) == "abcdef" and not gaps(child)
    assert Reader(child).header.parent == r.Parent("s", 5)


def test_a_durable_record_is_on_the_disk_when_append_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[int, int]] = []
    path = tmp_path / "s.jsonl"

    def sync(fd: int) -> None:
        found = os.fstat(fd)
        synced.append((found.st_ino, found.st_size))

    monkeypatch.setattr(os, "fdatasync", sync)
    writer = Writer(path, print, durable=True)
    for record in (r.Session(id="s"), r.Delta(text="a"), r.Delta(text="b")):
        writer.append(record)
        assert (path.stat().st_ino, path.stat().st_size) in synced
    writer.close()


def test_boundaries_reach_the_disk_without_being_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, synced = threading.Event(), threading.Semaphore(0)

    def sync(fd: int) -> None:
        slow.wait(100)
        synced.release()

    monkeypatch.setattr(os, "fdatasync", sync)
    writer = Writer(tmp_path / "s.jsonl", print)
    writer.append(r.Session(id="s"))
    for _ in range(100):
        writer.append(r.ToolEnd())  # returns although the disk does not
    slow.set()
    assert synced.acquire(timeout=100)
    writer.close()
    assert synced.acquire(timeout=100)
