"""The session file: whole lines in order, torn tails, followers, and which file a name means."""

import os
import resource
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import records as r
from tracer.debug.paths import socket_path
from tracer.errors import TracerError
from tracer.journal import paths, process
from tracer.journal.reader import Reader
from tracer.journal.writer import Writer
from tracer.testing import build_session


def fresh(path: Path) -> Writer:
    writer = Writer(path, lambda text: None)
    writer.append(r.Session(id=path.stem, pid=os.getpid(), pid_start=process.start_time(os.getpid())))
    return writer


def test_the_file_is_private(tmp_path: Path) -> None:
    fresh(tmp_path / "deep" / "s.jsonl")
    assert (tmp_path / "deep" / "s.jsonl").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "deep").stat().st_mode & 0o777 == 0o700


def test_threads_write_whole_lines_with_their_numbers(tmp_path: Path) -> None:
    writer = fresh(tmp_path / "s.jsonl")
    threads = [
        threading.Thread(target=lambda n=n: [writer.append(r.Log(text=f"{n}-{i}" * 50)) for i in range(200)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = list(Reader(tmp_path / "s.jsonl").records())
    assert len(found) == 801
    assert [r.decode(line).seq for line in (tmp_path / "s.jsonl").read_bytes().splitlines()] == list(range(801))


def test_a_record_is_in_the_kernel_when_append_returns(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from tracer.journal.writer import Writer\n"
        "from tracer import records as r\n"
        "w = Writer(Path(sys.argv[1]), print); w.append(r.Session(id='x'))\n"
        "for i in range(500): w.append(r.Log(text=str(i)))\n"
        "os.kill(os.getpid(), 9)"
    )
    path = tmp_path / "s.jsonl"
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    assert [x.text for x in Reader(path).records() if isinstance(x, r.Log)] == [str(i) for i in range(500)]


def test_a_full_disk_is_told_once_and_leaves_a_gap(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path; from tracer.journal.writer import Writer\n"
        "from tracer import records as r\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); said = []\n"
        "w = Writer(Path(sys.argv[1]), said.append); w.append(r.Session(id='x'))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))\n"
        "done = [w.append(r.Log(text='y' * 90)) for i in range(40)]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "w.append(r.Log(text='after')); w.close(); print(len(said), done.count(-1))"
    )
    path = tmp_path / "s.jsonl"
    out = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True).stdout
    told, lost = map(int, out.split())
    assert told == 1 and lost > 10
    found = list(Reader(path).records())
    gap = next(x for x in found if isinstance(x, r.Gap))
    assert gap.count == lost and "large" in gap.reason.lower()
    assert isinstance(found[-2], r.Log) and found[-2].text == "after"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    damaged = [x for x in found if isinstance(x, r.Unknown)]
    assert len(damaged) <= 1


@given(cut=st.integers(1, 400))
def test_a_file_cut_anywhere_reads_to_its_last_whole_line(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "s.jsonl"
    whole = build_session(path, "tool say").path.read_bytes()
    first = whole.index(b"\n") + 1
    kept = whole[: max(first, len(whole) - cut)]
    path.write_bytes(kept)
    reader = Reader(path)
    assert len(list(reader.records())) == kept.count(b"\n")
    assert reader.state() == ("crashed" if len(kept) < len(whole) else "ended")


def test_a_damaged_line_does_not_stop_the_reader(tmp_path: Path) -> None:
    path = build_session(tmp_path / "s.jsonl", "say").path
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"\x00\xffgarbage\n", *lines[3:]]))
    found = list(Reader(path).records())
    assert r.kind_of(found[3]) == "damaged"
    assert len(found) == len(lines) + 1
    assert [x.seq for x in found] == list(range(len(lines) + 1))


def test_a_follower_sees_every_record_once_and_ends_with_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    writer = fresh(path)

    def write() -> None:
        for i in range(2000):
            writer.append(r.Log(text=str(i)))
        writer.close("done")

    thread = threading.Thread(target=write)
    thread.start()
    seen = [x for x in Reader(path).follow(interval=0.001) if x is not None]
    thread.join()
    assert [x.text for x in seen if isinstance(x, r.Log)] == [str(i) for i in range(2000)]
    assert isinstance(seen[-1], r.SessionEnd)


def test_a_dead_writer_is_told_from_a_live_one(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from tracer.journal.writer import Writer\n"
        "from tracer import records as r\n"
        "from tracer.journal.process import start_time\n"
        "w = Writer(Path(sys.argv[1]), print)\n"
        "w.append(r.Session(id='x', pid=os.getpid(), pid_start=start_time(os.getpid())))\n"
        "print('up', flush=True); input()"
    )
    path = tmp_path / "s.jsonl"
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout and child.stdout.readline() == b"up\n"
    reader = Reader(path)
    assert reader.state() == "live"
    child.kill()
    child.wait()
    assert reader.state() == "crashed"
    assert not process.alive(os.getpid(), process.start_time(os.getpid()) + 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"hello\n", "not a session"),
        (b'{"kind":"delta","seq":0}\n', "not a session"),
        (b'{"kind":"session","v":99,"id":"x"}\n', "newer"),
    ],
)
def test_a_file_that_is_no_session_is_refused_with_its_reason(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(TracerError, match=said):
        Reader(path)


def test_which_session_a_name_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    with pytest.raises(TracerError, match="no session"):
        paths.resolve("last")
    for name in ("aaa1", "aab2", "b"):
        build_session(paths.session_path(name), "say")
    assert paths.resolve("last").stem == "b"
    assert paths.resolve("aab").stem == "aab2"
    assert paths.resolve(str(paths.session_path("b"))).stem == "b"
    with pytest.raises(TracerError, match="2 sessions"):
        paths.resolve("aa")
    with pytest.raises(TracerError, match="no session 'zzz'"):
        paths.resolve("zzz")
    assert paths.split_address("aab2#17") == ("aab2", 17)
    assert paths.split_address("aab2") == ("aab2", None)


@pytest.mark.parametrize("name", ["../x", "a/b", "..", "", ".hidden", "a\x00b"])
def test_an_id_cannot_leave_the_folder(name: str) -> None:
    for place in (paths.session_path, socket_path):
        with pytest.raises(TracerError, match="is not a session id"):
            place(name)


def test_a_reader_that_is_dropped_leaves_no_file_open(tmp_path: Path) -> None:
    path = build_session(tmp_path / "s.jsonl", "say").path
    (tmp_path / "no.jsonl").write_text("{}\n")
    gone = weakref.ref(reader := Reader(path))
    number = vars(reader._source)["_fds"][0]
    del reader
    assert gone() is None
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)
    with pytest.raises(TracerError):
        Reader(tmp_path / "no.jsonl")
    closed = Reader(path)
    closed.close()
    closed.close()


def test_a_line_that_is_no_utf8_is_damaged_and_a_pipe_is_no_session(tmp_path: Path) -> None:
    path = build_session(tmp_path / "s.jsonl", "say").path
    with path.open("ab") as file:
        file.write(b'{"kind":"log","seq":99,"text":"\xff\xfe"}\n')
    assert r.kind_of(list(Reader(path).records())[-1]) == "damaged"
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(TracerError, match="cannot read"):
        Reader(tmp_path / "pipe.jsonl")
    assert not process.alive(2**40, 1)


def test_a_home_of_nobody_is_a_folder_of_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", "~nobody-of-that-name/x")
    assert paths.home() == Path("~nobody-of-that-name/x")
    assert paths.split_address("last#²") == ("last#²", None)


def test_the_last_session_is_the_last_that_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    build_session(paths.session_path("aaa1"), "say")
    writer = fresh(paths.session_path("aab2"))
    writer.append(r.Log(text="app.py has no 'nothing'", level="error"))
    assert paths.resolve("last").stem == "aab2"
    writer.close(paths.NEVER_BEGAN)
    assert paths.resolve("last").stem == "aaa1" and paths.resolve("aab").stem == "aab2"
    paths.session_path("aaa1").unlink()
    assert paths.resolve("last").stem == "aab2"
