"""Units as people read them: durations, tokens, costs, counts, sizes, moments. Pure, shared by lines and screens."""

from __future__ import annotations

import time


def duration(ns: int) -> str:
    """Nanoseconds in two or three significant digits: `850µs`, `12ms`, `1.24s`, `2m05s`, `1h02m`."""
    if ns < 10**6:
        return f"{max(0, ns) // 1000}µs"
    if ns < 999_500_000:
        return f"{ns / 10**6:.0f}ms"
    if ns < 9_995_000_000:
        return f"{ns / 10**9:.2f}s"
    if ns < 59_950_000_000:
        return f"{ns / 10**9:.1f}s"
    minutes, rest = divmod(round(ns / 10**9), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}s"
    return f"{minutes // 60}h{minutes % 60:02}m"


def clock(ns: int) -> str:
    """Time since the session's start as a column of constant width: ` 0.000`, `12.345`, `1:02:03.456`."""
    seconds, millis = divmod(max(0, ns) // 10**6, 1000)
    minutes, seconds = divmod(seconds, 60)
    if minutes == 0:
        return f"{seconds:2}.{millis:03}"
    if minutes < 60:
        return f"{minutes}:{seconds:02}.{millis:03}"
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}.{millis:03}"


def tokens(count: int, estimated: bool = False) -> str:
    """A number of tokens: `812`, `1.2k`, `45k`, `1.3M`; with `~` where nobody counted them."""
    mark = "~" if estimated else ""
    for limit, unit, digits in ((1_000, "", 0), (9_950, "k", 1), (999_500, "k", 0), (9_950_000, "M", 1)):
        if count < limit:
            return f"{mark}{count / (1 if not unit else 1_000 if unit == 'k' else 10**6):.{digits}f}{unit}"
    return f"{mark}{count / 10**6:.0f}M"


def cost(usd: float | None) -> str:
    """USD: `$0.0012`, `$1.25`; `-` where it is not known."""
    if usd is None:
        return "-"
    if usd == 0 or usd >= 0.995:
        return f"${usd:.2f}"
    return f"${usd:.4f}" if usd >= 0.0001 else "<$0.0001"


def counted(count: int, noun: str) -> str:
    """How many of what: `1 span`, `0 spans`."""
    return f"{count} {noun}" + ("s" if count != 1 else "")


def size(count: int) -> str:
    """Bytes in powers of 1000: `812 B`, `1.2 kB`, `45 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" or value >= 9.95 else f"{value:.1f} {unit}"


def moment(ns: int, now: float | None = None) -> str:
    """A point in time (ns since the epoch) in local time: `14:02:11` today, else `2026-11-20 14:02`."""
    then, today = time.localtime(ns / 10**9), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    return time.strftime("%Y-%m-%d %H:%M", then)
