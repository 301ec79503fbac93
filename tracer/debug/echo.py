"""What the agent says, as `output` events: the model's text as it comes, calls as lines. It reads the session's file,
as every view does: the agent does nothing for it, and without a listener there is neither a reader nor a timer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tracer import records as r
from tracer.errors import TracerError
from tracer.journal.reader import Reader
from tracer.text.lines import Lines
from tracer.text.safe import clean, snippet

Body = dict[str, Any]
INTERVAL = 0.05  # seconds between two looks at the file: what came since is one event
SLICE = 1 << 18  # bytes of the file, at most, between two of which requests are answered
_LINE = 500


class Spoken:
    """Turns records into the bodies of `output` events: pieces of one text that follow each other are one body."""

    def __init__(self) -> None:
        self._speaker: str | None = None  # the invocation whose text has not ended its line
        self._told: list[tuple[Body, list[str]]] = []  # pieces are put together once: there may be very many

    def bodies(self, records: Iterable[r.Record]) -> list[Body]:
        """What these say; safe to print."""
        self._told = []
        for record in records:
            if isinstance(record, r.Delta) and record.text:
                self._text(record)
            elif isinstance(record, r.BlockStop | r.ModelEnd) and record.inv == self._speaker:
                self._break()
            elif isinstance(record, r.ToolStart | r.ToolEnd):
                self._break()
                self._told.append((_called(record), []))
        told = [{**body, "output": body["output"] + "".join(more)} for body, more in self._told]
        return [body for body in told if body["output"]]

    def _text(self, record: r.Delta) -> None:
        if record.inv != self._speaker:
            self._break()
        text = clean(record.text or "", keep_newlines=True)
        last, more = self._told[-1] if self._told else ({}, [])
        if last and last["category"] == "stdout" and last["tracer"]["inv"] == record.inv:
            more.append(text)
        else:
            self._told.append((_body("stdout", text, record), []))
        self._speaker = None if text.endswith("\n") else record.inv

    def _break(self) -> None:
        if self._speaker is None:
            return
        if self._told and self._told[-1][0]["category"] == "stdout":
            self._told[-1][1].append("\n")
        else:
            body = {"category": "stdout", "output": "\n", "tracer": {"inv": self._speaker}}
            self._told.append((body, []))
        self._speaker = None


def _body(category: str, text: str, record: r.Record) -> Body:
    return {"category": category, "output": text, "tracer": {"inv": record.inv, "cycle": record.cycle}}


def _called(record: r.ToolStart | r.ToolEnd) -> Body:
    line = Lines().feed(record)  # one for each: what it folds would grow with the session
    body = _body("console", snippet(line.text if line else "", _LINE) + "\n", record)
    where = record.where if isinstance(record, r.ToolStart) else None
    if where is None:
        return body
    return body | {"source": {"name": Path(where.file).name, "path": where.file}, "line": max(1, where.line)}


class Echo:
    """Follows a session's file while somebody listens, and gives `tell` the bodies. All of it on one loop."""

    def __init__(self, path: Path, tell: Callable[[Body], None]) -> None:
        self._path = path
        self._tell = tell
        self._reader: Reader | None = None
        self._spoken = Spoken()
        self._at = 0
        self._timer: asyncio.Task[None] | None = None

    def wanted(self, listeners: bool) -> None:
        """Begin with what is said from now on, or end. Where nothing is recorded there is nothing to tell."""
        if listeners and self._timer is None:
            self._open()
            self._timer = asyncio.ensure_future(self._follow())
        elif not listeners and self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._close()

    def _open(self) -> None:
        with contextlib.suppress(TracerError):
            reader = Reader(self._path)
            while reader.poll():
                continue
            self._spoken, self._at, self._reader = Spoken(), len(reader), reader

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(0 if self._reader is not None and self._reader.unread > SLICE else INTERVAL)
            self.look(SLICE)

    def look(self, limit: int = 64 << 20) -> None:
        """Tell what was said since the last look, in about so many bytes of the file."""
        if self._reader is None or not self._reader.poll(limit):
            return
        start, self._at = self._at, len(self._reader)
        for body in self._spoken.bodies(self._reader.records(start, self._at)):
            self._tell(body)

    def _close(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
