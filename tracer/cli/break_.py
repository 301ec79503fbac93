"""`tracer break`: breakpoints of a live session."""

from __future__ import annotations

import click

from tracer.cli.command import Command
from tracer.cli.number import COUNT, FROM_0
from tracer.cli.steering import Body, ask, patiently, session_options, tell


@click.command(cls=Command, name="break")
@click.argument("breakpoints", nargs=-1)
@click.option("-d", "--delete", "numbers", type=COUNT, multiple=True, metavar="NUMBER", help="Remove one; repeatable.")
@click.option("--wait", type=FROM_0, default=0.0, metavar="SECONDS", help="Wait so long for a live session.")
@session_options
def command(breakpoints: tuple[str, ...], numbers: tuple[int, ...], wait: float, session: str, as_json: bool) -> None:
    """Set breakpoints in a live session, or list all that are in force.

    They stay until they are removed: `tracer break 'before_tool:http_* if "prod" in input.url' 'tool_error'`.
    """

    def asked() -> list[Body]:
        if breakpoints or numbers:
            return list(ask(session, "tracer/break", add=list(breakpoints), remove=list(numbers))["breakpoints"])
        return list(ask(session, "tracer/breakpoints")["breakpoints"])

    told = patiently(wait, asked)
    for one in told:
        fault = "" if one["verified"] else f"  ({one['message']})"
        tell(as_json, one, f"{one['id']:>3}  {one['text']}{fault}")
    if not told and not breakpoints and not numbers and not as_json:
        click.echo("no breakpoint is set", err=True)
