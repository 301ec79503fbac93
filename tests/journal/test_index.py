"""The kept index of a long session: the second reader takes it where it fits, and nothing depends on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import big
from tracer import records as r
from tracer.journal import index
from tracer.journal.reader import Reader
from tracer.testing import build_session


@pytest.fixture
def long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(index, "SMALLEST", 1000)
    return big.write(tmp_path / "long.jsonl", 5000)


def kept(home: Path) -> list[Path]:
    return [path for path in (home / "home" / "cache" / "index").glob("*") if path.is_file()]


def ends(path: Path) -> list[int]:
    reader = Reader(path)
    reader.poll()
    return list(reader._ends)


def by_hand(path: Path) -> list[int]:
    found = [0]
    for line in path.read_bytes().splitlines(keepends=True):
        found += [found[-1] + len(line)] if line.endswith(b"\n") else []
    return found


def refuse(*_: object) -> object:
    raise AssertionError("the index is made anew")


def test_the_second_reader_takes_the_kept_index(long: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = ends(long)
    (cache,) = kept(tmp_path)
    assert cache.stat().st_mode & 0o777 == 0o600 and cache.parent.stat().st_mode & 0o777 == 0o700
    monkeypatch.setattr(Reader, "_index_chunk", refuse)
    assert ends(long) == first == by_hand(long)
    assert isinstance(Reader(long).records(4999).__next__(), r.SessionEnd)


def shorter(path: Path, cache: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def same_size_other_edges(path: Path, cache: Path) -> None:
    before, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:-20] + b"\n" + data[-19:])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def touched(path: Path, cache: Path) -> None:
    data = path.read_bytes()
    middle = data.index(b"\n", len(data) // 2)
    path.write_bytes(data[:middle] + b" " + data[middle + 1 :])


def another_file(path: Path, cache: Path) -> None:
    copy = path.with_suffix(".copy")
    shutil.copyfile(path, copy)
    copy.write_bytes(copy.read_bytes().replace(b"and so on", b"\nnd so on"))
    copy.replace(path)


def cut_cache(path: Path, cache: Path) -> None:
    cache.write_bytes(cache.read_bytes()[:-8])


def flipped_cache(path: Path, cache: Path) -> None:
    data = bytearray(cache.read_bytes())
    data[-100] ^= 255
    cache.write_bytes(data)


def garbage(path: Path, cache: Path) -> None:
    cache.write_bytes(b"\x00" * 100)


def huge_claim(path: Path, cache: Path) -> None:
    cache.write_bytes(cache.read_bytes().replace(b'"count":', b'"count":9999999999', 1))


def folder(path: Path, cache: Path) -> None:
    cache.unlink()
    cache.mkdir()


@pytest.mark.parametrize(
    "spoil",
    [shorter, same_size_other_edges, touched, another_file, cut_cache, flipped_cache, garbage, huge_claim, folder],
)
def test_an_index_that_does_not_fit_is_made_anew(
    long: Path, tmp_path: Path, spoil: Callable[[Path, Path], None]
) -> None:
    ends(long)
    (cache,) = kept(tmp_path)
    spoil(long, cache)
    assert ends(long) == by_hand(long)


def test_a_live_file_has_none_until_it_ends(long: Path, tmp_path: Path) -> None:
    whole = long.read_bytes()
    last = whole[:-1].rindex(b"\n") + 1
    long.write_bytes(whole[:last])
    reader = Reader(long)
    assert reader.poll() == 4999 and not kept(tmp_path)
    with long.open("ab") as file:
        file.write(whole[last:])
    assert reader.poll() == 1 and len(kept(tmp_path)) == 1


def test_a_crashed_one_gets_its_index_once_it_is_known_to_be_over(long: Path, tmp_path: Path) -> None:
    long.write_bytes(long.read_bytes()[:-10])
    reader = Reader(long)
    assert reader.poll() == 4999 and not kept(tmp_path)
    assert reader.state() == "crashed" and len(kept(tmp_path)) == 1
    assert ends(long) == by_hand(long)


def test_without_a_place_for_it_reading_goes_on(long: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TRACER_HOME", str(tmp_path / "file"))
    assert ends(long) == by_hand(long)


def test_an_index_of_long_ago_goes_when_another_is_kept(long: Path, tmp_path: Path) -> None:
    ends(long)
    (old,) = kept(tmp_path)
    fresh = old.rename(old.with_name("another"))
    stale = old.with_name("stale")
    stale.write_bytes(b"")
    os.utime(stale, (1, 1))
    ends(long)
    assert set(kept(tmp_path)) == {old, fresh}


def test_a_short_session_needs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path / "home"))
    ends(build_session(tmp_path / "s.jsonl", "tool say").path)
    assert not kept(tmp_path)
