"""`tracer stop`: force a live run to stop."""

from __future__ import annotations

import click

from tracer.cli.command import Command
from tracer.cli.steering import ask, session_options, tell


@click.command(cls=Command)
@click.argument("reason", default="")
@session_options
def command(reason: str, session: str, as_json: bool) -> None:
    """Force the agent to stop, saying REASON: it ends as if it had been cancelled. To hold it, `tracer pause`."""
    ask(session, "terminate", tracer={"message": reason} if reason else {})
    tell(as_json, {"act": "stop"}, "the run was told to stop")
