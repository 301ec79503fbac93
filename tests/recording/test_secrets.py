"""The corpus of secrets: what is known is replaced wherever it stands and however it is cut; what is missed is told."""

import json
from pathlib import Path

import pytest

from tests.recording.secrets_corpus import INSIDE, KNOWN, MISSED, VALUES
from tracer.recording.redact import Redactor
from tracer.recording.tail import Tail

ROOT = Path(__file__).parents[2]
AROUND = (
    "{}",
    "the key is {}, keep it",
    'key="{}"',
    "KEY={}\n",
    "({})",
    "- `{}`",
    "https://x.example/?key={}&a=1",
    "é {} é",
)
EACH = [
    *(pytest.param(secret, AROUND, id=name) for name, secret in {**KNOWN, **VALUES}.items()),
    *(pytest.param(secret, (f"{before}{{}}{after}",), id=name) for name, (secret, before, after) in INSIDE.items()),
]


def leaked(secret: str, said: str) -> str:
    """The first piece of 8 characters that is still there (of a private key's body, not of its frame)."""
    body = secret.split("-----")[2] if secret.startswith("-----") else secret
    body = body.partition("sk-ant-api03-")[2] or body
    return next((body[i : i + 8] for i in range(4, len(body) - 7) if body[i : i + 8] in said), "")


def streamed(pieces: list[str]) -> str:
    tail = Tail(Redactor(VALUES))
    said = [piece if tail.passes(piece) else tail.take(piece)[0] for piece in pieces]
    return "".join(said) + tail.rest()[0]


@pytest.mark.parametrize(("secret", "around"), EACH)
def test_a_known_secret_is_replaced_wherever_it_stands(secret: str, around: tuple[str, ...]) -> None:
    redactor = Redactor(VALUES)
    for place in around:
        said = redactor.text(place.format(secret))
        assert not leaked(secret, said) and "[redacted:" in said
        before, after = place.split("{}")
        assert said.startswith(before[:-1]) and said.endswith(after[1:])
    as_json = json.dumps({"env": around[0].format(secret)})
    assert not leaked(secret, redactor.text(as_json)), as_json


@pytest.mark.parametrize(("secret", "around"), EACH)
def test_a_known_secret_is_replaced_at_whatever_place_a_stream_cuts_it(secret: str, around: tuple[str, ...]) -> None:
    text = around[min(1, len(around) - 1)].format(secret)
    for at in range(1, len(text), 1 if len(text) < 400 else 7):
        assert not leaked(secret, streamed([text[:at], text[at:]])), at
    for size in (1, 2, 3, 5, 8, 40):
        assert not leaked(secret, streamed([text[i : i + size] for i in range(0, len(text), size)])), size


def test_equal_secrets_look_equal_and_others_do_not() -> None:
    redactor = Redactor(VALUES)
    tags = [redactor.text(secret) for secret in KNOWN.values()]
    assert len(set(tags)) == len(KNOWN) and [redactor.text(secret) for secret in KNOWN.values()] == tags


@pytest.mark.parametrize("name", MISSED)
def test_what_is_missed_is_told_and_known_once_the_environment_has_it(name: str) -> None:
    page = (ROOT / "docs" / "privacy.md").read_text()
    assert name in page
    secret = MISSED[name]
    assert Redactor({}).text(secret) == secret, "it is known by now: take it off the list, and off the page"
    if name != "password in prose":
        assert not leaked(secret, Redactor({"SOME_KEY": secret}).text(f"it is {secret}!"))


def test_the_page_names_what_is_known() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text()
    assert not [name for name in KNOWN if name.partition(",")[0] not in page]


PROSE = (
    "The risk-based approach asks for a task_force; see https://example.com:8080/a?b=c#d and mail a@b.example. "
    "Commit 8f14e45fceea167a5a36dedd4bea2543 of 2024-01-01T00:00:00Z, id 550e8400-e29b-41d4-a716-446655440000, "
    "basic understanding of the_long_snake_case_names_of_python, sk-learn, hf_hub, pypi-server, npm_config_cache."
)


def test_prose_code_and_ids_are_left_as_they_are() -> None:
    assert Redactor(VALUES).text(PROSE) == PROSE and streamed(list(PROSE)) == PROSE
