"""What the commands share that steer a live session: which session, one request, its answer as a line or as JSON."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import click

from tracer.errors import TracerError

Body = dict[str, Any]
_VIA, _ID = "tracer.via", "tracer.session"
_PAUSE = 0.1
_FAR = 60.0  # seconds: another machine may ask for a password first
F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


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

    meta = click.get_current_context().meta
    if via := meta.get(_VIA):
        return live.ask(Via(via, session), command, arguments, patience=_FAR)
    found = live.find_live(session)
    meta[_ID] = found.id
    return live.ask(found.socket, command, arguments)


def tell(as_json: bool, body: Body, text: str) -> None:
    """The answer: JSON, or words in which nothing can act on the terminal; each with the session that it is about."""
    from tracer.text.safe import clean

    name = click.get_current_context().meta.get(_ID, "")
    click.echo(json.dumps({**body, "session": name}) if as_json else clean(f"{text}  [{name}]" if name else text))


def patiently(seconds: float, step: Callable[[], list[T]]) -> list[T]:
    """What `step` gives, tried again for so many seconds while it gives nothing or raises TracerError."""
    until = time.monotonic() + seconds
    while time.monotonic() + _PAUSE < until:
        with contextlib.suppress(TracerError):  # no live session is as good as none stopped: it may come yet
            if given := step():
                return given
        time.sleep(_PAUSE)
    return step()


def value_of(text: str) -> Any:
    """A value from the command line: JSON, or the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
