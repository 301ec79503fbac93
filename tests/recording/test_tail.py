"""Secrets that a stream cuts into pieces: never on the disk, and nothing else is lost or moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import records as r
from tracer.playback.deltas import Block
from tracer.recording.redact import SHORTEST, Redactor
from tracer.recording.tail import _KEYS, Tail

VALUE = "zx81-hunter-sword-42"
SECRETS = [
    "xai-" + "aB3d" * 20,
    "pcsk_" + "7Kq_9z" * 10,
    VALUE,
    "sk-proj-AbCdEfGhIjKlMnOpQrStUvWx1234567890",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIAIOSFODNN7EXAMPLE",
    "gsk_" + "a1B2" * 12,
    "sk-ant-api03-" + "Ab3_-" * 20,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4ifQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEpAIBAAKCAQEA7bq\n" * 6 + "-----END RSA PRIVATE KEY-----",
]


def cut(text: str, places: list[int]) -> list[str]:
    at = sorted({min(place, len(text)) for place in places})
    return [text[a:b] for a, b in zip([0, *at], [*at, len(text)], strict=True)]


def through(pieces: list[str]) -> list[r.Delta]:
    """The records that the pieces of one block make."""
    redactor = Redactor({"MY_API_KEY": VALUE})
    tail = Tail(redactor)
    found = []
    for piece in pieces:
        said, lead = tail.take(piece)
        found.append(r.Delta(text=said, lead=lead))
    if tail.waits:
        said, lead = tail.rest()
        found.append(r.Delta(text=said, lead=lead, tail=True))
    return found


@given(data=st.data(), value=st.sampled_from(["k8s-f00bar-9k", "hunter2hunter2", "my-sk-abcd1", "a-a-a-a-a"]))
def test_a_value_that_ends_as_it_begins_or_holds_a_mark_is_replaced(data: st.DataObject, value: str) -> None:
    text = f"It is {value}{data.draw(st.sampled_from(['', '.', ' k', value[0], value[:3] + ' ', value]))}."
    pieces = cut(text, data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    tail = Tail(Redactor({"MY_API_KEY": value}))
    said = [tail.take(piece)[0] for piece in pieces]
    assert value not in "".join([*said, tail.rest()[0]])


PREFIXES = st.sampled_from([secret[:size] for secret in [*SECRETS, "Bearer abcdefgh"] for size in range(1, 14)])
PIECES = st.lists(
    st.one_of(
        PREFIXES,
        st.text(st.sampled_from("sgAhxreBbnptclaiyvd8 k-_.:/JEé\ud800\n0"), max_size=16),
        st.sampled_from(SECRETS),
    )
)


@pytest.mark.parametrize("anonymous", [False, True])
@given(pieces=PIECES)
def test_what_passes_is_what_the_long_look_lets_through(pieces: list[str], anonymous: bool) -> None:
    redactor = Redactor({"MY_API_KEY": VALUE}, anonymous=anonymous)
    quick, slow = Tail(redactor), Tail(redactor)
    for piece in pieces:
        expected = slow.take(piece)
        assert ((piece, []) if quick.passes(piece) else quick.take(piece)) == expected
    assert quick.rest() == slow.rest()


@given(pieces=PIECES)
def test_no_secret_escapes_the_first_look(pieces: list[str]) -> None:
    redactor, text = Redactor({"MY_API_KEY": VALUE}), "".join(pieces).encode("utf-8", "replace").decode()
    assert redactor.text(text) == (redactor._shape.sub(redactor._placeholder, text) if len(text) >= SHORTEST else text)


@pytest.mark.parametrize("letter", ["\u662f", "\u00e9", "\u0416", "\u00df ", ".", "("])
@pytest.mark.parametrize("begun", ["sk", "ghp", "AKIA", "eyJ", "hf", "Bearer", "xox", "s", "b"])
def test_a_mark_begins_behind_any_letter_that_no_key_holds(letter: str, begun: str) -> None:
    assert not Tail(Redactor({})).passes(letter + begun)


@pytest.mark.parametrize("piece", ["a", " word", "w12 ", "the end.", "(\n", "understanding of it", "\u4f60\u597d", ""])
def test_a_plain_piece_passes(piece: str) -> None:
    assert Tail(Redactor({"MY_API_KEY": VALUE})).passes(piece)


def rebuilt(records: list[r.Delta]) -> list[str]:
    block = Block()
    deltas = [delta for record in records if (delta := block.add(record))]
    block.settle()
    return [delta.text for delta in deltas]


words = st.text(st.sampled_from("sk-ghpAKIzx81eyJBar://_ .\n\"'aé—\U0001f600"), max_size=60)
places = st.lists(st.integers(0, 250), max_size=30)


@given(words, places)
def test_what_is_no_secret_comes_through_piece_by_piece(text: str, where: list[int]) -> None:
    clean = Redactor({"MY_API_KEY": VALUE}).text(text)
    pieces = cut(text, where)
    if clean == text:
        assert rebuilt(through(pieces)) == pieces


@pytest.mark.parametrize("secret", SECRETS, ids=[secret[:8] for secret in SECRETS])
@given(before=words, after=words, where=places)
def test_no_cut_lets_a_secret_through(secret: str, before: str, after: str, where: list[int]) -> None:
    text = f"{before} {secret} {after}"
    said = "".join(record.text or "" for record in through(cut(text, where)))
    assert "[redacted:" in said
    assert not [secret[i : i + 12] for i in range(len(secret) - 11) if secret[i : i + 12] in said]


@pytest.mark.parametrize("secret", SECRETS, ids=[secret[:8] for secret in SECRETS])
def test_one_character_at_a_time_hides_it_and_keeps_the_rest(secret: str) -> None:
    said = "".join(record.text or "" for record in through(list(f"the key is {secret} and no more")))
    assert said.startswith("the key is [redacted:") and said.endswith("] and no more")


@pytest.mark.parametrize(
    "text", ["the risk-assessment-framework-of-ours", "task-force-one-hundred-and-twelve", "a ghost"]
)
def test_a_word_that_holds_a_prefix_in_its_middle_is_no_key(text: str) -> None:
    assert "".join(record.text or "" for record in through(list(text))) == text
    assert Redactor({}).text(text) == text


def test_what_waits_is_bounded() -> None:
    redactor = Redactor({})
    tail = Tail(redactor)
    for _ in range(50):
        tail.take("https://a-very-long-host-name-without-any-end" * 2)
        assert len(tail._held) <= 64


PEM = SECRETS[-1]


@pytest.mark.parametrize(
    "pieces", [[PEM, " after"], [f"key: {PEM}", " after"], list(PEM + " after"), [PEM[:60], PEM[60:] + " after"]]
)
def test_what_comes_after_a_private_key_is_kept(pieces: list[str]) -> None:
    said = "".join(record.text or "" for record in through(pieces))
    assert said.endswith(" after") and "MIIE" not in said


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_prose_that_names_a_private_key_loses_no_more_than_a_key_is_long(size: int) -> None:
    text = "Files that hold -----BEGIN PRIVATE KEY----- are keys. " + "Do not read them. " * 600 + "The end."
    said = "".join(record.text or "" for record in through([text[i : i + size] for i in range(0, len(text), size)]))
    assert said.startswith("Files that hold [redacted:") and said.endswith("Do not read them. The end.")


def test_a_private_key_inside_json_is_hidden_with_its_escaped_line_ends() -> None:
    text = '{"key": "' + PEM.replace("\n", "\\n") + '", "x": 1}'
    for size in (1, 5, 40, 1000):
        said = "".join(record.text or "" for record in through([text[i : i + size] for i in range(0, len(text), size)]))
        assert "MIIE" not in said and said.endswith('", "x": 1}')


def test_no_beginning_of_any_key_passes() -> None:
    redactor = Redactor({})
    for key in [*_KEYS, "eyJ", "-----BEGIN ", "://", "bearer ", "Bearer "]:
        assert redactor.suspects(f"a {key}Ab1"), key
        for size in range(1, len(key) + 1):
            begun = key[:size]
            assert not any(Tail(redactor).passes(before + begun) for before in ("", " ", "a ", "some more words, ")), (
                begun
            )
