"""`tracer schema`: the session file's JSON Schema."""

from __future__ import annotations

import json

import click

from tracer.cli.command import Command

EPILOG = """\b
Example:
  tracer schema > session.schema.json"""


@click.command(cls=Command, epilog=EPILOG)
def command() -> None:
    """Print the JSON Schema of a session's lines, generated from the records themselves."""
    from tracer.records import schema

    click.echo(json.dumps(schema(), indent=2))
