"""A whole session to standard output, as lines or as JSON Lines, through a filter or not."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator

from tracer import records as r
from tracer.errors import TracerError
from tracer.filters import Filter, FilterError, compile_filter
from tracer.prefilter import Prefilter
from tracer.session import Session
from tracer.text.kinds import check_kinds
from tracer.text.lines import Lines
from tracer.text.render import renderer
from tracer.text.safe import escaped

_DELTA = b'{"kind":"delta"'


def parse_filter(text: str) -> Filter:
    """The filter. Raises TracerError, pointing at the column."""
    try:
        return compile_filter(text)
    except FilterError as error:
        raise TracerError(str(error), "`tracer show --filters` explains the language") from error


def print_session(session: Session, text: str = "", as_json: bool = False) -> None:
    """Print it to its end as of now. Raises TracerError on a bad filter."""
    filter = parse_filter(text)
    before = Prefilter(text)
    keep = _kept(session, filter, before)
    if as_json:
        _note(_print_json(session, keep, before), text)
        return
    lines, render, out = Lines(), renderer(sys.stdout, seqs=True), sys.stdout
    count = 0
    for record in _told(session, before):
        line = lines.feed(record)
        if line is not None and keep(record):
            out.write(render(line) + "\n")
            count += 1
    _note(count, text)
    if not text.strip() and lines.timeline.session_end is None:
        out.write(_unfinished(session))


def _told(session: Session, before: Prefilter) -> Iterator[r.Record]:
    """The records that lines are made of: pieces of text only where their text may be asked for."""
    if before.kind("block_stop"):
        yield from session.records()
        return
    for seq, line in session.reader.lines():
        if not line.startswith(_DELTA):
            yield session.reader.decoded(seq, line)


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


def _kept(session: Session, filter: Filter, before: Prefilter) -> Callable[[r.Record], bool]:
    if not filter.text.strip():
        return lambda _: True
    check_kinds(filter, session.records())
    timeline = session.timeline() if before.spans else None
    return lambda record: filter.matches(record, timeline)


def _note(count: int, text: str) -> None:
    """To standard error, when a filter let nothing through."""
    if text.strip() and not count:
        sys.stderr.write("no record of the session is such a one\n")


def _print_json(session: Session, keep: Callable[[r.Record], bool], before: Prefilter) -> int:
    count, out, terminal = 0, sys.stdout.buffer, sys.stdout.isatty()
    for seq, line in session.reader.lines():
        if before.passes(line) and keep(session.reader.decoded(seq, line)):
            raw = line or session.reader.raw(seq)  # one that is too long came empty, and says so when it is asked for
            out.write((escaped(raw) if terminal else raw) + b"\n")
            count += 1
    out.flush()
    return count


def _unfinished(session: Session) -> str:
    if session.state == "live":
        return "still running: `tracer view` follows it\n"
    if session.reader.cut:
        return "the file was cut short while it was read: what was there before has been told\n"
    return "the recording breaks off here: its process ended without a word\n"
