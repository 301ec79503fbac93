"""`tracer stops`: where a live session is stopped."""

from __future__ import annotations

from typing import Any

import click

from tracer.cli.command import Command
from tracer.cli.number import FROM_0
from tracer.cli.steering import ask, patiently, session_options, tell


@click.command(cls=Command)
@session_options
@click.option(
    "--wait",
    type=FROM_0,
    default=0.0,
    metavar="SECONDS",
    help="Wait so long for a stop, and for the session itself; exit code 1 if none comes.",
)
def command(session: str, as_json: bool, wait: float) -> int:
    """List the open stops of a live session: number, point, what is stopped, since when.

    The number is what `tracer edit`, `continue`, `skip`, `refuse` and `retry` take. Looking does not keep a stop open:
    it waits for --stop-timeout of the run.
    """
    stops = patiently(wait, lambda: ask(session, "tracer/stops")["stops"])
    for stop in stops:
        told = stop["tracer"]
        tell(as_json, told, _line(told))
    if not stops and not as_json:
        click.echo("nothing is stopped", err=True)
    return 1 if wait and not stops else 0


def _line(stop: dict[str, Any]) -> str:
    from tracer.text.format import duration
    from tracer.text.safe import snippet

    given = "" if stop.get("input") is None else "  " + snippet(_json(stop["input"]), 100)
    why = stop["breakpoint"] or stop["reason"]
    waited = duration(int(stop["waited"] * 1e9))
    return f"{stop['stop']:>3}  {stop['point']} {stop['name']}{given}  by {why}, for {waited}"


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
