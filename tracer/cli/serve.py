"""`tracer serve`: an agent behind HTTP, every request's run recorded."""

from __future__ import annotations

import sys
from typing import Any

import click

from tracer.cli.command import Command, wants_traceback
from tracer.cli.number import PORT
from tracer.cli.options import LIMITS, debugger_options, is_app, limit_option, recording_options
from tracer.errors import TracerError


@click.command(cls=Command)
@click.argument("app", metavar="FILE.py:OBJECT")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", "-p", type=PORT, default=8000, show_default=True, help="0: any free one.")
@debugger_options
@limit_option(f"End each request's run there: {', '.join(LIMITS)}; repeatable.")
@recording_options
def command(app: str, *, host: str, port: int, otlp: str, **options: Any) -> int:
    """Serve an agent: POST {"prompt": "..."} to /stream, and read its answer while it is made. Ctrl-C ends it.

    FILE.py:OBJECT is a function that makes an agent for each request, an Agent that serves all, one at a time, or an
    app of your own (FastAPI, Starlette). All runs go into one session, an invocation a request; the header
    X-Request-ID becomes a label. `tracer view last` follows it.
    """
    if not is_app(app):
        raise TracerError(f"{app!r} is no FILE.py:OBJECT", "name a file and what is in it, as in app.py:agent")
    from tracer.launch.serving import serve
    from tracer.launch.spec import Spec

    options["limits"] = {key: number for key, number in options["limits"].items() if number}
    options["breakpoints"] = list(options["breakpoints"])
    return serve(Spec("", app, argv=sys.argv, **options), host=host, port=port, otlp=otlp, tracebacks=wants_traceback())
