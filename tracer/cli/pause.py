"""`tracer pause`: stop a live session at its next safe point."""

from __future__ import annotations

import click

from tracer.cli.command import Command
from tracer.cli.steering import ask, session_options, tell


@click.command(cls=Command)
@session_options
def command(session: str, as_json: bool) -> None:
    """Stop the agent at its next safe point; an answer that streams goes on until then."""
    ask(session, "pause", threadId=0)
    tell(as_json, {"act": "pause"}, "stopping at the next safe point; `tracer stops` shows where")
