"""Files become rows, and what is wrong with a row is said without losing the others."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import InvalidError
from strongroom.label import readers
from strongroom.label.readers import Refusal, Row, archive, conll, delimited, encoding
from strongroom.label.readers.row import MAX_RECORD, MAX_TEXT
from strongroom.label.schemas import ImportOptions


def read(content: str | bytes, name: str, format_name: str = "auto", **options: Any) -> list[Row | Refusal]:
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    wanted = ImportOptions(**options)
    return list(readers.read(stream, name, readers.examine(stream, name, format_name, wanted), wanted))


def rows(content: str | bytes, name: str, format_name: str = "auto", **options: Any) -> list[Row]:
    found = read(content, name, format_name, **options)
    assert all(isinstance(each, Row) for each in found), found
    return [each for each in found if isinstance(each, Row)]


def refusals(content: str | bytes, name: str, **options: Any) -> list[tuple[int, str]]:
    return [(each.line, each.reason) for each in read(content, name, **options) if isinstance(each, Refusal)]


# --- CSV


def test_csv_finds_its_columns_by_their_usual_names() -> None:
    (row,) = rows("ID;Text;Marking;annotators;source\n7;Hello;(I);ana, ben;wire\n", "a.csv")
    assert (row.external_id, row.text, row.marking, row.people) == ("7", "Hello", "(I)", ("ana", "ben"))
    assert row.data == {"source": "wire"}


def test_csv_columns_can_be_named() -> None:
    (row,) = rows("a,b\n1,x\n", "a.csv", text_column="b", id_column="a")
    assert (row.external_id, row.text) == ("1", "x")
    with pytest.raises(InvalidError, match="no column 'c'"):
        read("a,b\n1,x\n", "a.csv", text_column="c")


def test_csv_keeps_delimiters_quotes_and_line_ends_inside_quotes() -> None:
    (row,) = rows('id,text\n1,"say ""hi"",\r\nthen go"\n', "a.csv")
    assert row.text == 'say "hi",\nthen go'


def test_csv_without_a_known_text_column_lists_what_there_is() -> None:
    with pytest.raises(InvalidError, match="'left', 'right'"):
        read("left,right\n1,2\n", "a.csv")


def test_csv_reports_each_broken_row_with_its_line_and_reads_on() -> None:
    content = 'id,text\n1,one\n2,two,more\n3\n4,""\n5,"five"x\n6,six\n'
    assert refusals(content, "a.csv") == [
        (3, "has 3 columns"),
        (4, "has 1 columns"),
        (5, "the text is empty"),
        (6, "something stands between a closing quote and the next delimiter"),
    ]
    assert [row.external_id for row in read(content, "a.csv") if isinstance(row, Row)] == ["1", "6"]


def test_a_quote_that_is_never_closed_costs_one_row_not_the_rest_of_the_file() -> None:
    content = 'id,text\n1,"open\n' + "".join(f"{n},text {n}\n" for n in range(2, 300))
    found = read(content, "a.csv")
    assert [(each.line, each.reason) for each in found if isinstance(each, Refusal)] == [
        (2, "a quote that is opened here is not closed")
    ]
    assert [row.line for row in found if isinstance(row, Row)] == list(range(3, 301))


def test_an_endless_record_is_given_up_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MAX_RECORD", 4_000)
    content = 'id,text\n1,"open\n' + "2,x\n" * 5_000
    found = read(content, "a.csv")
    assert isinstance(found[0], Refusal)
    assert "too long" in found[0].reason
    assert len(found) == 5_001


def test_a_header_that_names_a_column_twice_is_refused() -> None:
    with pytest.raises(InvalidError, match="twice"):
        read("text,text\na,b\n", "a.csv")


def test_an_empty_csv_is_refused() -> None:
    with pytest.raises(InvalidError, match="empty"):
        read("", "a.csv")


fields = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(fields, fields), max_size=8), st.sampled_from(",;\t|"))
def test_csv_that_python_wrote_is_read_as_it_was(written: list[tuple[str, str]], delimiter: str) -> None:
    import csv

    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["text", "note"])
    writer.writerows(written)
    found = list(
        delimited.read(io.BytesIO(stream.getvalue().encode()), "a.csv", ImportOptions(delimiter=delimiter))
    )
    taken = [(row.text, row.data["note"]) for row in found if isinstance(row, Row)]
    assert taken == [pair for pair in written if pair[0].strip()]


# --- JSON Lines


def test_jsonl_takes_objects_and_says_what_else_there_was() -> None:
    lines = ['{"text": "a", "id": 5, "n": {"deep": [1]}}', "", "[1]", '{"text": 3}', '{"texd": "a", "b": 1}']
    content = "\n".join([*lines, '{"text": "b"', '"x"', '{"text": "  "}', ""])
    found = read(content, "a.jsonl")
    assert isinstance(found[0], Row)
    assert (found[0].external_id, found[0].data) == ("5", {"n": {"deep": [1]}})
    assert [(each.line, each.reason.split(":")[0]) for each in found[1:] if isinstance(each, Refusal)] == [
        (3, "a JSON array"),
        (4, "'text' is not text"),
        (5, "no column is known to hold the text"),
        (6, "not JSON"),
        (7, "a JSON string"),
        (8, "the text is empty"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "a", "x": ' + "[" * 2_000 + "]" * 2_000 + "}", "nested too deeply"),
        ('{"text": "a", "x": ' + "[" * 400 + "]" * 400 + "}", "the data can't be stored"),
        ('{"text": "a\\u0000"}', "NUL"),
        ('{"text": "a", "x": "\\u0000"}', "NUL"),
        ('{"text": "\\ud800"}', "not JSON"),
        ('{"text": "a", "x": "' + "y" * 300_000 + '"}', "the data beside the text takes"),
        ('{"text": "' + "y" * (MAX_TEXT + 1) + '"}', "characters"),
        ('{"text": "' + "y" * (MAX_RECORD + 1) + '"}', "too long"),
        ('{"text": "a", "id": [1]}', "neither text nor a whole number"),
        ('{"text": "a", "people": 5}', "not a list of logins"),
        ('{"text": "a", "marking": 5}', "is not text"),
    ],
)
def test_a_hostile_line_is_refused_and_the_next_is_read(line: str, reason: str) -> None:
    refused, taken = read(line + '\n{"text": "after"}\n', "a.jsonl")
    assert isinstance(refused, Refusal)
    assert reason in refused.reason
    assert isinstance(taken, Row)
    assert (taken.text, taken.line) == ("after", 2)


def test_a_reason_never_quotes_what_a_line_of_json_holds() -> None:
    secret = json.dumps({"Falcon": "lands at dawn", "marking": 5})
    assert "Falcon" not in str(read(secret + '\n{"Falcon": 5}\n', "a.jsonl"))
    assert "dawn" not in str(read(secret + "\n", "a.jsonl"))


def test_a_json_array_is_refused_with_the_remedy() -> None:
    with pytest.raises(InvalidError) as caught:
        read('[{"text": "a"}]', "a.json")
    assert "jq" in caught.value.remedy


# --- identity


def test_rows_are_the_same_by_text_and_id_and_without_id_by_text_and_data() -> None:
    same = rows('{"text": "a", "id": 1, "seen": "x"}\n{"text": "a", "id": 1, "seen": "y"}\n', "a.jsonl")
    assert len({row.content_hash for row in same}) == 1
    other = rows(
        '{"text": "a", "seen": "x"}\n{"text": "a", "seen": "y"}\n{"seen": "y", "text": "a"}\n', "a.jsonl"
    )
    assert len({row.content_hash for row in other}) == 2


# --- encodings


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_recognised(codec: str) -> None:
    (row,) = rows("text,id\nHafen Łódź 🚢,1\n".encode(codec), "a.csv")
    assert row.text == "Hafen Łódź 🚢"


def test_a_wrong_encoding_is_refused_with_the_byte_and_the_line() -> None:
    with pytest.raises(InvalidError, match=r"byte 14 \(line 3\)"):
        read("text\nok so far\nHäfen\n".encode("latin-1").replace(b"ok so far", b"ok so f"), "a.csv")


def test_a_declared_encoding_is_believed() -> None:
    assert rows("text\nHäfen\n".encode("latin-1"), "a.csv", encoding="latin-1")[0].text == "Häfen"


@given(st.binary(max_size=200), st.integers(1, 8))
def test_the_position_of_a_wrong_byte_is_that_of_python(content: bytes, chunk: int) -> None:
    expected = None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        expected = error.start
    known, encoding._CHUNK = encoding._CHUNK, chunk
    try:
        encoding.check(io.BytesIO(content), "utf-8")
        found = None
    except InvalidError as error:
        found = int(error.detail.split("byte ")[1].split(" ")[0].replace(",", ""))
    finally:
        encoding._CHUNK = known
    assert found == expected


def test_a_file_whose_kind_nobody_can_tell_is_asked_about() -> None:
    with pytest.raises(InvalidError, match="what kind of file"):
        read("hello", "mystery.dat")


# --- texts and archives


def test_a_text_file_is_one_item() -> None:
    (row,) = rows("one\r\ntwo\r\n", "letter.txt")
    assert (row.text, row.external_id) == ("one\ntwo", "letter.txt")


def zipped(files: dict[str, bytes], **options: Any) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **options) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return stream.getvalue()


def test_each_text_in_an_archive_is_an_item_and_the_rest_is_told() -> None:
    content = zipped(
        {
            "a/one.txt": b"first",
            "../../etc/two.txt": "zwölf".encode(),
            "x.png": b"\x89PNG",
            "bad.txt": b"\xff\xfeab\xff",
        }
    )
    found = read(content, "a.zip")
    assert [(row.place, row.text) for row in found if isinstance(row, Row)] == [
        ("a/one.txt", "first"),
        ("../../etc/two.txt", "zwölf"),
    ]
    assert [(each.place, each.reason) for each in found if isinstance(each, Refusal)] == [
        ("x.png", "not a text file by its name"),
        ("bad.txt", "byte 4 is not utf-16"),
    ]


def test_a_zip_bomb_is_stopped_while_it_unpacks() -> None:
    bomb = zipped({f"{n}.txt": b"\0" * 3_000_000 for n in range(40)})
    assert len(bomb) < 150_000
    with pytest.raises(InvalidError, match="zip bomb"):
        read(bomb, "a.zip", "zip")


def test_what_counts_is_what_comes_out_not_what_the_header_says() -> None:
    name, content = b"a.txt", b"a" * 60_000_000
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(content) + packed.flush()
    crc = zlib.crc32(content)
    local = (
        struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(body), 10, len(name), 0)
        + name
        + body
    )
    central = (
        struct.pack(
            "<4sHHHHHHIIIHHHHHII",
            b"PK\1\2",
            20,
            20,
            0,
            8,
            0,
            0,
            crc,
            len(body),
            10,
            len(name),
            0,
            0,
            0,
            0,
            0,
            0,
        )
        + name
    )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(central), len(local), 0)
    (found,) = read(local + central + end, "a.zip")
    assert isinstance(found, Refusal)


def test_one_large_file_in_an_archive_is_refused_and_the_others_are_read() -> None:
    import random

    large = random.Random(1).randbytes(4_100_000).hex().encode()
    found = read(zipped({"large.txt": large, "small.txt": b"small"}), "a.zip")
    assert isinstance(found[0], Refusal)
    assert "too large" in found[0].reason
    assert isinstance(found[1], Row)


def test_an_archive_that_lists_too_many_files_is_refused_unread() -> None:
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 9, 9, archive.MAX_DIRECTORY_BYTES + 1, 0, 0)
    with pytest.raises(InvalidError, match="lists"):
        read(b"PK\3\4" + end, "a.zip")


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_archive_is_refused_whole_or_file_by_file(place: int, byte: int) -> None:
    content = bytearray(zipped({"one.txt": b"first text", "two.txt": b"second text"}))
    content[place % len(content)] = byte
    try:
        for each in read(bytes(content), "a.zip", "zip"):
            assert isinstance(each, Row | Refusal)
    except InvalidError:
        return


# --- CoNLL

CONLL = """-DOCSTART- -X- O O

# id = s1
# marking = (I)
# people = ana
EU NNP B-ORG
rejects VB O
German JJ B-MISC

Peter\tNNP\tB-PER
Blackburn\tNNP\tI-PER
"""


def test_conll_becomes_text_with_the_places_of_its_tokens() -> None:
    first, second = rows(CONLL, "a.conll")
    assert (first.text, first.external_id, first.marking, first.people) == (
        "EU rejects German",
        "s1",
        "(I)",
        ("ana",),
    )
    assert first.data == {"tokens": [[0, 2], [3, 10], [11, 17]]}
    assert (second.text, second.external_id, second.tags) == ("Peter Blackburn", "2", ())


def test_tags_are_taken_only_when_they_are_somebodys_answers() -> None:
    first, second = rows(CONLL, "a.conll", answers_of="ana")
    assert first.tags == ((0, 2, "ORG"), (11, 17, "MISC"))
    assert second.tags == ((0, 15, "PER"),)
    (refused,) = read("EU\n", "a.conll", answers_of="ana")
    assert isinstance(refused, Refusal)


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        (["B-X", "I-X", "O", "B-X"], [(0, 2, "X"), (3, 4, "X")]),
        (["I-X", "I-X", "I-Y"], [(0, 2, "X"), (2, 3, "Y")]),
        (["B-X", "B-X"], [(0, 1, "X"), (1, 2, "X")]),
        (["B-X", "E-X", "S-X", "U-Y"], [(0, 2, "X"), (2, 3, "X"), (3, 4, "Y")]),
        (["B-X-Y", "L-X-Y"], [(0, 2, "X-Y")]),
        ([], []),
    ],
)
def test_tags_in_any_of_the_usual_schemes_become_spans(
    tags: list[str], spans: list[tuple[int, int, str]]
) -> None:
    assert conll.spans_of_tags(tags) == spans


@st.composite
def tagged(draw: st.DrawFn) -> tuple[list[list[int]], list[tuple[int, int, str]]]:
    """Tokens of one text, and spans over whole tokens that don't overlap."""
    lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=12))
    tokens, at = [], 0
    for length in lengths:
        tokens.append([at, at + length])
        at += length + 1
    spans, place = [], 0
    while place < len(tokens):
        size = draw(st.integers(0, 3))
        if size:
            last = min(place + size, len(tokens)) - 1
            spans.append((tokens[place][0], tokens[last][1], draw(st.sampled_from(["A", "B-C"]))))
        place += max(size, 1)
    return tokens, spans


@given(tagged())
def test_spans_over_whole_tokens_survive_the_way_through_tags(case: tuple[Any, Any]) -> None:
    tokens, spans = case
    back = conll.spans_of_tags(conll.tags_of_spans(tokens, spans))
    assert [(tokens[a][0], tokens[b - 1][1], label) for a, b, label in back] == spans
