"""What had come of an answer that never became a message: its blocks, from the deltas. It draws nothing."""

from __future__ import annotations

from tracer import records as r
from tracer.journal.reader import Reader
from tracer.timeline import Block, Span, Timeline
from tracer.tui.model import transcript
from tracer.tui.model.feed import is_cut
from tracer.tui.model.transcript import Part

LOST = "the recording breaks off here: its program was gone before it could say more"


def blocks_of(span: Span, reader: Reader) -> list[Block]:
    """The blocks that streamed in a model call, whole or not."""
    fold = Timeline()
    fold.feed(r.InvocationStart(inv=span.inv))
    stop = span.last if span.last >= 0 else len(reader)
    for seq in range(span.first, stop):
        record = reader.record(seq)
        if record.inv == span.inv and isinstance(record, (r.ModelStart, r.BlockStart, r.Delta)):
            fold.feed(record)
    return [block for block in fold.live_blocks(span.inv) if block.text or block.tool]


def ended_early(span: Span, reader: Reader) -> bool:
    """Whether a model call is over, and was so before its answer was."""
    end = reader.record(span.last) if 0 <= span.last < len(reader) else None
    return span.end is not None and not (isinstance(end, r.ModelEnd) and not is_cut(end))


def partial(span: Span, reader: Reader) -> list[Part]:
    """What a model call said before it was cut off: its recorded partial message, else its blocks."""
    end = reader.record(span.last) if 0 <= span.last < len(reader) else None
    content = end.partial.get("content") if isinstance(end, r.ModelEnd) and end.partial else None
    if isinstance(content, list):
        return transcript.parts(r.Message(role="assistant", content=content, inv=span.inv))
    return transcript.streaming(blocks_of(span, reader))


def cut_by(record: r.Record, timeline: Timeline) -> Span | None:
    """The model call that a record ended before its answer was whole."""
    span = timeline.of(record)
    if isinstance(record, r.InvocationEnd) and span is not None:
        below = [inner for inner in span.walk() if inner.inv == span.inv and inner.kind == "model"]
        span = below[-1] if below and below[-1].last == record.seq else None
    return span if span is not None and span.kind == "model" else None


def cut_off(span: Span, reader: Reader) -> list[Part]:
    """The partial answer as the transcript tells it, with where it ends; nothing where nothing had come."""
    said = partial(span, reader)
    if not said:
        return []
    why = span.error or ("cancelled" if span.stop_reason == "cancelled" else "")
    return [*said, Part("cut off", "error", "the answer ends here" + (f": {why}" if why else ""), "text")]


def crashed(leaves: list[Span], reader: Reader) -> list[Part]:
    """The transcript's end where the program went while these calls ran."""
    said = [part for span in leaves if span.kind == "model" for part in partial(span, reader)]
    names = [span.name for span in leaves if span.kind == "tool"]
    during = f" ({', '.join(names)} had not returned)" if names else ""
    return [*said, Part("crashed", "error", LOST + during, "error")]
