"""Units as people read them."""

from __future__ import annotations

import time

import pytest

from tracer.text import format as fmt

MS, S = 10**6, 10**9


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (-5, "0µs"), (0, "0µs"), (850_000, "850µs"), (12 * MS, "12ms"), (999_499_999, "999ms"),
        (999_500_000, "1.00s"),
        (1_240 * MS, "1.24s"), (9_994 * MS, "9.99s"), (9_996 * MS, "10.0s"), (59_940 * MS, "59.9s"),
        (59_990 * MS, "1m00s"),
        (125 * S, "2m05s"), (3720 * S, "1h02m"),
    ],
)  # fmt: skip
def test_duration(ns: int, text: str) -> None:
    assert fmt.duration(ns) == text


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0, " 0.000"), (12_345 * MS, "12.345"), (62_003 * MS, "1:02.003"), (3723_456 * MS, "1:02:03.456")],
)
def test_clock(ns: int, text: str) -> None:
    assert fmt.clock(ns) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1200, "1.2k"),
        (9_949, "9.9k"),
        (9_950, "10k"),
        (45_100, "45k"),
        (999_500, "1.0M"),
        (12_000_000, "12M"),
    ],
)
def test_tokens(count: int, text: str) -> None:
    assert fmt.tokens(count) == text
    assert fmt.tokens(count, estimated=True) == "~" + text


@pytest.mark.parametrize(
    ("usd", "text"),
    [(None, "-"), (0.0, "$0.00"), (0.00001, "<$0.0001"), (0.0012, "$0.0012"), (1.25, "$1.25")],
)
def test_cost(usd: float | None, text: str) -> None:
    assert fmt.cost(usd) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (812, "812 B"), (1200, "1.2 kB"), (45_000_000, "45 MB"), (3 * 10**12, "3000 GB")],
)
def test_size(count: int, text: str) -> None:
    assert fmt.size(count) == text


def test_moment_leaves_out_today() -> None:
    now = time.time()
    assert fmt.moment(int(now * 1e9), now) == time.strftime("%H:%M:%S", time.localtime(now))
    assert fmt.moment(0, now) == time.strftime("%Y-%m-%d %H:%M", time.localtime(0))


def test_one_is_no_plural() -> None:
    assert [fmt.counted(count, "span") for count in (0, 1, 2)] == ["0 spans", "1 span", "2 spans"]
