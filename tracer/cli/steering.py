"""What the commands share that steer a live session: which session, one request, its answer as a line or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

Body = dict[str, Any]
_VIA = "tracer.via"
_FAR = 60.0  # seconds: another machine may ask for a password first
F = TypeVar("F", bound=Callable[..., Any])


def session_options(function: F) -> F:
    """`--session`, `--json`, and `--via`, which `ask` finds."""
    function = click.option(
        "--via", default="", metavar="CMD", expose_value=False, callback=_remember,
        help="A session of another machine: 'ssh host', or 'kubectl exec -i POD --'.",
    )(function)  # fmt: skip
    function = click.option("--json", "as_json", is_flag=True, help="The answer as one JSON object a line.")(function)
    return click.option(
        "-s", "--session", default="", metavar="SESSION", help="An id, its beginning, or last (default: the only one)."
    )(function)


def _remember(ctx: click.Context, _param: click.Parameter, given: str) -> None:
    ctx.meta[_VIA] = given


def ask(session: str, command: str, **arguments: Any) -> Body:
    """One request to the live session that `session` means, here or `--via`. Raises TracerError."""
    from tracer.debug import live
    from tracer.debug.via import Via

    if via := click.get_current_context().meta.get(_VIA):
        return live.ask(Via(via, session), command, arguments, patience=_FAR)
    return live.ask(live.find_live(session).socket, command, arguments)


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
