"""Spans in batches that a collector takes: bounded by count and by bytes (collectors refuse bodies of 4 to 20 MiB)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracer.otel.data import SpanData

COUNT = 512
BYTES = 3 << 20


def weight(span: SpanData) -> int:
    """About how many bytes a span takes; what is long is counted exactly."""
    size = 300 + 40 * len(span.attributes) + 150 * len(span.events)
    for value in span.attributes.values():
        if isinstance(value, str) and len(value) > 64:
            size += len(value) if value.isascii() else len(value.encode())
    return size


def batches(spans: Iterable[SpanData], count: int = COUNT, size: int = BYTES) -> Iterator[list[SpanData]]:
    """The same spans in order, in lists of at most `count` and about `size` bytes; a larger span goes alone."""
    batch: list[SpanData] = []
    total = 0
    for span in spans:
        weighs = weight(span)
        if batch and (len(batch) >= count or total + weighs > size):
            yield batch
            batch, total = [], 0
        batch.append(span)
        total += weighs
    if batch:
        yield batch
