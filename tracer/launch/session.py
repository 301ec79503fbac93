"""One run from start to end as `tracer run` and `tracer demo` show it: on a screen, or as plain lines."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer import records as r
from tracer.launch.invoked import command_line
from tracer.launch.parent import Child, ChildError
from tracer.launch.spec import Ended, Ready, Spec
from tracer.logs import own_log
from tracer.text.format import counted

if TYPE_CHECKING:
    from tracer.otel.live import LiveExport


def run(spec: Spec, *, screen: bool, keyboard: bool = False, otlp: str = "", hints: Any = None) -> tuple[Ended, Ready]:
    """Run it and show it. Returns how it ended and what was recorded. Raises TracerError where it cannot begin."""
    if otlp:
        from tracer.otel.endpoint import traces_url

        traces_url(otlp)  # a bad address is told before anything runs
    spec.screen = screen
    child = Child(spec, keyboard)
    with _ctrl_c(child):
        ready = child.wait_ready()
        export = exporting(Path(ready.path), otlp)
        try:
            _show(child, ready, screen, hints)
            ended = child.wait()
        finally:
            if child.running:
                child.stop()
            if export is not None:
                report(export)
    # only now: structlog takes a quarter of a second to load, and what is to be seen comes first
    own_log("launch").info("run", session=ready.id, app=spec.app, model=spec.model, screen=screen, code=ended.code)
    return ended, ready


def finish(ended: Ended, ready: Ready) -> int:
    """Say how it ended and the command that reopens it; the exit code. Raises ChildError on a failed run."""
    from tracer.launch.invoked import tracer_command

    if not ended.code and not _whole(Path(ready.path)):
        click.echo("tracer: the recording is incomplete: not all of it could be written; is the disk full?", err=True)
    click.echo(f"recorded as {ready.id}; see it again:")
    click.echo(f"{tracer_command()} view {ready.id}")
    if ended.message:
        sys.stdout.flush()
        raise ChildError(ended.message, ended.hint, ended.code, ended.traceback)
    return ended.code


def _whole(path: Path) -> bool:
    from tracer.journal.reader import Reader

    reader = Reader(path)
    try:
        return reader.state() == "ended" and next(iter(reader.find(b'{"kind":"gap"')), None) is None
    finally:
        reader.close()


def _show(child: Child, ready: Ready, screen: bool, hints: Any) -> None:
    path = Path(ready.path)
    if not screen:
        print_live(path, ready)
        return
    from tracer.tui import run_view

    left: list[bool] = []

    def leaving() -> None:  # before the debugger loses its viewer: else what is stopped could go on, by policy
        if child.running and not left:
            left.append(True)
            child.ask_to_end()

    socket = Path(ready.socket) if ready.socket else None
    code = run_view(path, mode="live", socket=socket, hints=hints, leaving=leaving)
    if left or child.running:
        click.echo("the screen was closed while the agent ran: it is asked to end", err=True)
        child.stop()
    if code > 128:  # a signal closed it
        raise SystemExit(code)


def print_live(path: Path, ready: Ready) -> None:
    """Follow the session as plain lines to its end; once nobody reads them, in silence."""
    from tracer.journal.reader import Reader
    from tracer.text.lines import Lines
    from tracer.text.render import renderer

    reader, lines, render, out = Reader(path), Lines(), renderer(sys.stdout, whole=True), sys.stdout
    quiet = told = False
    for record in reader.follow(interval=0.02):
        line = lines.feed(record) if record is not None else None
        try:
            if line is not None and not quiet:
                out.write(render(line) + "\n")
                out.flush()
        except BrokenPipeError:
            quiet = True
        if isinstance(record, r.Stopped) and not told:
            told = True
            click.echo(f"it waits; `{command_line('view', ready.id)}` in another terminal lets you act", err=True)
    reader.close()
    if quiet:
        raise BrokenPipeError


@contextmanager
def _ctrl_c(child: Child) -> Iterator[None]:
    """While it lasts Ctrl-C goes to the agent: asked to end, then killed. A terminal that closes ends it all."""

    def heard(*_: Any) -> None:
        child.ask_to_end()

    def told_to_go(number: int, _frame: Any) -> None:
        raise SystemExit(128 + number)  # so that what was begun is ended and cleared away

    handlers = {signal.SIGINT: heard, signal.SIGTERM: told_to_go, signal.SIGHUP: told_to_go}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def exporting(path: Path, otlp: str) -> LiveExport | None:
    """Begin to send the session's spans, if they are to be sent."""
    if not otlp:
        return None
    from tracer.otel.live import start_live

    return start_live(path, otlp)


def report(export: LiveExport) -> None:
    """End the sending, and say what was sent."""
    done = export.close()
    if done.error:
        again = f"; later: `{done.rest}`" if done.rest else ""
        click.echo(f"tracer: spans not sent: {done.error}{again}", err=True)
    else:
        click.echo(f"{counted(done.sent, 'span')} sent", err=True)
