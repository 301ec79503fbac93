"""The committed pictures are what the screen draws now: after a change of the screen, `make screenshots`."""

from __future__ import annotations

import pytest

from docs.screenshots import GALLERY, PICTURES, Picture, draw


@pytest.mark.slow
@pytest.mark.parametrize("picture", GALLERY, ids=lambda picture: picture.name)
async def test_a_picture_is_not_stale(picture: Picture) -> None:
    there = (PICTURES / f"{picture.name}.svg").read_text()
    assert await draw(picture) == there, "run `make screenshots`, look at the pictures, commit them"
