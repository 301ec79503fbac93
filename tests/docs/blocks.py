"""The code blocks of a Markdown page, by language, with the heading that they stand under. No test is here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).parent.parent.parent
_FENCE = re.compile(r"^(?P<heading>#+ [^\n]+)$|^```(?P<language>\w+)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """`heading` is the text of the last heading above it."""

    language: str
    code: str
    heading: str

    def __str__(self) -> str:
        return f"{self.language} under {self.heading}"


def blocks(page: str, language: str) -> list[Block]:
    """The page's blocks in that language, in order. Fails where a fence names no language: nobody would test it."""
    text = (REPO / page).read_text()
    assert len(re.findall(r"^```", text, re.MULTILINE)) == 2 * len(re.findall(r"^```\w", text, re.MULTILINE)), page
    found, heading = [], ""
    for match in _FENCE.finditer(text):
        heading = match["heading"].lstrip("# ") if match["heading"] else heading
        if match["language"] == language:
            found.append(Block(language, match["code"], heading))
    assert found, f"{page} has no {language} block"
    return found
