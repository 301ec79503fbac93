"""`tracer check`: what is against the format is told with its line; a torn tail is mended; secrets are found."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import records as r
from tracer.checking.lines import findings
from tracer.checking.repair import repair
from tracer.checking.secrets import secrets
from tracer.cli import main
from tracer.errors import TracerError
from tracer.journal import paths, process, reader
from tracer.journal.keep import pack
from tracer.journal.reader import Reader
from tracer.recording.redact import Redactor
from tracer.testing import SessionBuilder, build_session

KEY = "sk-" + "a1B2" * 6
DEEP = b'{"a":' * 200_000 + b"1" + b"}" * 200_000
ENV = {"MY_TOKEN": "correct-horse-7"}


def lines_of(tmp_path: Path) -> list[bytes]:
    return build_session(tmp_path / "s.jsonl", "tools3 think say").path.read_bytes().splitlines()


def told(tmp_path: Path, lines: list[bytes]) -> list[tuple[int, str, str]]:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return [(one.seq, one.level, one.message) for one in findings(Reader(path))]


def test_what_we_write_has_no_findings(tmp_path: Path) -> None:
    assert told(tmp_path, lines_of(tmp_path)) == []


@pytest.mark.parametrize(
    ("line", "level", "says"),
    [
        (b"\x00garbage", "error", "malformed"),
        (b"", "error", "truncated"),
        (b"[1]", "error", "object"),
        (b'{"seq":4,"t":9}', "error", "kind"),
        (b'{"kind":"cycle_start","seq":4,"t":9,"inv":"0","cycle":"x"}', "error", "Expected `int`, got `str`"),
        (b'{"kind":"log","seq":4,"t":9,"text":"\xff"}', "error", "utf-8"),
        (b'{"kind":"log","seq":4,"t":5000000,"fields":' + DEEP + b"}", "error", "recursion"),
        (b'{"seq":4,"kind":"log","t":5000000}', "error", "does not begin with"),
        (b'{"kind": "log", "seq": 4, "t": 5000000}', "error", "does not begin with"),
        (b'{"kind":"log","t":5000000}', "error", "`seq` is missing"),
        (b'{"kind":"log","seq":4}', "error", "`t` is missing"),
        (b'{"kind":"session","seq":4,"t":5000000}', "error", "a second header"),
        (b'{"kind":"model_start","seq":4,"t":5000000,"inv":"0","messages":[3]}', "error", "refers to message 3"),
        (b'{"kind":"model_start","seq":4,"t":5000000,"inv":"0","tools":"h"}', "error", "content 'h'"),
        (b'{"kind":"invocation_start","seq":4,"t":5000000,"inv":"0.0","caller":2}', "error", "caller 2 is no"),
        (b'{"kind":"telepathy","seq":4,"t":5000000}', "warning", "is not known"),
        (b'{"kind":"log","seq":3,"t":5000000}', "warning", "`seq` is 3, the line's number is 4"),
        (b'{"kind":"log","seq":4,"t":1}', "warning", "is before that of the record above"),
        (b'{"kind":"log","seq":4,"t":5000000,"inv":"7"}', "warning", "'7' was not started"),
    ],
)  # fmt: skip
def test_a_line_against_the_format_is_told(tmp_path: Path, line: bytes, level: str, says: str) -> None:
    lines = lines_of(tmp_path)
    found = [one for one in told(tmp_path, [*lines[:4], line, *lines[4:]]) if one[0] == 4]
    assert [one[1] for one in found if says.lower() in one[2].lower()] == [level], found


def test_below_a_gap_what_is_referred_to_may_be_what_could_not_be_written(tmp_path: Path) -> None:
    lines = lines_of(tmp_path)
    missing = r.encode(r.ModelStart(seq=5, t=5_000_000, inv="0", messages=[-1]))
    for count, level in ((1, "warning"), (0, "error")):
        gap = r.encode(r.Gap(seq=4, t=5_000_000, count=count, reason="No space left on device"))
        found = [one for one in told(tmp_path, [*lines[:4], gap, missing, *lines[4:]]) if "message -1" in one[2]]
        assert [one[:2] for one in found] == [(5, level)]


def test_what_stands_after_the_end_is_told(tmp_path: Path) -> None:
    lines = lines_of(tmp_path)
    late = r.encode(r.Log(seq=len(lines), t=10**12))
    assert told(tmp_path, [*lines, late]) == [(len(lines), "warning", "it stands after the session's end")]


def test_a_line_that_is_too_long_is_told_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_LINE", 5000)
    monkeypatch.setattr(reader, "_CHUNK", 1000)
    lines = lines_of(tmp_path)
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"\n".join([*lines[:4], b'{"kind":"log","text":"' + b"x" * 9000, *lines[4:]]) + b"\n")
    found = Reader(path)
    assert [one.seq for one in findings(found) if one.level == "error" and "more than" in one.message] == [4]
    assert r.kind_of(found.record(4)) == "damaged" and len(list(found.records())) == len(lines) + 1
    with pytest.raises(TracerError, match="#4 cannot be read"):
        found.raw(4)
    assert list(found.find(b"xxx")) == []
    (unsearched,) = secrets(found, Redactor({}))
    assert unsearched.seq == 4 and "was not searched: the line has" in unsearched.message


@given(at=st.integers(0, 40), cut=st.binary(max_size=60), data=st.data())
def test_no_bytes_make_it_raise(tmp_path_factory: pytest.TempPathFactory, at: int, cut: bytes, data: Any) -> None:
    folder = tmp_path_factory.mktemp("any")
    lines = lines_of(folder)
    at = 1 + at % (len(lines) - 1)
    start = data.draw(st.integers(0, len(lines[at])))
    told(folder, [*lines[:at], lines[at][:start] + cut + lines[at][start + len(cut) :], *lines[at + 1 :]])


def test_the_schema_and_the_decoder_agree(tmp_path: Path) -> None:
    schema = jsonschema.Draft202012Validator(r.schema())
    for line in lines_of(tmp_path):
        schema.validate(json.loads(line))
    for bad in (b'{"kind":"cycle_start","cycle":"x"}', b'{"kind":"log","text":3}', b'{"kind":"message","content":{}}'):
        assert not schema.is_valid(json.loads(bad))
        with pytest.raises(r.BadRecord):
            r.decode(bad)


def run(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    code = main(["check", *args])
    return code, "".join(capfd.readouterr())


def test_the_command_says_it_in_lines_and_as_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = str(build_session(tmp_path / "s.jsonl", "say").path)
    assert run(capfd, path) == (0, "s: 16 records, 0 errors, 0 warnings, ended\n")
    lines = Path(path).read_bytes().splitlines()
    Path(path).write_bytes(b"\n".join([*lines[:4], b"\x1b[31m{", *lines[5:]]) + b"\n")
    code, said = run(capfd, path)
    assert code == 1 and said.startswith("#4: error: ") and "1 error" in said and "\x1b" not in said
    code, said = run(capfd, "--json", path)
    report = json.loads(said)
    assert (code, report["errors"], report["findings"][0]["seq"]) == (1, 1, 4)
    Path(path).write_bytes(b"\n".join([lines[0], *[b"x"] * 90]) + b"\n")
    assert "and 40 more: `--all` prints them" in run(capfd, path)[1]
    assert run(capfd, "--all", path)[1].count("error: ") == 90


@given(keep=st.integers(0, 10**6))
def test_a_tail_torn_anywhere_is_mended_and_nothing_before_it_changes(
    tmp_path_factory: pytest.TempPathFactory, keep: int
) -> None:
    path = build_session(tmp_path_factory.mktemp("torn") / "s.jsonl", "tools3 say").path
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    torn = whole[: first + keep % (len(whole) - first + 1)]
    path.write_bytes(torn)
    said = repair(path)
    lines = torn.rpartition(b"\n")[0] + b"\n"
    assert path.read_bytes() in (lines, torn + b"\n")
    assert bool(said) == (not torn.endswith(b"\n"))
    assert repair(path) == "" and not [one for one in findings(Reader(path)) if one.level == "error"]


def test_repair_mends_the_last_part(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = build_session(tmp_path / "s.jsonl", "say").path
    whole = path.read_bytes()
    last = whole[:-1].rindex(b"\n") + 1
    path.write_bytes(whole[:last])
    paths.part_path(path, 2).write_bytes(b'{"kind":"lo')
    code, said = run(capfd, str(path))
    assert code == 1 and "the last line is torn: 11 bytes; `tracer check --repair` mends it" in said
    code, said = run(capfd, "--repair", str(path))
    assert code == 0 and "mended: a torn last record of 11 bytes was cut off" in said
    assert path.read_bytes() == whole[:last] and paths.part_path(path, 2).read_bytes() == b""


def test_repair_leaves_a_live_and_a_packed_one_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl", pid=os.getpid(), pid_start=process.start_time(os.getpid())).start()
    path = build.close(clean=False).path
    with path.open("ab") as file:
        file.write(b'{"kind":')
    before = path.read_bytes()
    code, said = run(capfd, "--repair", str(path))
    assert code == 2 and "is still being recorded" in said and path.read_bytes() == before
    assert run(capfd, str(path))[0] == 0  # what a live one is writing just now is no fault
    packed = pack(build_session(tmp_path / "t.jsonl", "say").path)
    assert "unpack it first" in run(capfd, "--repair", str(packed))[1]


def found_in(path: Path) -> list[tuple[int, str, str]]:
    return [(one.seq, one.kind, one.message) for one in secrets(Reader(path), Redactor(ENV))]


def test_secrets_are_found_with_their_place_and_not_printed(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle()
    build.tool(
        "http", {"headers": [{"auth": f"Bearer {KEY}"}], KEY: 1}, result=f"ok {ENV['MY_TOKEN']} [redacted:01ab23cd]"
    )
    said = found_in(build.close().path)
    assert [one[0] for one in said if "input.headers.0.auth" in one[2]] == [5, 6]
    assert [one[0] for one in said if "a key of input" in one[2]] == [5, 6]
    assert [one[0] for one in said if "result.content.0.text" in one[2] and "corr…" in one[2]] == [6]
    assert len(said) == 5 and not any(KEY in one[2] or ENV["MY_TOKEN"] in one[2] for one in said)


def test_a_secret_that_was_streamed_in_pieces_is_found(tmp_path: Path) -> None:
    build = SessionBuilder(tmp_path / "s.jsonl").start().cycle()
    build.put(r.BlockStart())
    for piece in ("the key is ", KEY[:9], KEY[9:], " so"):
        build.put(r.Delta(text=piece))
    build.put(r.BlockStop())
    assert [(seq, kind) for seq, kind, _ in found_in(build.close().path)] == [(6, "delta")]


def test_what_is_redacted_is_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    redact = Redactor(ENV).text
    texts = [
        KEY,
        f"https://me:{ENV['MY_TOKEN']}@x.org/",
        f"Bearer {KEY}",
        "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----",
    ]
    build = SessionBuilder(tmp_path / "s.jsonl").start(" ".join(texts))
    dirty = build.close().path
    assert len({one[2] for one in found_in(dirty)}) >= 4
    build = SessionBuilder(tmp_path / "t.jsonl").start(redact(" ".join(texts)))
    assert found_in(build.close().path) == []


def test_check_secrets_fails_before_something_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MY_TOKEN", ENV["MY_TOKEN"])
    path = str(SessionBuilder(tmp_path / "s.jsonl").start("say correct-horse-7 twice").close().path)
    code, said = run(capfd, "--secrets", path)
    assert code == 1 and "#1 invocation_start: error: prompt holds" in said and "horse" not in said
    monkeypatch.delenv("MY_TOKEN")
    assert run(capfd, "--secrets", path) == (0, "s: 5 records, no secret found, 0 warnings, ended\n")


def test_the_schema_command_prints_it(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capfd.readouterr().out) == r.schema()
