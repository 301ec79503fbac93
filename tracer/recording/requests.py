"""What one agent sent to its model, so that a request says only what has come since. It writes nothing itself."""

from __future__ import annotations

from operator import is_
from typing import Any

from tracer import records as r

_WORTH = 8  # messages in common from which on it is shorter to refer to them


class Requests:
    """The last request of an agent, and the one before it, from which the attempts of the present cycle go on.

    `size` is how many messages the present one holds. `shorten` puts what is sent into a record, `wrote` says where
    that record came to stand; `forget` begins anew, as the file does. An attempt never goes on from an earlier one of
    its own cycle: all that is new in a cycle is in each.
    """

    def __init__(self) -> None:
        self.size = 0
        self.forget()

    def forget(self) -> None:
        """No record that was written can be referred to any more."""
        self._before: tuple[int, list[int]] | None = None
        self._last: tuple[int, list[int]] | None = None
        self._said: list[int] | None = None
        self.unsure()

    def unsure(self) -> None:
        """The messages of the last request may have been changed in place."""
        self._objects: list[Any] = []

    def known(self, messages: list[Any]) -> list[int]:
        """The seqs of the last request's messages where these begin with the very same objects; else none.

        Only where somebody tells of changes in place (`unsure`): to look into each message of a long history at each
        model call would be most of what a recording costs.
        """
        sent, said = self._objects, self._said
        if said is None or len(said) != len(sent) or len(messages) < len(sent) or not all(map(is_, sent, messages)):
            return []
        return list(said)

    def shorten(self, record: r.ModelStart, messages: list[int]) -> None:
        """Let the record say these messages (seqs), as those that follow on an earlier request's where it can."""
        if record.attempt == 0:
            self._before = self._last
        record.messages = self._said = messages
        seq, sent = self._before or (-1, [])
        dropped = _dropped(sent, messages)
        if len(sent) - dropped >= _WORTH:
            record.base, record.dropped, record.count = seq, dropped, len(messages)
            record.messages = messages[len(sent) - dropped :]

    def wrote(self, record: r.ModelStart, seq: int, messages: list[Any]) -> None:
        """The record, of these messages, is on line `seq`, or nowhere (-1)."""
        self._objects = list(messages) if seq >= 0 and self._said is not None and -1 not in self._said else []
        if record.attempt == 0 and seq >= 0 and self._said is not None:
            self._last = (seq, self._said)


def _dropped(sent: list[int], messages: list[int]) -> int:
    """How many of those sent have to go from the front for the messages to go on from the others; all if none fit."""
    first = sent.index(messages[0]) if messages and messages[0] in sent else len(sent)
    return first if sent[first:] == messages[: len(sent) - first] else len(sent)
