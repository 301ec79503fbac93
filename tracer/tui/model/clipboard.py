"""What a terminal is told so that it copies: OSC 52, wrapped for tmux, refused above a size that terminals drop."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from tracer.text.format import size
from tracer.text.safe import clean

LIMIT = 74_994  # bytes: the largest text whose sequence stays under the 100,000 that terminals take


@dataclass(frozen=True, slots=True)
class Copy:
    """`sequence` goes to the terminal as it is; `said` tells the user what happened."""

    sequence: str
    said: str


def copy(text: str, environ: Mapping[str, str]) -> Copy:
    """The sequence that copies the (cleaned) text; what is too long is cut, and that is said."""
    data = clean(text, keep_newlines=True).encode("utf-8", "replace")
    whole = len(data)
    if whole > LIMIT:
        data = data[:LIMIT].decode("utf-8", "ignore").encode()
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\a"
    through = ""
    if environ.get("TMUX"):
        sequence = "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        through = " through tmux (needs `set -g allow-passthrough on`)"
    cut = f"the first {size(len(data))} of {size(whole)}" if whole > LIMIT else size(whole)
    return Copy(sequence, f"copied {cut} to the terminal's clipboard{through}")
