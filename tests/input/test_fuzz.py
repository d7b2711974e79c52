"""What people and files bring is read, or refused in words; nothing else happens."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom.errors import InvalidError
from strongroom.label import readers
from strongroom.label.readers import READERS, Refusal, Row
from strongroom.label.schemas import ImportOptions
from strongroom.markings import Marking, MarkingError, Scheme
from strongroom.vault import strongroom_verify

from .conftest import LONG, House

SCHEMES = {name: Scheme.load(name) for name in ("corporate", "us-notional", "uk-gscp", "us-cui", "tlp")}


def much(examples: int) -> Any:
    return settings(
        max_examples=examples * (20 if LONG else 1),
        deadline=None,
        database=None,
        derandomize=not LONG,
        suppress_health_check=list(HealthCheck),
    )


# --- markings


def words_of(scheme: Scheme) -> list[str]:
    """Everything that a marking of the scheme is made of, and what only looks like it."""
    words = scheme.vocabulary()
    named: list[str] = [
        str(words["separator"]),
        str(words["within"]),
        " ",
        "//",
        "/",
        "(",
        ")",
        ",",
        "-",
        "FOR",
        "OR",
    ]
    named += [text for level in scheme.levels for text in (level.short, level.long, level.banner)]
    for block in words["compartments"]:  # type: ignore[attr-defined]
        named += [value["name"] for value in block["values"]]
    for kind in ("circles", "nations"):
        if words[kind]:
            named += [value["name"] for value in words[kind]["values"]]  # type: ignore[index]
    named += [caveat["short"] for caveat in words["caveats"]]  # type: ignore[attr-defined]
    return [*named, "NOFORN", "REL TO", "CASE 17", "EYES ONLY", "\u2028", "ı", "ß", "\0"]


@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_a_marking_is_read_or_refused_at_a_place_in_it(name: str) -> None:
    scheme = SCHEMES[name]
    nearly = st.lists(st.sampled_from(words_of(scheme)), max_size=9).map("".join)

    @much(150)
    @given(st.one_of(nearly, st.text(max_size=60)))
    def whatever_it_says(text: str) -> None:
        try:
            marking = scheme.parse(text)
        except MarkingError as refusal:
            told = refusal
        else:
            told = None
        if told is not None:
            assert 0 <= told.position <= len(text)
            assert str(told)
            return
        assert isinstance(marking, Marking)
        assert scheme.parse(str(marking)) == marking
        assert scheme.parse(marking.portion) == marking
        assert scheme.from_json(marking.to_json()) == marking

    whatever_it_says()


@pytest.mark.parametrize("name", sorted(SCHEMES))
def test_a_marking_or_clearance_in_json_is_read_or_refused(name: str) -> None:
    scheme = SCHEMES[name]
    keys = [*scheme.bottom.to_json(), "classification", "tags", "audiences", "level", "compartments", "name"]
    leaves = (
        st.none() | st.booleans() | st.integers() | st.sampled_from(words_of(scheme)) | st.text(max_size=9)
    )
    values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3), max_leaves=6)

    @much(80)
    @given(st.dictionaries(st.sampled_from(keys) | st.text(max_size=8), values, max_size=5))
    def whatever_it_holds(data: dict[str, Any]) -> None:
        for read in (scheme.from_json, scheme.clearance):
            with suppress(ValueError):  # of which MarkingError, SchemeError and pydantic's own are kinds
                read(data)

    whatever_it_holds()


# --- files


def zipped(parts: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return raw.getvalue()


CSV = b'id,text,marking,people\n1,"a ""quoted"" quay",(I),ana;ben\n2,b,,\n'
JSONL = b'{"id": "1", "text": "one", "marking": "INTERNAL", "people": ["ana"]}\n{"text": "two", "x": {"y": [1]}}\n'
TEXT = "One line\n\nAnother paragraph, with an é and a 🚢.\n".encode()
CONLL = b"-DOCSTART- O\n\nThe O\nquay B-LOC\nof I-LOC\n\nNo O\n"
SOUND = {
    "csv": CSV,
    "jsonl": JSONL,
    "text": TEXT,
    "conll": CONLL,
    "zip": zipped({"a.txt": TEXT, "b/c.md": TEXT, "d.log": b"One more"}),
}


@st.composite
def damaged(draw: st.DrawFn, sound: bytes) -> bytes:
    """A sound file with some bytes other, more or fewer; or bytes of any kind."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.binary(max_size=400))
    raw = bytearray(sound)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        kind = draw(st.integers(0, 3))
        if kind == 0 and at < len(raw):
            raw[at] = draw(st.integers(0, 255))
        elif kind == 1:
            raw[at:at] = draw(
                st.binary(max_size=8)
                | st.sampled_from(
                    [b'"', b"\n", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\\u0000", b"\\ud800", b"{" * 300]
                )
            )
        elif kind == 2:
            del raw[at : at + draw(st.integers(1, 30))]
        else:
            raw[at:at] = raw[: draw(st.integers(0, 60))]
    return bytes(raw)


def test_every_reader_has_a_sound_file_here() -> None:
    assert set(SOUND) == set(READERS)
    for name, content in SOUND.items():
        options = ImportOptions()
        found = list(readers.read(io.BytesIO(content), f"a.{name}", name, options))
        assert found
        assert [each for each in found if not isinstance(each, Row)] == []


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_damaged_file_gives_rows_and_refusals_or_is_refused(name: str) -> None:
    @much(150)
    @given(damaged(SOUND[name]), st.sampled_from([None, "utf-8", "utf-16", "latin-1", "windows-1252"]))
    def however_damaged(content: bytes, encoding: Any) -> None:
        options = ImportOptions(encoding=encoding)
        try:
            stream = io.BytesIO(content)
            told = readers.examine(stream, f"a.{name}", name, options)
            found = list(readers.read(stream, f"a.{name}", told, options))
        except InvalidError:
            return
        assert all(isinstance(each, (Row, Refusal)) for each in found)
        assert [each.number for each in found] == sorted(each.number for each in found)
        for each in found:
            if isinstance(each, Row):
                each.text.encode()  # no lone surrogates, which no database would take
                assert "\0" not in each.text
                assert "\0" not in (each.external_id or "")
                json.dumps(each.data).encode()

    however_damaged()


@pytest.mark.parametrize("name", sorted(READERS))
def test_the_import_of_a_damaged_file_comes_to_an_end(house: House, name: str) -> None:
    project = house.seen["project_id"][0]

    @much(8)
    @given(damaged(SOUND[name]), st.text(max_size=20))
    def however_damaged(content: bytes, file_name: str) -> None:
        response = house.ask(
            "POST",
            f"/api/v1/projects/{project}/imports",
            who="owner",
            headers={"Strongroom-Level": "INTERNAL"},
            files={"file": (file_name or "file", content)},
            data={"format": name, "options": "{}"},
        )
        assert response.status_code in (202, 422), response.content
        if response.status_code == 202:
            begun = house.ask("GET", f"/api/v1/imports/{response.json()['id']}", who="owner").json()
            assert begun["job"]["state"] in ("done", "failed"), begun
            assert "fault of its own" not in begun["job"]["message"], begun

    however_damaged()


# --- cursors


def test_no_cursor_but_ones_own_opens_a_list(house: House) -> None:
    project = house.seen["project_id"][0]
    lists = [f"/api/v1/projects/{project}/tasks", f"/api/v1/projects/{project}/imports", "/api/v1/people"]
    own = house.ask("GET", lists[0], who="owner", params={"limit": 2}).json()["next"]
    assert house.ask("GET", lists[0], who="owner", params={"limit": 2, "cursor": own}).status_code == 200
    for other in lists[1:]:
        assert house.ask("GET", other, who="owner", params={"limit": 2, "cursor": own}).status_code == 422
    filtered = {"limit": 2, "cursor": own, "state": "done"}
    assert house.ask("GET", lists[0], who="owner", params=filtered).status_code == 422

    @much(60)
    @given(st.data())
    def whatever_it_says(data: st.DataObject) -> None:
        forged = data.draw(st.text(max_size=120))
        if data.draw(st.booleans()):
            at = data.draw(st.integers(0, len(own) - 1))
            letter = data.draw(st.sampled_from("ABCDabcd0123-_"))
            forged = own[:at] + letter + own[at + 1 :]
            if forged == own or at == len(own) - 1:  # the last letter may carry bits that say nothing
                return
        response = house.ask("GET", lists[0], who="owner", params={"limit": 2, "cursor": forged})
        assert response.status_code == 422, (forged, response.content)

    whatever_it_says()


# --- the audit verifier


@pytest.fixture(scope="module")
def export(house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an auditor takes away, unpacked."""
    response = house.ask("GET", "/api/v1/audit/export", who="owner")
    assert response.status_code == 200, response.content
    folder = tmp_path_factory.mktemp("export")
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        archive.extractall(folder)
    inner = [path for path in folder.rglob("checkpoint") if path.is_file()]
    return inner[0].parent


def test_the_audit_verifier_says_what_is_wrong_and_never_breaks(export: Path) -> None:
    files = sorted(path for path in export.rglob("*") if path.is_file() and path.suffix != ".py")
    assert not strongroom_verify.verify(export, None, ()).faults

    @much(60)
    @given(st.data())
    def however_damaged(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(files))
        sound = path.read_bytes()
        broken = data.draw(damaged(sound))
        if broken == sound:
            return
        path.write_bytes(broken)
        try:
            found = strongroom_verify.verify(export, None, ())
        except strongroom_verify.UnreadableError:
            return
        finally:
            path.write_bytes(sound)
        assert found.faults or path.name == "key", path

    however_damaged()
