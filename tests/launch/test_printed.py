"""What a program prints reaches the session in lines, and a secret does not, however it is cut."""

from __future__ import annotations

import pytest

from tracer.launch.printed import Printed
from tracer.recording.redact import Redactor

BODY = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj", "MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3S", "Cw=="]
KEY = ["-----BEGIN RSA PRIVATE KEY-----", *BODY, "-----END RSA PRIVATE KEY-----"]
VALUE = "first-half-of-it\nsecond-half-of-it"


@pytest.fixture
def printed() -> Printed:
    return Printed(Redactor({"MY_SECRET": VALUE}))


def told(printed: Printed, *lines: str) -> list[str]:
    return [said for line in lines for said in printed.line(line)]


def test_lines_stay_as_they_are(printed: Printed) -> None:
    lines = ["one", "", "  two: ", "three -", "https://example.org/", "sk-"]
    assert told(printed, *lines) == lines


@pytest.mark.parametrize("head", [[], ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,A1B2", ""]])
@pytest.mark.parametrize("margin", ["", "   ", "log | "])
def test_a_private_key_that_is_printed_line_by_line(printed: Printed, margin: str, head: list[str]) -> None:
    lines = [KEY[0], *head, *KEY[1:-2], KEY[-1]]
    said = told(printed, "the key:", *(margin + line for line in lines), "the end", "")
    assert [said[0], *said[-2:]] == ["the key:", "the end", ""]
    assert len(said) == 4 and "[redacted:" in said[1]


def test_the_short_last_line_of_a_key_and_what_follows_its_end(printed: Printed) -> None:
    said = told(printed, *KEY[:-1], KEY[-1] + " and so on", "next")
    assert said[1:] == [" and so on", "next"]


def test_a_key_that_only_seems_to_begin_swallows_nothing_that_is_no_key(printed: Printed) -> None:
    said = told(printed, "it looks for -----BEGIN PRIVATE KEY----- in files", "found none", "and ended")
    assert said[-2:] == ["found none", "and ended"]


def test_a_key_that_is_printed_in_pieces(printed: Printed) -> None:
    said = []
    for at in range(0, len(text := "\n".join(KEY) + "\n"), 7):
        *ended, rest = text[at : at + 7].split("\n")
        said += [*told(printed, *ended), *(printed.piece(rest) if rest else [])]
    said += told(printed, "", "after")
    assert not any(part in line for line in said for body in BODY[:2] for part in (body[:7], body[7:14], body[-5:]))
    assert said[-1] == "after"


def test_a_value_of_the_environment_that_has_two_lines(printed: Printed) -> None:
    first, second = VALUE.split("\n")
    said = told(printed, "it is " + first, second + "!", first, "something else")
    assert said[0] == "it is " and said[1].startswith("[redacted:") and said[1].endswith("]!")
    assert said[2:] == [first, "something else"], "half of it is none"


def test_a_key_in_two_pieces_of_a_line(printed: Printed) -> None:
    said = [*printed.piece("with sk-abcdef"), *printed.line("ghijklmnopqrstuvwxyz0123"), *told(printed, "next")]
    assert said[0] == "with " and said[1].startswith("[redacted:") and said[2:] == ["next"]


def test_a_question_is_told_before_its_line_ends_and_the_end_adds_nothing(printed: Printed) -> None:
    assert printed.piece("your name? ") == ["your name? "]
    assert told(printed, "", "hello") == ["hello"]


def test_what_waits_at_the_end_is_told(printed: Printed) -> None:
    assert printed.piece("sk-abc") == []
    assert printed.rest() == ["sk-abc"]
