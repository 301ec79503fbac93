"""What the file system does not allow is one line: the cause, and where to look."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal import TRACER, Done, environment
from tracer.cli import main
from tracer.journal import keep
from tracer.testing import build_session

NO_RIGHTS = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]  # root passes over modes but for these two
needs_modes = pytest.mark.skipif(
    os.geteuid() == 0
    and not (shutil.which("setpriv") and subprocess.run([*NO_RIGHTS, "true"], check=False).returncode == 0),
    reason="root ignores modes, and there is no setpriv to give that up",
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    for name in ("a", "b"):
        build_session(tmp_path / "sessions" / f"{name}.jsonl", "say")
    torn = tmp_path / "sessions" / "a.jsonl"
    torn.write_bytes(torn.read_bytes() + b'{"kind":"de')
    torn.chmod(0o400)
    yield tmp_path / "sessions"
    (tmp_path / "sessions").chmod(0o700)


def unprivileged(home: Path, *args: str) -> Done:
    argv = [*(NO_RIGHTS if os.geteuid() == 0 else []), TRACER, *args]
    done = subprocess.run(
        argv, env=environment(home), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200, check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


@needs_modes
@pytest.mark.parametrize(
    ("mode", "args", "says"),
    [
        (0o000, ["show"], "cannot list {}: Permission denied; set TRACER_HOME to a readable folder"),
        (0o000, ["show", "{}/a.jsonl"], "cannot read {}/a.jsonl: Permission denied; `ls -ld {}` shows who may"),
        (0o000, ["rm", "{}/a.jsonl"], "cannot read {}/a.jsonl: Permission denied; `ls -ld {}` shows who may"),
        (0o500, ["rm", "b"], "cannot delete {}/b.jsonl: Permission denied; `ls -ld {}` shows who may write there"),
        (0o500, ["pack", "b"], "cannot pack {}/b.jsonl: Permission denied; `ls -ld {}` shows who may write there"),
        (0o500, ["prune", "--older", "1h"], "cannot delete {}/b.jsonl: Permission denied; `ls -ld {}` shows"),
        (0o500, ["check", "--repair", "a"], "cannot repair {}/a.jsonl: Permission denied; `ls -ld {}/a.jsonl` shows"),
    ],
)  # fmt: skip
def test_what_a_mode_does_not_allow_is_one_line_with_the_next_step(
    folder: Path, mode: int, args: list[str], says: str
) -> None:
    folder.chmod(mode)
    done = unprivileged(folder.parent, *(word.replace("{}", str(folder)) for word in args))
    assert done.code != 0 and done.out == ""
    assert says.replace("{}", str(folder)) in done.cause


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EROFS, "Read-only file system; `ls -ld {}` shows who may write there"),
        (errno.ENOSPC, "No space left on device; make room on the disk"),
        (errno.EIO, "Input/output error; `--debug` shows where"),
    ],
)
def test_what_the_disk_does_not_take_is_one_line(
    folder: Path, number: int, says: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setenv("TRACER_HOME", str(folder.parent))
    monkeypatch.setattr(keep, "_write", refused)
    assert main(["pack", "b"]) == 1
    err = capfd.readouterr().err
    assert err == f"tracer: cannot pack {folder}/b.jsonl: {says.replace('{}', str(folder))}\n"
    assert {path.name for path in folder.iterdir()} == {"a.jsonl", "b.jsonl"}
