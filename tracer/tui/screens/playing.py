"""Keys of replay: play, speed, step."""

from __future__ import annotations

from tracer import records as r
from tracer.tui.model.feed import CODE, NOISE, is_echo
from tracer.tui.model.playback import Playback
from tracer.tui.screens.acting import Acting

_PIECES = tuple(f'{{"kind":"{kind}"'.encode() for kind, code in CODE.items() if code in NOISE)
_STREAM = b'{"kind":"tool_stream"'


class Playing(Acting, inherit_bindings=False):
    """Actions on the replay's clock; where nothing is replayed they say so."""

    def _playback(self) -> Playback | None:
        if self.viewer.playback is None:
            self.say("this is no replay; `tracer replay` plays a session", "dim")
        return self.viewer.playback

    def action_play(self) -> None:
        """Play or pause; at the end, from the beginning."""
        if playback := self._playback():
            if playback.at_end:
                self.viewer.feed.restart()
            playback.toggle()
            self.viewer.follow = self.viewer.follow or playback.playing
            self.update()

    def action_speed(self, by: int) -> None:
        """Faster or slower."""
        if playback := self._playback():
            playback.faster(by)
            self.say(f"{playback.speed:g}× the recorded pace")

    def action_step(self, by: int) -> None:
        """A record on or back; the pieces of a stream are one step, unless the event list shows them."""
        playback = self._playback()
        if playback is None:
            return
        feed = self.viewer.feed
        target = self._next(feed.fed) if by > 0 else self._before(feed.fed - 1)
        if target == feed.fed:
            self.say("that is all of it" if by > 0 else "this is the beginning", "dim")
            return
        if target < feed.fed:
            feed.restart()
        playback.seek(feed.reader.record(target - 1).t, target)
        feed.advance(budget=2.0, until_seq=target)
        self.viewer.follow = True
        self.update()
        self.say(f"#{target - 1} {r.kind_of(feed.reader.record(target - 1))}", "dim")

    def _piece(self, seq: int) -> bool:
        if self.events.model.pieces:
            return False
        raw = self.viewer.feed.reader.raw(seq)
        return raw.startswith(_PIECES) or (raw.startswith(_STREAM) and is_echo(self.viewer.feed.reader.record(seq)))

    def _next(self, seq: int) -> int:
        last = len(self.viewer.feed.reader)
        while seq < last and self._piece(seq):
            seq += 1
        return min(last, seq + 1)

    def _before(self, seq: int) -> int:
        seq -= 1
        while seq > 0 and self._piece(seq):
            seq -= 1
        return max(1, seq + 1)
