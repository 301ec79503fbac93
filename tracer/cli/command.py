"""What all commands share: `-h`, `--debug` anywhere, and how SESSION arguments are opened."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from tracer.errors import TracerError

if TYPE_CHECKING:
    from pathlib import Path

    from tracer.session import Session

HELP_OPTIONS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_asked: set[str] = set()
_ZSTD = b"\x28\xb5\x2f\xfd"


def debug_option() -> click.Option:
    """`--debug`: show the traceback of an error."""

    def note(_ctx: click.Context, _param: click.Parameter, value: bool) -> None:
        if value:
            _asked.add("debug")

    return click.Option(
        ["--debug"], is_flag=True, expose_value=False, is_eager=True, callback=note, help="Show tracebacks of errors."
    )


def wants_traceback() -> bool:
    """Whether `--debug` was given."""
    return "debug" in _asked


class Command(click.Command):
    """A command with `-h` and `--debug`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["context_settings"] = {**HELP_OPTIONS, **kwargs.get("context_settings", {})}
        super().__init__(*args, **kwargs)
        self.params.append(debug_option())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; an error of its parser tells of no command, and its next step is that command's help."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


@contextmanager
def opened(name: str) -> Iterator[Session]:
    """The session that SESSION means; `-` is standard input, kept in a file for as long as it is open."""
    from tracer.session import open_session

    whole, seq = split_session(name)
    if seq is not None:
        raise TracerError(f"{name} is one record", f"`tracer show` prints it, and {whole} is its session")
    if name == "-":
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _told_to_go)
    path = _spooled() if name == "-" else None
    try:
        session = open_session(path if path else name)
        try:
            yield session
        finally:
            session.close()
    except TracerError as error:
        if path is None:
            raise
        said = error.message.replace(str(path), "standard input")
        raise TracerError(said, error.hint, error.exit_code) from error
    finally:
        if path:
            path.unlink(missing_ok=True)


@contextmanager
def doing(what: str, path: Path, needs: Path) -> Iterator[None]:
    """What the disk refuses meanwhile is one line. `needs`: what has to be writable. Raises TracerError."""
    try:
        yield
    except OSError as error:
        raise TracerError(f"cannot {what} {path}: {error.strerror or error}", _next_step(error, needs), 1) from error


def _next_step(error: OSError, needs: Path) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        import shlex

        return f"`ls -ld {shlex.quote(str(needs))}` shows who may write there"
    return "make room on the disk" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "`--debug` shows where"


def _told_to_go(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)  # so that the copy of standard input goes too


def _spooled() -> Path:
    import shutil
    import tempfile
    from pathlib import Path

    if sys.stdin.isatty():
        raise TracerError("standard input is a terminal", "pipe a session file into `-`")
    head = sys.stdin.buffer.read(len(_ZSTD))
    suffix = ".jsonl.zst" if head == _ZSTD else ".jsonl"
    with tempfile.NamedTemporaryFile(prefix="tracer-", suffix=suffix, delete=False) as copy:
        try:
            copy.write(head)
            shutil.copyfileobj(sys.stdin.buffer, copy)
        except BaseException:
            os.unlink(copy.name)
            raise
    return Path(copy.name)


def take_terminal() -> None:
    """Read keys from the terminal where standard input was a pipe. Raises TracerError where there is no terminal."""
    if sys.stdin.isatty():
        return
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError as error:
        raise TracerError("there is no terminal to read keys from", "`tracer show` prints the session") from error
    os.dup2(terminal, 0)
    os.close(terminal)
    sys.stdin = os.fdopen(0, closefd=False)


def on_terminal() -> bool:
    """Whether a screen can be drawn: standard output is a terminal that is not dumb."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def split_session(text: str) -> tuple[str, int | None]:
    """SESSION or SESSION#SEQ; a file whose name has a `#` is a file."""
    from tracer.journal.paths import split_address

    return (text, None) if os.path.exists(text) else split_address(text)
