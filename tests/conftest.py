"""How hard the property tests look: a few examples in `make test`, many in `make test-slow`. No fixture is here."""

from __future__ import annotations

from hypothesis import settings

# A deadline of one example is a timed test, which a busy machine fails.
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("full", max_examples=300, deadline=None)
settings.load_profile("quick")
