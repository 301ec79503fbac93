"""docs/debugger.md: its points, breakpoints, commands and requests are the program's."""

from __future__ import annotations

import re
from pathlib import Path

import tracer.debug.server  # noqa: F401 - it registers the requests
from tracer.cli import COMMANDS
from tracer.debug.breakpoints import POINTS, parse
from tracer.debug.session import COMMANDS as REQUESTS

TEXT = (Path(__file__).parents[2] / "docs" / "debugger.md").read_text()


def test_the_points_are_those_of_the_grammar() -> None:
    rows = re.findall(r"^\| (`\w+`(?: `\w+`)*) \| (?:the agent|before|after|when)", TEXT, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"\w+", row)}
    assert named | {"any"} == set(POINTS)


def test_the_commands_and_breakpoints_that_it_shows_are_there() -> None:
    assert set(re.findall(r"`tracer ([a-z]+)", TEXT)) <= set(COMMANDS)
    (shown,) = re.findall(r"`tracer break (.+?)`", TEXT)
    for text in [*re.findall(r"'(.+?)'", shown), "before_tool:http_* if input.url ~ 'x' hit >=3 once @helper"]:
        assert parse(text).text == text


def test_the_requests_of_its_own_are_answered() -> None:
    rows = re.findall(r"^\| (`tracer/\w+`(?: `tracer/\w+`)*) \|", TEXT, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"tracer/\w+", row)}
    assert named == {name for name in REQUESTS if name.startswith("tracer/")}
