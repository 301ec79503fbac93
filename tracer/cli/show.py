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
        from textwrap import fill

        from tracer.filters import LANGUAGE, NAMES

        grammar, _, examples = LANGUAGE.strip().partition("Examples\n")
        names = fill("  ".join(NAMES), 96, initial_indent="  ", subsequent_indent="  ")
        click.echo(f"Examples\n{examples}\n\nNames (a record has those of its kind)\n{names}\n\nGrammar\n{grammar}")
        ctx.exit()


def _refuse_filter(name: str, words: str) -> None:
    """Raises TracerError where a filter stands in the session's place."""
    from tracer.journal.paths import resolve

    try:
        if name != "-":
            resolve(name)
    except TracerError as error:
        if not _is_filter(words):
            raise
        import shlex

        hint = f"a filter comes after a session: `tracer show last {shlex.quote(words)}`"
        raise TracerError(f"there is no session {name!r}", hint) from error


def _is_filter(words: str) -> bool:
    from tracer.filters import FilterError, compile_filter

    try:
        compile_filter(words)
    except FilterError:
        return False
    return bool(words)


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
    _refuse_filter(name, " ".join((session, *filter)))
    with opened(name) as found:
        if seq is not None:
            if filter:
                raise TracerError(f"{session} is one record", "a filter needs a whole session")
            from tracer.text.record import whole

            click.echo(whole(found, seq))
            return
        from tracer.text.listing import print_session

        print_session(found, " ".join(filter), as_json)
