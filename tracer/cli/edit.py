"""`tracer edit`: change what is stopped."""

from __future__ import annotations

import json

import click

from tracer.cli.command import Command
from tracer.cli.number import COUNT
from tracer.cli.steering import ask, session_options, tell, value_of


@click.command(cls=Command)
@click.argument("stop", type=COUNT)
@click.argument("path")
@click.argument("value", required=False)
@session_options
def command(stop: int, path: str, value: str | None, session: str, as_json: bool) -> None:
    """Set what lies at PATH of STOP to VALUE (JSON, or a text); without VALUE, print it.

    PATH begins with input, result, request or messages: `tracer edit 3 input.expression 100+1`. The call still waits:
    `tracer continue 3` lets it run.
    """
    if value is None:
        found = ask(session, "tracer/value", stop=stop, expression=path)
        click.echo(json.dumps(found if as_json else found["value"], indent=None if as_json else 2))  # for a pipe
        return
    told = ask(session, "tracer/edit", stop=stop, expression=path, value=value_of(value))["tracer"]
    tell(as_json, told, f"stop {stop}: {path} is {value}; `tracer continue {stop}` goes on with it")
