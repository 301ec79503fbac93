"""What the commands share that steer a live session: which session, one request, its answer as a line or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

Body = dict[str, Any]
F = TypeVar("F", bound=Callable[..., Any])


def session_options(function: F) -> F:
    """`--session` and `--json`."""
    function = click.option("--json", "as_json", is_flag=True, help="The answer as one JSON object a line.")(function)
    return click.option(
        "-s", "--session", default="", metavar="SESSION", help="An id, its beginning, or last (default: the only one)."
    )(function)


def ask(session: str, command: str, **arguments: Any) -> Body:
    """One request to the live session that `session` means. Raises TracerError."""
    from tracer.debug import live

    return live.ask(live.find_live(session), command, arguments)


def tell(as_json: bool, body: Body, text: str) -> None:
    """The answer: JSON, or words in which nothing can act on the terminal."""
    from tracer.text.safe import clean

    click.echo(json.dumps(body) if as_json else clean(text))


def value_of(text: str) -> Any:
    """A value from the command line: JSON, or the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
