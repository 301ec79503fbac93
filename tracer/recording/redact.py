"""Secrets out of string values before they reach the disk. Equal secrets get equal placeholders within one session."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

_SECRET_NAME = re.compile(r"(?:(?:^|_)KEY|TOKEN|SECRET|PASSWORD)$", re.IGNORECASE)
_SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD")
_PLAIN = re.compile(r"[A-Za-z]+|[\d.,]+")
_SHAPES = (
    r"(?<![A-Za-z0-9])(?:"
    + "|".join(
        (
            r"sk-(?:ant-|proj-|or-|svcacct-)?[A-Za-z0-9_-]{16,}",
            r"gh[pousr]_[A-Za-z0-9]{20,}",
            r"github_pat_[A-Za-z0-9_]{20,}",
            r"glpat-[A-Za-z0-9_-]{16,}",
            r"(?:AKIA|ASIA)[A-Z0-9]{16}",
            r"AIza[A-Za-z0-9_-]{30,}",
            r"gsk_[A-Za-z0-9]{20,}",
            r"hf_[A-Za-z0-9]{20,}",
            r"xox[abprs]-[A-Za-z0-9-]{10,}",
            r"[rs]k_live_[A-Za-z0-9]{16,}",
            r"(?:xai|nvapi|pplx|tvly|csk|pypi)-[A-Za-z0-9_-]{20,}",
            r"(?:r8|npm|pcsk|lsv2)_[A-Za-z0-9_]{20,}",
            r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",
            r"eyJ[A-Za-z0-9_-]{60,}(?:\.[A-Za-z0-9_-]*){0,4}",
        )
    )
    + ")|"
    + "|".join(
        (
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[\s\S]{0,8192}?-----END [A-Z ]*KEY-----|[\s\S]{0,8192})",
            r"(?<=://)[^\s/:@\"']+:[^\s/@\"']+(?=@)",
            r"(?<=[Bb]earer )[A-Za-z0-9._~+/-]{16,}=*",
        )
    )
)
# Every shape holds one of these. Each search begins with one rare character, which is found at the speed of memchr.
_DASHED = re.compile(
    r"-(?:(?<=sk-)|(?<=glpat-)|(?<=xox[abprs]-)|(?<=xai-)|(?<=nvapi-)|(?<=pplx-)|(?<=tvly-)|(?<=pypi-)|BEGIN)"
).search
_SCORED = re.compile(
    r"_(?:(?<=gh[pousr]_)|(?<=sk_)|(?<=hf_)|(?<=b_pat_)|(?<=k_live_)|(?<=r8_)|(?<=npm_)|(?<=lsv2_))"
).search
_URL = re.compile(r":(?=//)").search
_ACCOUNT = re.compile(r"I(?:(?<=AKI)A|(?<=ASI)A|(?<=AI)za)").search
_TOKEN = re.compile(r"J(?<=eyJ)").search
_PLACEHOLDER = re.compile(r"\[redacted:[0-9a-f]{8}\]")
SHORTEST = 8


def secret_values(environ: Mapping[str, str]) -> list[str]:
    """The values that the environment calls secret: 8 characters or more, no plain word and no number."""
    names = (name for name in environ if name.upper().endswith(_SECRET_WORDS) and _SECRET_NAME.search(name))
    found = {v for v in (environ.get(name, "") for name in names) if len(v) >= SHORTEST}
    return sorted((v for v in found if not _PLAIN.fullmatch(v)), key=len, reverse=True)


def _places() -> tuple[tuple[str, str], ...]:
    """What tells of this machine and its user, each with what is said instead; longer ones first."""
    names = {
        sys.prefix: "<python>",
        sys.base_prefix: "<python>",
        str(Path(__file__).parents[2]): "<tracer>",
        str(Path.home()): "~",
        tempfile.gettempdir(): "<tmp>",
        socket.gethostname(): "localhost",
        os.getcwd(): ".",
    }
    useful = {place: name for place, name in names.items() if len(place) > 3}
    return tuple(sorted(useful.items(), key=lambda pair: -len(pair[0])))


class Redactor:
    """`text(s)` is `s` with each secret replaced by `[redacted:TAG]`; TAG is keyed with a key of this session alone.

    `patterns` are the user's own. `watched` are the exact strings it looks for, `ends` the last two characters (or the
    one) of each beginning of them.
    `anonymous` also takes out what tells of the machine: working directory, home, host and the like.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        anonymous: bool = False,
        patterns: tuple[re.Pattern[str], ...] = (),
    ) -> None:
        self.mode = "secrets, anonymous" if anonymous else "secrets"
        self.patterns = patterns
        self._places = _places() if anonymous else ()
        self._short_pass = not (self._places or patterns)
        self._key = secrets.token_bytes(16)
        self._values: tuple[str, ...] = ()
        self.learn(os.environ if environ is None else environ)

    def learn(self, environ: Mapping[str, str]) -> None:
        """Look for the secrets of this environment from now on too: a program may load its own after it began."""
        values = secret_values(environ)
        if self._values and set(values) <= set(self._values):
            return
        values = sorted({*values, *self._values}, key=len, reverse=True)
        self._values, self.watched = tuple(values), (*values, *(place for place, _ in self._places))
        self.ends = frozenset(v[:size][-2:] for v in self.watched for size in range(1, len(v)))
        self._shape = re.compile("|".join([*map(re.escape, values), _SHAPES]))

    def text(self, value: str, own: bool = True) -> str:
        """The text without its secrets, and without what UTF-8 cannot hold; `own`: the user's patterns apply."""
        if self._short_pass and len(value) < SHORTEST and value.isascii():
            return value  # names, roles and keys, which are most texts
        if not value.isascii():
            value = value.encode("utf-8", "backslashreplace").decode()
        for place, name in self._places:
            value = value.replace(place, name)
        for pattern in self.patterns if own else ():
            value = pattern.sub(self._placeholder, value)
        if len(value) < SHORTEST or not self.suspects(value):
            return value
        return self._shape.sub(self._placeholder, value)

    def suspects(self, value: str) -> bool:
        """Whether there may be a secret in it, whole or from its mark on (`sk-`, `://`); mostly not, and told fast."""
        return bool(
            ("-" in value and _DASHED(value))
            or ("_" in value and _SCORED(value))
            or (":" in value and _URL(value))
            or ("I" in value and _ACCOUNT(value))
            or ("J" in value and _TOKEN(value))
            or (("b" in value or "B" in value) and "earer " in value)
            or (self.watched and any(known in value for known in self.watched))
        )

    def found(self, value: str) -> list[str]:
        """The secrets in it, as they stand there; a placeholder is none."""
        if not self.suspects(value):
            return []
        return [hit[0] for hit in self._shape.finditer(value) if not _PLACEHOLDER.fullmatch(hit[0])]

    def _placeholder(self, match: re.Match[str]) -> str:
        if not match[0]:
            return ""  # of a user's pattern that may match nothing
        tag = hmac.new(self._key, match[0].encode(), hashlib.sha256).hexdigest()[:8]
        return f"[redacted:{tag}]"
