"""ls by what is asked, rm, prune, pack: what goes, what stays, and what a packed file must not do to its reader."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tracer import records as r
from tracer.cli import main
from tracer.journal import index, packed, paths, process
from tracer.journal.reader import Reader
from tracer.testing import SessionBuilder, build_session
from tracer.text.summary import WHOLE

DAY = 86_400


def at(folder: Path, name: str, days: float, shape: str = "say", **header: Any) -> Path:
    """A session that ended so many days ago, of the shape that build_session knows."""
    path = folder / "sessions" / f"{name}.jsonl"
    lines = build_session(path, shape).path.read_bytes().partition(b"\n")[2]
    start = time.time_ns() - int(days * DAY * 1e9)
    said = r.Session(seq=0, t=0, id=name, start=start, host="localhost", **{"agent": "tester", **header})
    path.write_bytes(r.encode(said) + b"\n" + lines)
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    me = {"pid": os.getpid(), "pid_start": process.start_time(os.getpid())}
    at(tmp_path, "a-old", 40, labels={"request_id": "r-91"})
    at(tmp_path, "b-old-failed", 40, "toolerror fail", agent="shopkeeper")
    at(tmp_path, "c-old-live", 40, "tool crash", **me)
    at(tmp_path, "d-crashed", 3, "tool crash")
    at(tmp_path, "e-new", 0.01, labels={"request_id": "r-92", "env": "prod"})
    return tmp_path


@pytest.fixture
def said(home: Path, capfd: pytest.CaptureFixture[str]) -> Any:
    def run(*args: str, code: int = 0) -> str:
        assert main(list(args)) == code
        out, err = capfd.readouterr()
        return out if code == 0 else err

    return run


def left(home: Path) -> set[str]:
    return {path.name for path in (home / "sessions").iterdir()}


@pytest.mark.parametrize(
    ("args", "ids"),
    [
        (["--status", "crashed"], ["d-crashed"]),
        (["--status", "live"], ["c-old-live"]),
        (["--since", "2h"], ["e-new"]),
        (["--since", "4d"], ["e-new", "d-crashed"]),
        (["--agent", "shop*"], []),
        (["label.request_id", "=", "r-91"], ["a-old"]),
        (["label.env:pr* or status = error"], ["e-new", "b-old-failed"]),
        (["cycles >= 2 and not status:live"], ["b-old-failed"]),
        (["-n", "1", "status = ok"], ["e-new"]),
    ],
)
def test_ls_lists_those_that_are_asked_for(said: Any, args: list[str], ids: list[str]) -> None:
    if "--agent" in args:
        ids = [row["id"] for row in map(json.loads, said("ls", "--json").splitlines()) if row["agent"][:4] == "shop"]
    assert [json.loads(line)["id"] for line in said("ls", "--json", *args).splitlines()] == ids


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--since", "soon"], "'soon' is no age such as"),
        (["--status", "happy"], "there is no status 'happy'"),
        (["label.x ="], "something is missing at column 10"),
        (["tool:x"], "sessions have id, agent, status, label"),
    ],
)
def test_ls_says_what_it_does_not_understand(said: Any, args: list[str], says: str) -> None:
    assert says in said("ls", *args, code=2)


def test_ls_that_finds_none_says_so(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["ls", "--status", "empty"]) == 0
    out, err = capfd.readouterr()
    assert (out, err) == ("", "no such session among 5\n")


def test_rm_deletes_what_is_named_with_its_parts_and_its_index(
    home: Path, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "SMALLEST", 100)
    path = home / "sessions" / "a-old.jsonl"
    data = path.read_bytes()
    first = data.index(b"\n") + 1
    path.write_bytes(data[:first])
    paths.part_path(path, 2).write_bytes(data[first:])
    Reader(path).poll()
    assert len(list((home / "cache" / "index").iterdir())) == 1
    assert said("rm", "a-o", "d-crashed").count("deleted ") == 2
    assert left(home) == {"b-old-failed.jsonl", "c-old-live.jsonl", "e-new.jsonl"}
    assert not list((home / "cache" / "index").iterdir())


def test_rm_refuses_a_live_one_before_it_deletes_any(home: Path, said: Any) -> None:
    before = left(home)
    assert "c-old-live is still being recorded" in said("rm", "a-old", "c-old-live", code=2)
    assert "no session 'zzz'" in said("rm", "a-old", "zzz", code=2)
    assert left(home) == before


def test_rm_deletes_a_damaged_session_and_no_other_file(home: Path, said: Any) -> None:
    (home / "sessions" / "x.jsonl").write_text("")
    (home / "notes.jsonl").write_text("mine\n")
    assert "deleted x" in said("rm", "x")
    assert "is not a session file" in said("rm", str(home / "notes.jsonl"), code=2)
    assert (home / "notes.jsonl").exists()


@pytest.mark.parametrize(
    ("args", "gone"),
    [
        (["--older", "30d"], {"a-old", "b-old-failed"}),
        (["--older", "1d"], {"a-old", "b-old-failed", "d-crashed"}),
        (["--older", "1d", "--keep-failed"], {"a-old"}),
        (["--older", "52w"], set()),
    ],
)
def test_prune_deletes_what_is_old_and_over(home: Path, said: Any, args: list[str], gone: set[str]) -> None:
    before = left(home)
    told = [json.loads(line) for line in said("prune", "--dry-run", "--json", *args).splitlines()]
    assert {row["id"] for row in told} == gone and left(home) == before
    said("prune", *args)
    assert left(home) == before - {f"{name}.jsonl" for name in gone}


def test_prune_wants_an_age(said: Any) -> None:
    assert "--older" in said("prune", code=2)


def test_a_packed_session_reads_the_same_everywhere(home: Path, said: Any) -> None:
    path = home / "sessions" / "b-old-failed.jsonl"
    commands = (("show", "b-old"), ("show", "--json", "b-old", "error"), ("show", "b-old#3"), ("request", "b-old#6"),
                ("replay", "--plain", "--speed", "0", "b-old"), ("view", "b-old"), ("ls",))  # fmt: skip
    before, age = [said(*args) for args in commands], path.stat().st_mtime_ns
    assert "b-old-failed.jsonl.zst: " in said("pack", "b-old")
    assert "b-old-failed.jsonl" not in left(home) and "b-old-failed.jsonl.zst" in left(home)
    assert [said(*args) for args in commands] == before
    file = home / "sessions" / "b-old-failed.jsonl.zst"
    assert file.stat().st_mode & 0o777 == 0o600 and file.stat().st_mtime_ns == age
    assert said("show", str(file)) == before[0]
    assert "is packed already" in said("pack", "b-old", code=2)
    assert "deleted b-old-failed" in said("rm", "b-old")


def test_what_is_kept_beside_its_packed_file_is_listed_once(home: Path, said: Any) -> None:
    said("pack", "--keep", "a-old")
    assert {"a-old.jsonl", "a-old.jsonl.zst"} <= left(home)
    assert len(said("ls", "--json").splitlines()) == 5
    assert "is there already" in said("pack", "a-old", code=2)


def test_pack_refuses_a_live_session_and_what_is_none(home: Path, said: Any) -> None:
    assert "still being recorded" in said("pack", "c-old", code=2)
    (home / "notes.jsonl").write_text("mine\n")
    assert "is not a session file" in said("pack", str(home / "notes.jsonl"), code=2)
    assert not [name for name in left(home) if ".zst" in name] and (home / "notes.jsonl").exists()


@pytest.mark.parametrize("frame", [100, 1000, 1 << 20])
def test_parts_are_packed_into_one_file_that_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frame: int
) -> None:
    from tracer.journal.keep import pack

    monkeypatch.setattr(packed, "FRAME", frame)
    build = SessionBuilder(tmp_path / "s.jsonl").start()
    for size in (0, 10, 2000, 1, 90_000, 3):
        build.put(r.Log(text="é\r" * size))
    path = build.end().close().path
    whole = path.read_bytes()
    path.write_bytes(whole[:700])
    paths.part_path(path, 2).write_bytes(whole[700:] + b'{"torn')
    before = list(Reader(path).records())
    target = pack(path)
    reader = Reader(target)
    assert [p.name for p in tmp_path.iterdir()] == ["s.jsonl.zst"]
    assert list(reader.records()) == before and reader.record(5) == before[5]
    assert zstandard.ZstdDecompressor().stream_reader(target.read_bytes(), read_across_frames=True).read() == (
        whole + b'{"torn'
    )


def foreign(path: Path, data: bytes) -> Path:
    path.write_bytes(zstandard.compress(data))
    return path


def test_a_session_that_zstd_packed_is_read_too(home: Path, said: Any) -> None:
    path = home / "sessions" / "e-new.jsonl"
    whole = said("show", "e-new")
    assert said("show", str(foreign(home / "f.jsonl.zst", path.read_bytes()))) == whole
    from tests.terminal import tracer

    assert tracer(home, "show", "-", stdin=(home / "f.jsonl.zst").read_bytes()).out == whole


def bomb(path: Path) -> None:
    press = zstandard.ZstdCompressor(level=1).compressobj()
    with path.open("wb") as file:
        for _ in range(200):
            file.write(press.compress(b"\n" * (1 << 20)))
        file.write(press.flush())


def bomb_with_a_table(path: Path) -> None:
    frame = zstandard.compress(b"\n" * packed.FRAME)
    table = b"".join(len(part).to_bytes(4, "little") for _ in range(99) for part in (frame, b" " * packed.FRAME))
    foot = packed._HEAD.pack(packed._SKIPPED, len(table) + 9) + table + packed._FOOT.pack(99, 0, packed._SEEKABLE)
    path.write_bytes(frame * 99 + foot)


def one_giant_frame(path: Path) -> None:
    frame = zstandard.compress(b"x")
    table = len(frame).to_bytes(4, "little") + (0xFFFFFFF0).to_bytes(4, "little")
    foot = packed._HEAD.pack(packed._SKIPPED, len(table) + 9) + table + packed._FOOT.pack(1, 0, packed._SEEKABLE)
    path.write_bytes(frame + foot)


def no_zstd(path: Path) -> None:
    path.write_bytes(b"hello\n" * 20)


def a_frame_that_lies(path: Path) -> None:
    frame = zstandard.compress(b'{"kind":"session"}\n' * 9)
    table = len(frame).to_bytes(4, "little") + (19).to_bytes(4, "little")
    foot = packed._HEAD.pack(packed._SKIPPED, len(table) + 9) + table + packed._FOOT.pack(1, 0, packed._SEEKABLE)
    path.write_bytes(frame + foot)


@pytest.mark.parametrize(
    ("make", "says"),
    [(bomb, "unpacks to more than 1000 times its size"), (bomb_with_a_table, "unpacks to more than 1000 times"),
     (one_giant_frame, "unpacks to more than 1000 times"), (no_zstd, "is damaged"),
     (a_frame_that_lies, "has not the size")],
)  # fmt: skip
def test_what_a_packed_file_must_not_do_is_refused_in_one_line(home: Path, said: Any, make: Any, says: str) -> None:
    path = home / "sessions" / "z.jsonl.zst"
    make(path)
    assert path.stat().st_size < 1 << 20
    for command in (("show", str(path)), ("view", "z"), ("pack", "--keep", "z")):
        told = said(*command, code=2)
        assert (says in told or "packed already" in told) and told.count("\n") == 1
    assert '"unreadable"' in said("ls", "--json", "-n", "1")


def test_a_packed_file_with_a_damaged_frame_says_which(home: Path, said: Any) -> None:
    said("pack", "a-old")
    path = home / "sessions" / "a-old.jsonl.zst"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    assert "is damaged: frame 0" in said("show", "a-old", code=2)


def test_zstd_itself_unpacks_it(home: Path, said: Any) -> None:
    import shutil

    if not shutil.which("zstd"):
        pytest.skip("the zstd command is not installed")
    whole = (home / "sessions" / "a-old.jsonl").read_bytes()
    said("pack", "a-old")
    done = subprocess.run(["zstd", "-dc", str(home / "sessions" / "a-old.jsonl.zst")], capture_output=True, check=True)
    assert done.stdout == whole


def test_ls_says_where_it_knows_only_a_part(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    build = SessionBuilder(home / "sessions" / "z-long.jsonl")
    for _ in range(5):
        build.start("hi").cycle().model("y" * (WHOLE // 2), usage=(5, 6)).complete().end()
    build.close()
    assert main(["ls", "tokens", "=", "55"]) == 0
    out, err = capfd.readouterr()
    assert out == "" and "1 session is too long to be summed" in err
    assert main(["ls", "status = ok and id = z-long"]) == 0
    out, err = capfd.readouterr()
    assert "+ " in out and err == ""


def test_show_that_finds_none_says_so(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for more in ([], ["--json"]):
        assert main(["show", "a-old", *more, "tool:nosuch"]) == 0
        out, err = capfd.readouterr()
        assert (out, err) == ("", "no record of the session is such a one\n")
