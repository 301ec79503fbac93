"""`tracer pack`: a session that is over as a compressed file that every command reads."""

from __future__ import annotations

import click

from tracer.cli.command import Command, doing

EPILOG = """\b
Examples:
  tracer pack last
  tracer pack --keep 01m7xw
  zstd -d ID.jsonl.zst          (unpacks it again)"""


@click.command(cls=Command, epilog=EPILOG)
@click.argument("sessions", nargs=-1, required=True, metavar="SESSION...")
@click.option("--keep", is_flag=True, help="Keep the original beside the packed file.")
def command(sessions: tuple[str, ...], keep: bool) -> None:
    """Compress each SESSION to one ID.jsonl.zst, and delete the original once the packed file reads the same."""
    from tracer.journal.keep import bytes_of, pack
    from tracer.journal.paths import resolve
    from tracer.text.format import size
    from tracer.text.safe import clean

    for name in sessions:
        path = resolve(name)
        before = bytes_of(path)
        with doing("pack", path, path.parent):
            packed = pack(path, keep)
        click.echo(f"{clean(str(packed))}: {size(before)} in {size(packed.stat().st_size)}")
