"""The copy of a session elsewhere, whose other side may say anything."""

from __future__ import annotations

import base64
import contextlib
import resource
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.debug.far import far
from tracer.debug.errors import DebugError
from tracer.debug.mirror import Mirror, _Talk
from tracer.testing import build_session


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "copies"))
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies"


def head(tmp_path: Path) -> bytes:
    """The first line of a session."""
    path = tmp_path / "there.jsonl"
    build_session(path, "say").close()
    return path.read_bytes().partition(b"\n")[0] + b"\n"


def piece(data: bytes, over: bool = False) -> dict[str, Any]:
    """An answer that carries these bytes."""
    return {"data": base64.b64encode(data).decode(), "size": 1, "over": over}


def greeting(session: Any = "s-1") -> list[Any]:
    return [{"tracer": {"session": session}}]


@pytest.mark.parametrize("name", ["{}/victim", "../victim", "a/../../victim", "", "-rf", 300 * "x"], ids=range(6))
def test_the_other_side_does_not_choose_where_its_copy_is(tmp_path: Path, temporary: Path, name: str) -> None:
    via = far(tmp_path, initialize=greeting(name.format(tmp_path)), journal=[piece(head(tmp_path) + b"evil\n")])
    before = set(tmp_path.rglob("*"))
    with contextlib.closing(Mirror(via)) as mirror, pytest.raises(DebugError, match="is no session's id"):
        mirror.begin()
    after = {path for path in tmp_path.rglob("*") if not path.name.endswith(".came")}
    assert after <= before and not list(temporary.iterdir())


HOSTILE = "\x1b]0;OWNED\x07\x1b[31mhostile"


def test_what_the_other_side_says_is_shown_cleaned_until_there_is_a_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    early = {**greeting()[0], "stderr": f"{HOSTILE} but early\nno end of line"}
    late = {**piece(b""), "stderr": f"{HOSTILE} and late" + "x" * (1 << 17)}  # more than waits in a pipe
    via = far(tmp_path, initialize=[early], journal=[piece(head(tmp_path)), late, piece(b"")])
    with contextlib.closing(Mirror(via)) as mirror:
        mirror.begin()
        assert mirror.way is not None
        talk = _Talk(mirror.way.ours, via)
        for _ in range(2):
            talk.ask("tracer/journal", {"from": 1})
    said = capfd.readouterr()
    assert said.err == "hostile but early\nno end of line" and not said.out


def test_its_last_words_stand_above_the_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    via = far(tmp_path, initialize=[{**greeting()[0], "stderr": f"{HOSTILE}\n"}], journal=["end"])
    with contextlib.closing(Mirror(via)) as mirror, pytest.raises(DebugError):
        mirror.begin()
    assert capfd.readouterr().err == "hostile\n"


def test_of_a_piece_that_does_not_fit_on_the_disk_nothing_is_kept(tmp_path: Path) -> None:
    mirror = Mirror(far(tmp_path))
    mirror._append(b"whole\n")
    size = mirror.path.stat().st_size
    limit, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(DebugError, match="cannot be written"):
            mirror._take(piece(b"x" * (1 << 21)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert mirror.path.stat().st_size == size
    mirror.close()


@pytest.mark.parametrize(
    ("initialize", "journal"),
    [
        ({}, {}),
        ({"tracer": "s-1"}, {}),
        ({"tracer": {}}, {}),
        ({"tracer": ["session"]}, {}),
        (greeting()[0], {}),
        (greeting()[0], {"data": 5}),
        (greeting()[0], {"data": "a"}),
        (greeting()[0], piece(b"{}\n")),
        (greeting()[0], piece(b"no JSON\n")),
        (greeting()[0], piece(bytes(1 << 18))),
    ],
)
def test_what_does_not_speak_the_protocol_is_told_in_one_line(tmp_path: Path, initialize: Any, journal: Any) -> None:
    via = far(tmp_path, initialize=[initialize], journal=[journal])
    with contextlib.closing(Mirror(via)) as mirror:
        with pytest.raises(DebugError, match="does not speak the debugger's protocol") as told:
            mirror.begin()
        assert "of this version" in told.value.hint
        assert not mirror.path.exists()
