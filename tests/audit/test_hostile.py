"""Exports and proofs by somebody who wants them to say more than the log does, and a database whose owner helps them."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from strongroom.audit.prove import document_of
from strongroom.vault import audit_check, audit_export, audit_log
from strongroom.vault.merkle import Tree, grown, leaf_hash, tile_path
from strongroom.vault.strongroom_verify import (
    CHECKPOINT,
    ENTRIES,
    KEY,
    PROOF_FORMAT,
    Findings,
    UnreadableError,
    canonical,
    check_proof,
    report,
    verify,
)

from .conftest import Hall


@pytest.fixture
def erased(hall: Hall) -> list[str]:
    """Ids of entries; the first was erased, on record."""
    for number in range(6):
        hall.act("anna", "INTERNAL", thing=f"{number:032}")
    hall.vault.audit_log.take_up()
    found = [row[0] for row in hall.truth("select entry_id from audit_leaf order by number")]
    audit_log.erase(hall.vault, found[0], "asked for")
    hall.vault.audit_log.take_up()
    return found


def lines_of(folder: Path) -> list[Any]:
    return [json.loads(line) for line in (folder / ENTRIES).read_text().splitlines()]


def write(folder: Path, lines: list[Any]) -> None:
    (folder / ENTRIES).write_bytes(b"".join(canonical(line) + b"\n" for line in lines))


def inclusion(hall: Hall, entry_id: str) -> dict[str, Any]:
    found = hall.vault.audit_log.inclusion(entry_id)
    row, marking = hall.vault.audit_log.entry(entry_id)
    assert found is not None
    assert row is not None
    document: dict[str, Any] = json.loads(json.dumps(document_of(hall.vault, row, marking, found)))
    return document


def proven(proof: dict[str, Any]) -> Findings:
    return check_proof(json.dumps(proof).encode(), None, [])


def test_one_erasure_does_not_hide_two_entries(hall: Hall, erased: list[str], tmp_path: Path) -> None:
    audit_export.whole(hall.vault, tmp_path / "export")
    lines = lines_of(tmp_path / "export")
    commitment = hall.truth("select commitment from audit_leaf where number = 3")[0][0]
    lines[3] = {"commitment": commitment, "erased": erased[0], "n": 3}
    write(tmp_path / "export", lines)
    found = verify(tmp_path / "export", None, [])
    assert [fault for fault in found.faults if "line 4" in fault]


def test_nor_in_the_database(hall: Hall, erased: list[str]) -> None:
    assert audit_check.check(hall.vault).faults == []
    hall.force("delete from audit_entry where id = :id", id=erased[3])
    with hall.vault._system.writing() as connection:  # gone is the constraint that an id is there once
        connection.execute(text("create table leaves as select * from audit_leaf"))
        connection.execute(text("drop table audit_leaf"))
        connection.execute(text("alter table leaves rename to audit_leaf"))
    hall.force("update audit_leaf set entry_id = :first where number = 3", first=erased[0])
    faults = audit_check.check(hall.vault).faults
    assert any(fault.startswith("entry 3") for fault in faults)


def test_a_proof_does_not_say_that_an_entry_was_erased(hall: Hall, erased: list[str]) -> None:
    """Whoever has a proof of an entry could take out what it says, and put any id in its place."""
    proof = inclusion(hall, erased[2])
    proof["line"] = {
        "commitment": hall.truth("select commitment from audit_leaf where number = 2")[0][0],
        "erased": "f" * 32,
        "n": 2,
    }
    said = proven(proof)
    assert said.faults == []
    assert not any("erased" in line or "f" * 32 in line for line in said.proven)
    assert any("f" * 32 in line for line in said.not_proven)


def test_a_part_proves_nothing_of_the_log(hall: Hall, erased: list[str], tmp_path: Path) -> None:
    """Somebody changed an entry in the database, and an auditor who sees a part of the log took that along, signed."""
    hall.force("update audit_entry set outcome = 'failed' where id = :id", id=erased[2])
    with hall.vault.reading(hall.reader("low", "INTERNAL")) as session:
        audit_export.part(hall.vault, tmp_path / "part", session, "0123456789abcdef")
    lines = lines_of(tmp_path / "part")
    (line,) = [each for each in lines if each.get("entry", {}).get("id") == erased[2]]
    assert line["entry"]["outcome"] == "failed"
    tiles: dict[tuple[int, int], bytes] = {}
    bundles = (tmp_path / "part" / tile_path("entries", 0, len(lines))).read_bytes()
    leaves = [leaf_hash(bundles[at + 2 : at + 34]) for at in range(0, len(bundles), 34)]
    for level, number, hashes in grown(lambda *at: tiles.get(at, b""), 0, leaves):
        tiles[level, number] = hashes
    path = Tree(lambda *at: tiles.get(at, b""), len(lines)).inclusion(line["n"])
    said = proven(
        {
            "format": PROOF_FORMAT,
            "key": (tmp_path / "part" / KEY).read_text().strip(),
            "checkpoint": (tmp_path / "part" / CHECKPOINT).read_text(),
            "line": line,
            "hashes": [b64encode(each).decode() for each in path],
        }
    )
    assert said.proven == []
    assert any("part" in fault for fault in said.faults)


@pytest.mark.parametrize("name", ["x\nPROVEN    all of it", "\x1b[2K\x1b[1A", "\u202edesrever", "f" * 31, 7])
def test_an_id_is_an_id(hall: Hall, erased: list[str], name: object) -> None:
    proof = inclusion(hall, erased[2])
    commitment = hall.truth("select commitment from audit_leaf where number = 2")[0][0]
    proof["line"] = {"commitment": commitment, "erased": name, "n": 2}
    assert proven(proof).faults


def test_a_finding_is_one_line_of_what_can_be_printed(
    hall: Hall, erased: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit_export.whole(hall.vault, tmp_path / "export")
    (tmp_path / "export" / "x\nPROVEN    all of it \x1b[2K").write_text("")
    (tmp_path / "export" / os.fsdecode(b"\xff\xfe")).write_text("")
    said = list(report(verify(tmp_path / "export", None, [])))
    assert said
    assert all(line.isprintable() for line in said)
    "".join(said).encode()


def test_a_proof_that_says_a_thing_twice_is_none(hall: Hall, erased: list[str]) -> None:
    """People would read one, and this program the other."""
    raw = json.dumps(inclusion(hall, erased[2]))
    twice = raw.replace('"action":', '"action": "annotation.submit", "action":', 1)
    assert twice != raw
    with pytest.raises(UnreadableError):
        check_proof(twice.encode(), None, [])


def _entries_lead_on(folder: Path) -> None:
    (folder / ENTRIES).unlink()
    (folder / ENTRIES).symlink_to("/dev/zero")


def _a_tile_lies_elsewhere(folder: Path) -> None:
    tile = next(path for path in sorted(folder.rglob("*.p/*")) if path.is_file())
    tile.rename(folder.parent / "tile")
    tile.symlink_to(folder.parent / "tile")


@pytest.mark.parametrize("hostile", [_entries_lead_on, _a_tile_lies_elsewhere])
def test_a_link_in_an_export_is_not_followed_in_silence(
    hall: Hall, erased: list[str], tmp_path: Path, hostile: Callable[[Path], None]
) -> None:
    audit_export.whole(hall.vault, tmp_path / "export")
    hostile(tmp_path / "export")
    with suppress(UnreadableError):
        assert verify(tmp_path / "export", None, []).faults


@pytest.mark.parametrize(
    "line",
    [
        b'{"commitment":"' + b"0" * 64 + b'","erased":"' + b"0" * 32 + b'","n":' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"n":NaN}',
        b'{"n":1e999}',
        b'{"commitment":"' + b"0" * 64 + b'","erased":"' + b"0" * 32 + b'","n":0,"n":0}',
        '{"n":0}'.encode("utf-16"),
        b'{"commitment":"' + b"0" * 64 + b'","missing":"../../../../etc/passwd","n":0}',
    ],
)
def test_a_strange_line_is_a_fault_at_its_place(
    hall: Hall, erased: list[str], tmp_path: Path, line: bytes
) -> None:
    audit_export.whole(hall.vault, tmp_path / "export")
    lines = (tmp_path / "export" / ENTRIES).read_bytes().split(b"\n")
    lines[2] = line
    (tmp_path / "export" / ENTRIES).write_bytes(b"\n".join(lines))
    found = verify(tmp_path / "export", None, [])
    assert found.proven == []
    assert any("line 3" in fault for fault in found.faults)
