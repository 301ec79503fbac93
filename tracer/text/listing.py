"""A whole session to standard output, as lines or as JSON Lines, through a filter or not."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator

from tracer import records as r
from tracer.errors import TracerError
from tracer.filters import Filter, FilterError, compile_filter
from tracer.session import Session
from tracer.text.kinds import check_kinds
from tracer.text.lines import Lines
from tracer.text.render import renderer
from tracer.text.safe import escaped


def parse_filter(text: str) -> Filter:
    """The filter. Raises TracerError, pointing at the column."""
    try:
        return compile_filter(text)
    except FilterError as error:
        raise TracerError(str(error), "`tracer show --filters` explains the language") from error


def print_session(session: Session, text: str = "", as_json: bool = False) -> None:
    """Print it to its end as of now. Raises TracerError on a bad filter."""
    keep = _kept(session, parse_filter(text)) if text.strip() else None
    if as_json:
        _print_json(session, keep)
        return
    lines, render, out = Lines(), renderer(sys.stdout, seqs=True), sys.stdout
    for record in session.records():
        line = lines.feed(record)
        if line is not None and (keep is None or keep(record)):
            out.write(render(line) + "\n")
    if keep is None and lines.timeline.session_end is None:
        out.write(_unfinished(session))


def follow_session(session: Session) -> None:
    """Print it as it comes, until the recording is over."""
    _print_lines(session, session.follow())


def play_session(session: Session, speed: float) -> None:
    """Print it at `speed` times its own pace; 0 is at once. What comes while it plays is played too."""
    _print_lines(session, _paced(session.records(), speed))


def _paced(records: Iterable[r.Record], speed: float) -> Iterator[r.Record]:
    began = time.monotonic()
    for record in records:
        if speed > 0 and (wait := record.t / 1e9 / speed - (time.monotonic() - began)) > 0:
            sys.stdout.flush()
            time.sleep(wait)
        yield record


def _print_lines(session: Session, records: Iterable[r.Record | None]) -> None:
    lines, render, out = Lines(), renderer(sys.stdout), sys.stdout
    for record in records:
        line = lines.feed(record) if record is not None else out.flush()
        if line is not None:
            out.write(render(line) + "\n")
    if lines.timeline.session_end is None:
        out.write(_unfinished(session))


def _kept(session: Session, filter: Filter) -> Callable[[r.Record], bool]:
    check_kinds(filter, session.records())
    timeline = session.timeline()
    return lambda record: filter.matches(record, timeline)


def _print_json(session: Session, keep: Callable[[r.Record], bool] | None) -> None:
    out, terminal = sys.stdout.buffer, sys.stdout.isatty()
    session.reader.poll()
    for record in session.records():
        if keep is None or keep(record):
            raw = session.reader.raw(record.seq)
            out.write((escaped(raw) if terminal else raw) + b"\n")
    out.flush()


def _unfinished(session: Session) -> str:
    if session.state == "live":
        return "still running: `tracer view` follows it\n"
    return "the recording breaks off here: its process ended without a word\n"
