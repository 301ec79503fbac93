"""`tracer request`: what one call sent to the model, rebuilt from the session."""

from __future__ import annotations

import click

from tracer.cli.command import Command, opened, split_session
from tracer.errors import TracerError


@click.command(cls=Command)
@click.argument("address", metavar="SESSION#SEQ")
def command(address: str) -> None:
    """Print what was sent to the model, as JSON: system prompt, tools, messages, parameters.

    SEQ is the number of a model_start record, or of any record inside that call (`tracer show` prints the numbers).
    """
    from tracer.text.record import pretty, request_of

    name, seq = split_session(address)
    with opened(name) as session:
        if seq is None:
            raise TracerError(f"{address} names no record", f"`tracer show {name} kind:model_start` lists the calls")
        click.echo(pretty(request_of(session, seq)))
