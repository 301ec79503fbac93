"""Secrets that a stream cuts into pieces: the end of a piece that may begin one waits for the next piece. No I/O."""

from __future__ import annotations

import re

from tracer.recording.redact import SHORTEST, Redactor

LONGEST = 64  # characters that may wait, more only for a longer value of the environment; a key is known by then
_WINDOW = 512
_PREFIX = 12  # a beginning that does not hold a whole mark (`sk-`, `://`) is shorter than this
_WORD = r"[A-Za-z0-9_-]*"


def _begun(literal: str, rest: str) -> str:
    """A pattern for every beginning of `literal`, and for all of it with `rest` after it."""
    pattern = rest
    for char in reversed(literal[1:]):
        pattern = f"(?:{re.escape(char)}{pattern})?"
    return re.escape(literal[0]) + pattern


_KEYS = (
    *("sk-", "gsk_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "AKIA", "ASIA", "AIza", "hf_"),
    *("xoxa-", "xoxb-", "xoxp-", "xoxr-", "xoxs-", "rk_live_", "sk_live_", "xai-", "nvapi-", "pplx-", "tvly-", "csk-"),
    *("pypi-", "r8_", "npm_", "pcsk_", "lsv2_"),
)
_BEGUN = re.compile(
    "(?:"
    + "|".join(
        (
            "(?<![A-Za-z0-9])(?:" + "|".join(_begun(key, _WORD) for key in _KEYS) + ")",
            "(?<![A-Za-z0-9])" + _begun("eyJ", r"[A-Za-z0-9_.-]*"),
            "(?<!-)" + _begun("-----BEGIN ", r"[A-Z -]*"),
            _begun("://", r"[^\s/@\"']*"),
            "(?<![A-Za-z0-9])[Bb](?:" + _begun("earer ", r"[A-Za-z0-9._~+/-]*") + ")?",
        )
    )
    + r")\Z"
).search
# An end that begins none of them, told in one look: its last word does not begin a mark, and no mark stands before it.
_HARMLESS = re.compile(
    r"(?:[^_:J-]*[^A-Za-z0-9_:J-])?(?![sgAhxreBbnptcl]\Z"
    r"|sk|g[shil]|A[KSI]|hf|x[oa]|r[k8]|ey|[Bb]e|n[vp]|p[pyc]|tv|cs|ls)[A-Za-z0-9]*\Z"
).match
# The same of a word, by its first letter or two.
_MARKS = frozenset(mark[:size] for mark in (*_KEYS, "eyJ", "Bearer ", "bearer ") for size in (1, 2))
_SHORTEST_KEY = 16  # letters and digits that one has at least
_PEM = "PRIVATE KEY-----"
_PEM_OPEN = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?![\s\S]*-----END [A-Z ]*KEY-----)").search
_LONGEST_KEY = 8192  # a private key that goes on for longer is none, such as its name in prose
_PEM_END = re.compile(r"-----END [A-Z ]*KEY-----")
_REST_OF_KEY = re.compile(r"[A-Za-z0-9_.~+/=-]*")


class Tail:
    """The open block's pieces on their way to the disk.

    `take(piece)` gives what may be written now, without secrets, and `lead`: how many characters of it belong to each
    of the pieces before (the last `len(lead)` ones). `rest()` gives what still waits when the block is over.
    `passes(piece)` says of most pieces that they may be written as they are, and then `take` is not asked.
    """

    __slots__ = (
        *("_before", "_ends", "_held", "_left", "_longest", "_parts", "_patterns", "_quiet", "_small", "_suspects"),
        *("_swallow", "_text", "_values", "_word"),
    )

    def __init__(self, redactor: Redactor) -> None:
        self._text, self._suspects = redactor.text, redactor.suspects
        self._values, self._ends = redactor.watched, redactor.ends
        self._patterns = redactor.patterns
        self._longest = max([LONGEST, *map(len, self._values)])
        self._small = min([SHORTEST, *map(len, self._values)]) - 1  # with the character before it, it holds no secret
        self._word = self._small if self._values else _SHORTEST_KEY
        self.reset()

    def reset(self) -> None:
        """A block begins."""
        self._held, self._before, self._swallow = "", "", ""
        self._parts: list[int] = []
        self._left = 0
        self._quiet = not self._patterns  # nothing waits and nothing is to go, so that a piece is judged by itself

    @property
    def waits(self) -> bool:
        """Whether something is held back."""
        return bool(self._held)

    def passes(self, piece: str) -> bool:
        """Whether `take` would give just this piece; False also where it takes a longer look to tell."""
        if not self._quiet:
            return False
        ascii_only = piece.isascii()
        if ascii_only and (word := piece.strip()).isalnum() and word[:2] not in _MARKS and len(piece) < self._word:
            pass  # most pieces are a word, which is told without an expression; marks begin behind other letters too
        elif not (ascii_only or piece.isprintable()):
            return False
        elif len(piece) < self._small:
            if not _HARMLESS(piece):
                return False
        elif not _HARMLESS(piece[-_PREFIX:]) or self._suspects(self._before[-1:] + piece):
            return False
        if ends := self._ends:
            likely = piece[-2:] in ends or piece[-1:] in ends
            if likely and self._value_begins(piece) < len(piece):
                return False
        self._before = piece or self._before
        return True

    def take(self, piece: str) -> tuple[str, list[int]]:
        """What is certain of the pieces so far; the rest waits."""
        said = self._taken(piece)
        self._quiet = not (self._held or self._swallow or self._patterns)
        return said

    def _taken(self, piece: str) -> tuple[str, list[int]]:
        if not (self._held or self._swallow) and self._cut(piece) == len(piece) and _PEM not in piece:
            said = self._say(piece)
            if said != piece and said.endswith("]"):
                self._swallow = "key"  # one that began too far back to be seen at the end, and may go on
            return said, []
        piece = self._swallowed(piece) if self._swallow else piece
        all_of_it = self._held + piece
        cut = self._cut(all_of_it)
        opened = _PEM in all_of_it and _PEM_OPEN(all_of_it)
        if opened or len(all_of_it) - cut > self._longest:
            return self._decide(all_of_it, bool(opened))
        before, said, parts = self._before, self._say(all_of_it[:cut]), [*self._parts, len(piece)]
        if said != all_of_it[:cut] and said.endswith("]") and self._text(all_of_it).endswith("]"):
            self._before, self._parts = before, parts  # what waits is more of the same secret
            return self._decide(all_of_it, False)
        shares = _shares(parts, cut)
        self._held = all_of_it[cut:]
        self._parts = _left(parts, shares) if self._held else []
        return said, (shares[:-1] if said == all_of_it[:cut] else [])

    def rest(self) -> tuple[str, list[int]]:
        """What waited, as the block is over."""
        said, lead = self._say(self._held), self._parts
        if said != self._held:
            lead = []
        self._held, self._parts = "", []
        self._quiet = not (self._swallow or self._patterns)
        return said, lead

    def _decide(self, text: str, opened: bool) -> tuple[str, list[int]]:
        """Too much waits, or a private key begins: it is a secret by now, or it is none."""
        parts, said = self._parts, self._say(text)
        if said != text and said.endswith("]"):
            self._swallow, self._left = ("pem" if opened else "key"), _LONGEST_KEY
        self._held, self._parts = "", []
        return said, (parts if said == text else [])

    def _say(self, text: str) -> str:
        """Redacted, with the character before it in sight, since a key begins where a word begins."""
        if not text:
            return ""
        before, self._before = self._before[-1:], text
        before = before if before.isascii() else ""
        return self._text(before + text)[len(before) :]

    def _cut(self, text: str) -> int:
        """Where the end begins that may be part of a secret; the length of the text where none is."""
        if not text:
            return 0
        cut = self._value_begins(text)
        if self._patterns:
            cut = self._match_begins(text, min(cut, max(0, len(text) - LONGEST)))
        far = len(text) > _PREFIX and self._suspects(text)
        begun = _BEGUN(text, max(0, len(text) - (_WINDOW if far else _PREFIX)))
        cut = min(cut, begun.start()) if begun else cut
        return self._around_values(text, cut) if cut < len(text) else cut

    def _around_values(self, text: str, cut: int) -> int:
        """The cut, or where a whole value begins that it would part: one may end as it begins, or hold a mark."""
        found = True
        while found:
            found = False
            for value in self._values:
                at = text.find(value, max(0, cut - len(value) + 1), cut + len(value) - 1)
                if at >= 0:
                    cut, found = at, True
        return cut

    def _match_begins(self, text: str, cut: int) -> int:
        """Where a match of the user's begins that goes on beyond the cut; the end waits, as no beginning is known."""
        for pattern in self._patterns:
            cut = min([cut, *(m.start() for m in pattern.finditer(text) if m.start() < cut < m.end())])
        return cut

    def _value_begins(self, text: str) -> int:
        cut = len(text)
        for value in self._values:
            cut = _overlap(text, value, cut)
        return cut

    def _swallowed(self, piece: str) -> str:
        """What comes after the rest of a secret whose beginning was replaced."""
        if self._swallow == "key":
            end = _REST_OF_KEY.match(piece)
            after = piece[end.end() :] if end else piece
        else:
            self._before = (self._before + piece)[-80:]
            end = _PEM_END.search(self._before)
            after = self._before[end.end() :] if end else ""
            self._left -= len(piece)
            after = after if after or self._left > 0 else piece
        if after:
            self._swallow, self._before = "", "-"
        return after


def _overlap(text: str, value: str, cut: int) -> int:
    """Where an end of `text` starts that begins `value` (but is not all of it), if before `cut`; else `cut`."""
    at = text.find(value[0], max(0, len(text) - len(value) + 1), cut)
    while at >= 0:
        if value.startswith(text[at:]):
            return at
        at = text.find(value[0], at + 1, cut)
    return cut


def _shares(parts: list[int], cut: int) -> list[int]:
    """How many of the first `cut` characters belong to each part."""
    shares = []
    for part in parts:
        shares.append(min(part, cut))
        cut -= shares[-1]
    return shares


def _left(parts: list[int], shares: list[int]) -> list[int]:
    """What of each part still waits, from the first part that does."""
    left = [had - got for had, got in zip(parts, shares, strict=True)]
    return left[next(i for i, size in enumerate(left) if size) :]
