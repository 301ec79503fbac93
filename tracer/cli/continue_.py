"""`tracer continue`: let a stopped call go on."""

from __future__ import annotations

import click

from tracer.cli.command import Command
from tracer.cli.number import COUNT
from tracer.cli.steering import ask, session_options, tell

_STEPS = {"in": "stepIn", "over": "next", "out": "stepOut"}


@click.command(cls=Command, name="continue")
@click.argument("stop", type=COUNT)
@click.option("--step", type=click.Choice(list(_STEPS)), default=None, help="Stop again at the next point, as asked.")
@session_options
def command(stop: int, step: str | None, session: str, as_json: bool) -> None:
    """Let STOP go on. A number that is over is refused: what stands there now is another stop."""
    ask(session, _STEPS[step] if step else "continue", tracer={"stop": stop})
    tell(as_json, {"stop": stop, "act": f"step {step}" if step else "continue"}, f"stop {stop} goes on")
