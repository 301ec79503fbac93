"""What a clone is installed from: the locks name versions and hashes, never an address. Not a test of pip."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

REPO = Path(__file__).parent.parent
LOCKS = ["requirements.lock", "requirements-dev.lock"]
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)(?: ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def pins(lock: str) -> dict[str, str]:
    """Name to version; any line that is neither a pin nor a hash fails here."""
    found: dict[str, str] = {}
    for line in (REPO / lock).read_text().splitlines():
        if not HASH.match(line):
            pin = PIN.match(line)
            assert pin, f"{lock}: neither a pin nor a hash: {line!r}"
            found[pin[1]] = pin[2]
    return found


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!; ]", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_pins_and_hashes_and_nothing_else(lock: str) -> None:
    assert len(pins(lock)) > 50


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    asked = names(project["dependencies"])
    assert asked <= pins("requirements.lock").keys()
    for extra in project["optional-dependencies"].values():
        asked |= names(extra)
    assert asked <= pins("requirements-dev.lock").keys()


def test_the_locks_agree() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_stock_strands_is_one_with_the_stream_we_record() -> None:
    major, minor, *_ = pins("requirements-dev.lock")["strands-agents"].split(".")
    assert (int(major), int(minor)) >= (1, 60)


def test_both_packages_say_that_they_are_typed() -> None:
    for package in ("agent_runtime", "tracer"):
        assert (REPO / package / "py.typed").exists()
