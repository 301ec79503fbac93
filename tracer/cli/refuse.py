"""`tracer refuse`: do not let a stopped tool call run."""

from __future__ import annotations

import click

from tracer.cli.command import Command
from tracer.cli.number import COUNT
from tracer.cli.steering import ask, session_options, tell


@click.command(cls=Command)
@click.argument("stop", type=COUNT)
@click.argument("reason", default="")
@session_options
def command(stop: int, reason: str, session: str, as_json: bool) -> None:
    """Refuse the tool call of STOP; the model is told REASON as the call's error."""
    ask(session, "tracer/refuse", stop=stop, reason=reason)
    tell(as_json, {"stop": stop, "act": "refuse"}, f"stop {stop} is refused")
