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
    """Put a line into the session of the agent that runs here; False where none does."""
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
    """A logging handler that writes to the session of the agent inside which something is logged; elsewhere nowhere.

    It never raises into the code that logs: a line that cannot be formatted is recorded with the reason.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Record the line with its extra fields, and a traceback where there is one."""
        if record.name.partition(".")[0] == "tracer":
            return  # a warning about the session cannot go into the session
        try:
            text, fields = _said(record)
            write_log(text, level=record.levelname.lower(), source="logging", logger=record.name, fields=fields)
        except Exception as error:
            _lost("logging", error)


def bridge(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: records the line, and hands it on as it is. Never raises."""
    try:
        write_log(
            _shown(event.get("event", "")),
            level=_shown(event.get("level", method)),
            source="structlog",
            logger=_shown(event.get("logger", "") or getattr(logger, "name", "") or ""),
            fields={key: value for key, value in event.items() if key not in _OWN},
        )
    except Exception as error:
        _lost("structlog", error)
    return event


def _said(record: logging.LogRecord) -> tuple[str, dict[str, Any]]:
    """The line's text and fields; where it cannot be formatted, its parts and the reason."""
    fields = {key: value for key, value in record.__dict__.items() if key not in _STANDARD}
    try:
        text = record.getMessage()
    except Exception as error:
        text = _shown(record.msg)
        fields |= {"logging_error": f"{type(error).__name__}: {_shown(error)}", "logging_args": record.args}
    if record.exc_info and record.exc_info[0]:
        fields["exception"] = logging.Formatter().formatException(record.exc_info)
    return text, fields


def _shown(value: Any) -> str:
    try:
        return str(value)
    except Exception as error:
        return f"<{type(value).__name__} whose __str__ raised {type(error).__name__}>"


def _lost(source: str, error: Exception) -> None:
    """Say in the session that a line is missing there: the code that logged it must not hear of it."""
    write_log(f"a log line could not be recorded: {type(error).__name__}", level="error", source=source, fields={})


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
