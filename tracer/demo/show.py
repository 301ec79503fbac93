"""The demo from start to end: sandbox, run, what is left of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from tracer.demo import sandbox
from tracer.demo.agent import PROMPT, SANDBOX, SPEED
from tracer.launch.session import finish, run
from tracer.launch.spec import Ended, Spec

BREAKPOINT = "before_tool:delete_folder"
_PATIENCE = 3600.0  # seconds that the stop waits: a reader may take a while


def play(speed: float, screen: bool, otlp: str = "", anonymous: bool = False) -> int:
    """Run it on screen, stopped before it does harm, or as plain lines, not stopped. Returns the exit code."""
    root = sandbox.make()
    app = f"{Path(__file__).with_name('agent.py')}:make_agent"
    spec = Spec(
        PROMPT, app, env={SANDBOX: str(root), SPEED: str(speed)}, argv=sys.argv, name="tidy", anonymous=anonymous
    )
    if screen:
        spec.breakpoints, spec.stop_timeout = [BREAKPOINT], _PATIENCE
    try:
        ended, ready = run(spec, screen=screen, otlp=otlp, hints=_hints() if screen else None)
        for line in sandbox.outcome(root).lines(screen):
            click.echo(line)
        return finish(Ended() if ended.code == 130 and screen else ended, ready)
    finally:
        sandbox.remove(root)


def _hints() -> Any:
    from tracer.tui import Hint, Hints

    return Hints(
        [
            Hint("running", "An agent tidies a folder. It reads a note there and will act on it: watch."),
            Hint(
                "stopped",
                "Stopped before delete_folder: a note made it choose photos/. Press i, write scratch, then Ctrl+S.",
            ),
            Hint(
                "stopped",
                "Outside the stop panel no key lets the call run; Tab goes round to it. v: stack or inspector, "
                "B: breakpoints, i: edit the path.",
            ),
            Hint("edited", "The input is changed: c continues, with your path instead of the agent's."),
            Hint(
                "ended", "It is over. j k and Enter look around, ? shows all keys, q quits and tells what was deleted."
            ),
        ]
    )
