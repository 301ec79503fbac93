"""`tracer retry`: make a call again that is stopped after it was made."""

from __future__ import annotations

import click

from tracer.cli.command import Command
from tracer.cli.number import COUNT
from tracer.cli.steering import ask, session_options, tell


@click.command(cls=Command)
@click.argument("stop", type=COUNT)
@session_options
def command(stop: int, session: str, as_json: bool) -> None:
    """Make the model or tool call of STOP again; it is stopped after it was made (after_tool, model_error, ...)."""
    ask(session, "tracer/retry", stop=stop)
    tell(as_json, {"stop": stop, "act": "retry"}, f"stop {stop} is made again")
