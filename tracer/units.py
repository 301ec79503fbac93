"""Sizes and ages as people write them, `250MB` and `30d`, read into numbers. It shows none: text/format.py does."""

from __future__ import annotations

import re

_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE = re.compile(r"(\d{1,15})\s*([kmgt]?)b?", re.IGNORECASE | re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_AGE = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)

SIZES = "such as 800kB, 250MB or 4GB"
AGES = "such as 90s, 15m, 2h, 30d or 4w"


def read_size(text: str) -> int:
    """Bytes, the units in powers of 1000. Raises ValueError."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no size {SIZES}")
    return int(found[1]) * _BYTES[found[2].lower()]


def read_count(text: str) -> int:
    """A number from 0 up. Raises ValueError."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{text!r} is no number")
    return int(text)


def read_age(text: str) -> int:
    """Seconds. Raises ValueError."""
    found = _AGE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no age {AGES}")
    return int(found[1]) * _SECONDS[found[2]]
