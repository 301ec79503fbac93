"""JSON text of a value within a size: strings and lists get shorter, the structure stays, and it is JSON always."""

from __future__ import annotations

from typing import Any

import msgspec

LIMIT = 64 << 10
_encoder = msgspec.json.Encoder()


def clipped(value: Any, limit: int = LIMIT) -> tuple[str, int]:
    """(JSON text of at most about `limit` bytes, bytes that were left out)."""
    whole = _encoder.encode(value)
    if len(whole) <= limit:
        return whole.decode(), 0
    longest = limit // 2
    while longest >= 32:
        short = _encoder.encode(_clip(value, longest, max(4, longest // 64)))
        if len(short) <= limit:
            return short.decode(), len(whole) - len(short)
        longest //= 2
    return ("[]" if isinstance(value, list) else "{}"), len(whole)


def _clip(value: Any, longest: int, most: int) -> Any:
    """Strings of at most `longest` characters; of lists `most` items, the newest, which are their last."""
    if isinstance(value, str):
        return value if len(value) <= longest else f"{value[:longest]}… [{len(value) - longest} more]"
    if isinstance(value, list):
        return [_clip(item, longest, most) for item in value[-most:]]
    if isinstance(value, dict):
        return {_key(key, longest): _clip(value[key], longest, most) for key in list(value)[: max(8, most)]}
    return value


def _key(key: str, longest: int) -> str:
    return key if len(key) <= longest else key[:longest]
