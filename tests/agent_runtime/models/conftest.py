"""The provider that these tests ask."""

from __future__ import annotations

from tests.provider import provider

__all__ = ["provider"]
