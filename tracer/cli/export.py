"""`tracer export`: the spans of a session to an OpenTelemetry collector."""

from __future__ import annotations

import click

from tracer.cli.command import Command, opened
from tracer.errors import TracerError
from tracer.text.format import counted


@click.command(cls=Command)
@click.argument("session", default="last")
@click.option("--otlp", default=None, metavar="URL",
              help="The collector, e.g. http://localhost:4318 (default: $OTEL_EXPORTER_OTLP_ENDPOINT).")  # fmt: skip
@click.option("--content", is_flag=True, help="Send prompts, messages, tool inputs and results too.")
@click.option("--json", "as_json", is_flag=True, help="Say what became of it as JSON.")
def command(session: str, otlp: str | None, content: bool, as_json: bool) -> int:
    """Send what has ended of SESSION (default: the newest) as spans.

    Their ids are derived from the session: sending twice sends the same. Exit code 1 where spans were not taken.
    """
    with opened(session) as found:
        from tracer.otel.export import export_session

        report = export_session(found, otlp, content=content, progress=_progress)
    if as_json:
        import dataclasses
        import json

        click.echo(json.dumps(dataclasses.asdict(report)))
    elif not report.error:
        running = f", {report.running} still open" if report.running else ""
        click.echo(f"{counted(report.sent, 'span')} sent{running}")
    if report.error:
        lost = f"{counted(report.failed, 'span')} not sent: " if report.failed else ""
        raise TracerError(f"{lost}{report.error}", f"then `{report.rest}`" if report.rest else "", exit_code=1)
    return 0


def _progress(sent: int) -> None:
    import sys

    if sys.stderr.isatty():
        click.echo(f"\r{counted(sent, 'span')} sent ", err=True, nl=False)
