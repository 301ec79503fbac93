"""`tracer show`: a session as plain lines or JSON Lines, through a filter or not, or one record whole."""

from __future__ import annotations

import click

from tracer.cli.command import Command, opened, split_session
from tracer.errors import TracerError

EPILOG = """\b
FILTER, in short (see `tracer show --filters` for all of it):
  error    kind:force_stop    tool:http_* and duration > 2s    "prod" in input.url"""


def _language(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from tracer.filters import LANGUAGE

        click.echo(LANGUAGE.strip())
        ctx.exit()


@click.command(cls=Command, epilog=EPILOG)
@click.argument("session", default="last")
@click.argument("filter", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="The records as JSON Lines.")
@click.option("--filters", is_flag=True, is_eager=True, expose_value=False, callback=_language,
              help="Explain the filter language.")  # fmt: skip
def command(session: str, filter: tuple[str, ...], as_json: bool) -> None:
    """Print SESSION (default: the newest) as plain lines, or those records that FILTER lets through.

    SESSION#SEQ prints that record whole.
    """
    name, seq = split_session(session)
    with opened(name) as found:
        if seq is not None:
            if filter:
                raise TracerError(f"{session} is one record", "a filter needs a whole session")
            from tracer.text.record import whole

            click.echo(whole(found, seq))
            return
        from tracer.text.listing import print_session

        print_session(found, " ".join(filter), as_json)
