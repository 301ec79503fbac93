"""`tracer skip`: give a stopped tool call its result, without running it."""

from __future__ import annotations

import click

from tracer.cli.command import Command
from tracer.cli.number import COUNT
from tracer.cli.steering import ask, session_options, tell, value_of


@click.command(cls=Command)
@click.argument("stop", type=COUNT)
@click.argument("result")
@click.option("--error", is_flag=True, help="The result is an error.")
@session_options
def command(stop: int, result: str, error: bool, session: str, as_json: bool) -> None:
    """Skip the tool call of STOP; the model is told RESULT (JSON, or a text) in its place."""
    status = "error" if error else "success"
    ask(session, "tracer/skip", stop=stop, result=value_of(result), status=status)
    tell(as_json, {"stop": stop, "act": "skip"}, f"stop {stop} is skipped")
