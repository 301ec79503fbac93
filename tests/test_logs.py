"""Log lines of a user's program land in the session of the agent that logged them; the tool's own go to a file."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

import tracer
from agent_runtime import tool
from agent_runtime.models.scripted import call
from agent_runtime.testing import scripted_agent
from tracer import logs
from tracer import records as r


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TRACER_HOME", str(tmp_path))
    monkeypatch.setenv("MY_API_KEY", "zq-a-secret-value-17")
    logs.own_log.cache_clear()
    yield tmp_path
    logs.own_log.cache_clear()


def recorded(say: Any) -> list[r.Log]:
    @tool
    def work() -> str:
        """Work, and log."""
        say()
        return "done"

    agent = scripted_agent([call("work", id="use_1")], "ok", tools=[work])
    recording = tracer.attach(agent)
    say()
    agent("go")
    recording.detach()
    return [record for record in tracer.open(recording.path).records() if isinstance(record, r.Log)]


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    found, handler = logging.getLogger("shop.basket"), logs.Handler()
    found.addHandler(handler)
    found.propagate = False
    yield found
    found.removeHandler(handler)
    found.propagate = True


def test_a_logging_line_is_recorded_with_its_place_and_only_inside_the_agent(logger: logging.Logger) -> None:
    (line,) = recorded(lambda: logger.warning("only %d left", 3, extra={"item": "tea"}))
    assert (line.text, line.level, line.logger, line.source) == ("only 3 left", "warning", "shop.basket", "logging")
    assert (line.inv, line.cycle, line.tool_use_id, line.fields) == ("0", 1, "use_1", {"item": "tea"})


def test_an_exception_that_is_logged_keeps_its_traceback(logger: logging.Logger) -> None:
    def say() -> None:
        try:
            raise ValueError("no tea")
        except ValueError:
            logger.exception("sold out")

    (line,) = recorded(say)
    assert "ValueError: no tea" in line.fields["exception"]


@pytest.mark.parametrize("args", [("%d", "x"), ("%s %s", "one")])
def test_a_line_that_cannot_be_formatted_is_recorded_as_it_is(logger: logging.Logger, args: tuple[str, ...]) -> None:
    (line,) = recorded(lambda: logger.error(*args))
    assert line.text == args[0]


class Unspeakable:
    """An object of the user's that cannot be shown."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    ("args", "text", "reason"),
    [
        (("%(missing)s", {"a": 1}), "%(missing)s", "KeyError: 'missing'"),
        (("held by %s", Unspeakable()), "held by %s", "RuntimeError: no words"),
        ((Unspeakable(),), "<Unspeakable whose __str__ raised RuntimeError>", "RuntimeError: no words"),
    ],
)
def test_logging_never_raises_into_the_agent(logger: logging.Logger, args: Any, text: str, reason: str) -> None:
    went_on = []

    def say() -> None:
        logger.warning(*args)
        went_on.append(True)

    (line,) = recorded(say)
    assert (line.text, line.fields["logging_error"], len(went_on)) == (text, reason, 2)


def test_a_record_that_is_no_record_is_told_of(logger: logging.Logger) -> None:
    odd = logging.makeLogRecord({"name": "shop", "msg": "x", "exc_info": True, "levelname": "INFO", "levelno": 20})
    (line,) = recorded(lambda: logger.handle(odd))
    assert line.text == "a log line could not be recorded: TypeError"


def test_the_structlog_bridge_never_raises_either() -> None:
    handed_on = []

    def say() -> None:
        for event in ({"event": Unspeakable()}, {"event": "x", "item": Unspeakable()}, "rendered already"):
            handed_on.append(logs.bridge(None, "info", event))  # type: ignore[arg-type]

    texts = [line.text for line in recorded(say)]
    assert texts == [
        "<Unspeakable whose __str__ raised RuntimeError>",
        "x",
        "a log line could not be recorded: AttributeError",
    ]
    assert len(handed_on) == 6


def test_a_structlog_line_is_recorded_and_handed_on() -> None:
    seen: list[Any] = []

    def last(_logger: Any, _method: str, event: Any) -> str:
        seen.append(dict(event))
        return ""

    processors: list[Any] = [structlog.processors.add_log_level, logs.bridge, last]
    log = structlog.wrap_logger(structlog.ReturnLogger(), processors, structlog.BoundLogger)
    (line,) = recorded(lambda: log.info("sold", item="tea", count=3))
    assert (line.text, line.level, line.source) == ("sold", "info", "structlog")
    assert (line.fields, line.tool_use_id) == ({"item": "tea", "count": 3}, "use_1")
    assert seen[0] == {"event": "sold", "item": "tea", "count": 3, "level": "info"}


def test_secrets_are_replaced_and_odd_values_do_no_harm(logger: logging.Logger) -> None:
    odd: Any = {"loop": object(), "key": "zq-a-secret-value-17"}
    odd["self"] = odd
    (line,) = recorded(lambda: logger.warning("with zq-a-secret-value-17", extra=odd))
    assert "zq-a" not in line.text and "zq-a" not in json.dumps(line.fields)


def test_the_tools_own_log_is_lines_of_json_in_a_file_and_leaves_structlog_alone(home: Path) -> None:
    logs.own_log("test").info("started", session="x")
    (line,) = (home / "tracer.log").read_text().splitlines()
    said = json.loads(line)
    assert (said["event"], said["session"], said["room"], said["level"]) == ("started", "x", "test", "info")
    assert not structlog.is_configured()
    assert (home / "tracer.log").stat().st_mode & 0o077 == 0


def test_an_own_log_that_cannot_be_written_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACER_HOME", "/proc/nowhere")
    logs.own_log("test").info("started")
