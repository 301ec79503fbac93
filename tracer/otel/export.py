"""Sends the spans of a session that have ended, from its file: a live one, one that is over, or one that crashed."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.otel.batches import batches
from tracer.otel.data import SpanData
from tracer.otel.endpoint import disabled, traces_url
from tracer.otel.report import Report
from tracer.otel.spans import Mapper
from tracer.session import Session

if TYPE_CHECKING:
    from tracer.otel.sender import Sender


def spans_of(session: Session, mapper: Mapper) -> Iterator[SpanData]:
    """The spans of a session that have ended so far, in the order in which they ended; after a crash, all of them."""
    while True:
        seen = mapper.timeline.count
        for record in session.reader.records(seen):
            yield from mapper.feed(record)
        state = session.state  # reads what came since
        if len(session.reader) == mapper.timeline.count:
            break
    if state == "crashed":
        yield from mapper.finish()


def mapper_of(session: Session, *, content: bool = False) -> Mapper:
    """A fold of this session's records into span data."""
    return Mapper(session.header, content=content, read=session.reader.record)


def export_session(
    session: Session,
    endpoint: str | None = None,
    *,
    content: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Send what has ended to `endpoint` (a base URL; default: the OTEL_EXPORTER_OTLP_* variables), and wait for it.

    `content` lets prompts, messages, tool arguments and results leave the machine. `progress` is called with the
    number sent so far. The first batch that fails ends it; the rest is counted. Raises TracerError on a bad endpoint.
    """
    url = traces_url(endpoint)
    if disabled():
        return Report(error="OTEL_SDK_DISABLED is true: nothing was sent")
    from tracer.otel.sender import Sender

    mapper = mapper_of(session, content=content)
    sender = Sender(session.header, url, patient=True)
    try:
        sent, failed, error = _send_all(sender, batches(spans_of(session, mapper)), progress)
    finally:
        sender.close()
    rest = again(session.path, endpoint, content) if failed else ""
    return Report(sent, failed, error, mapper.running, rest)


def _send_all(
    sender: Sender, waiting: Iterator[list[SpanData]], progress: Callable[[int], None] | None
) -> tuple[int, int, str]:
    sent = failed = 0
    error, down = "", False
    for batch in waiting:
        if down:
            failed += len(batch)
            continue
        outcome = sender.send(batch)
        sent += outcome.sent
        failed += len(batch) - outcome.sent
        error = error or outcome.error
        down = outcome.sent + outcome.refused < len(batch)
        if progress is not None:
            progress(sent)
    return sent, failed, error


def again(path: Path, endpoint: str | None, content: bool = False) -> str:
    """The command that sends a session's spans once more; what has arrived already is the same bytes again."""
    to = ["--otlp", shlex.quote(endpoint)] if endpoint else []
    return " ".join(["tracer export", shlex.quote(str(path)), *to, *(["--content"] if content else [])])
