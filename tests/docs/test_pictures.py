"""The README's pictures: drawn from the samples by the real screen, the same each time, with nothing from elsewhere."""

from __future__ import annotations

import re
from html import unescape

import pytest

from docs.screenshots import GALLERY, PICTURES, REPO, draw, plain

LARGEST = 120_000
BY_NAME = {picture.name: picture for picture in GALLERY}


def words(svg: str) -> str:
    """What stands on the picture."""
    return unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))).replace("\xa0", " ")


def remote(svg: str) -> list[str]:
    """What a viewer would fetch to show it."""
    return re.findall(r"url\(\s*[\"']?(?!#)[^)]*\)|(?:href|src)=\"[^#\"][^\"]*\"|@import[^;]*", svg)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("stopped", ["STOPPED", "delete_folder", "photos", "edit the input", "waiting"]),
        ("edit", ["edit the input of", "scratch", "Ctrl+S applies"]),
        ("failed", ["FAILED", "the provider closed the connection"]),
    ],
)
async def test_a_picture_shows_its_story_and_is_drawn_the_same_again(name: str, says: list[str]) -> None:
    svg = await draw(BY_NAME[name])
    assert [word for word in says if word not in words(svg)] == []
    assert remote(svg) == []
    if name == "stopped":
        assert await draw(BY_NAME[name]) == svg


@pytest.mark.parametrize("name", BY_NAME)
def test_a_picture_is_in_the_repository_small_and_whole(name: str) -> None:
    svg = (PICTURES / f"{name}.svg").read_text()
    assert 10_000 < len(svg.encode()) < LARGEST
    assert remote(svg) == [] and len(words(svg)) > 300


def test_pages_show_pictures_that_exist() -> None:
    pages = [REPO / "README.md", *(REPO / "docs").glob("*.md")]
    shown = {(page, link) for page in pages for link in re.findall(r"!\[[^]]*]\(([^)]+)\)", page.read_text())}
    assert shown
    assert [link for page, link in shown if not (page.parent / link).is_file()] == []


def test_a_font_from_elsewhere_is_seen() -> None:
    svg = '@font-face { src: url("https://cdn.example/f.woff2"); } x { font-family: Fira; }'
    assert remote(svg) and not remote(plain(svg))
