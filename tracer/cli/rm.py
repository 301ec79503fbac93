"""`tracer rm`: delete sessions by name."""

from __future__ import annotations

import click

from tracer.cli.command import Command, doing
from tracer.errors import TracerError

EPILOG = """\b
Examples:
  tracer rm 01m7xw         tracer rm last         tracer rm old/*.jsonl"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("sessions", nargs=-1, required=True, metavar="SESSION...")
def command(sessions: tuple[str, ...]) -> None:
    """Delete SESSIONs with all their parts. One that is still being recorded is refused, and then none is deleted."""
    from tracer.journal.keep import is_live, remove
    from tracer.journal.paths import id_of, resolve
    from tracer.text.format import size
    from tracer.text.safe import clean

    paths = list(dict.fromkeys(resolve(name) for name in sessions))
    for path in paths:
        if is_live(path):
            raise TracerError(
                f"session {id_of(path)} is still being recorded", "end its run first; nothing was deleted"
            )
        _is_session(path)
    for path in paths:
        with doing("delete", path, path.parent):
            freed = remove(path)
        click.echo(f"deleted {clean(id_of(path))}, {size(freed)}")


def _is_session(path: object) -> None:
    """A file elsewhere must be a session; what lies among the sessions may be damaged."""
    from pathlib import Path

    from tracer.journal.paths import sessions_dir
    from tracer.journal.reader import Reader

    assert isinstance(path, Path)
    if path.resolve().parent != sessions_dir().resolve():
        Reader(path).close()
