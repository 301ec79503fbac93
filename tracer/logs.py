"""Log lines: the tool's own, to a file; and a user's, into the session that is being recorded.

In a program, `logging.getLogger().addHandler(tracer.logs.Handler())`, or `tracer.logs.bridge` among structlog's
processors, puts what is logged inside a recorded agent into its session, with invocation, cycle and tool call.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

from tracer import records as r

_OWN = {"event", "level", "logger", "timestamp", "exc_info"}
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def write_log(text: str, *, level: str = "", source: str = "", logger: str = "", fields: Mapping[str, Any]) -> bool:
    """Put a line into the session of the agent that runs here; False where none does. Never raises."""
    from tracer.recorder import current

    place = current()
    if place is None or place.run.recording.closed:
        return False
    recording = place.run.recording
    record = r.Log(text=recording.redactor.text(text), level=level, source=source, logger=logger)
    record.fields = recording.plain(dict(fields))
    record.inv, record.cycle, record.tool_use_id = place.run.inv, place.run.cycle, place.tool_use_id
    return recording.write(record) >= 0


class Handler(logging.Handler):
    """A logging handler that writes to the session of the agent inside which something is logged; elsewhere nowhere."""

    def emit(self, record: logging.LogRecord) -> None:
        """Record the line with its extra fields, and a traceback where there is one."""
        if record.name.partition(".")[0] == "tracer":
            return  # a warning about the session cannot go into the session
        fields = {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = str(record.msg)
        if record.exc_info and record.exc_info[0]:
            fields["exception"] = logging.Formatter().formatException(record.exc_info)
        write_log(text, level=record.levelname.lower(), source="logging", logger=record.name, fields=fields)


def bridge(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: records the line, and hands it on as it is."""
    fields = {key: value for key, value in event.items() if key not in _OWN}
    write_log(
        str(event.get("event", "")),
        level=str(event.get("level", method)),
        source="structlog",
        logger=str(event.get("logger", "") or getattr(logger, "name", "") or ""),
        fields=fields,
    )
    return event


@cache
def own_log(name: str) -> Any:
    """The tool's own structlog logger: JSON lines in `$TRACER_HOME/tracer.log`, so that a screen stays clean.

    Structlog's global configuration is the user's, and is left alone.
    """
    import structlog

    processors: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper("iso"),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(default=repr),
    ]
    return structlog.wrap_logger(_file_logger(), processors, structlog.BoundLogger).bind(room=name)


def log_path() -> Path:
    """Where the tool's own log is."""
    from tracer.journal.paths import home

    return home() / "tracer.log"


def _file_logger() -> Any:
    import structlog

    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8")  # noqa: SIM115
    except OSError:  # a log that cannot be written is no reason to fail
        file = open(os.devnull, "w")  # noqa: SIM115
    return structlog.WriteLogger(file)
