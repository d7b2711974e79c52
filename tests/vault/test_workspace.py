"""A workspace: made once, opened by several processes, full disks, keys, clock and ids."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sample_port import Port, filled, reader
from sample_rooms import Draft, Item, Room
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from strongroom.errors import BusyError, StorageFullError
from strongroom.markings import Scheme
from strongroom.vault import Vault, clock, ids, refusals

# ------------------------------------------------------------------------------------------------------------ the folder


def test_a_workspace_is_made_once(port: Port, scheme: Scheme) -> None:
    with pytest.raises(FileExistsError):
        Vault.create(port.vault.folder, scheme, metadata=Room.metadata)
    with port.vault.reading(port.anna) as session:
        assert session.scalars(select(Item.title)).all() == ["low"]


def test_there_is_nothing_to_open_in_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Vault.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.only("sqlite")
def test_only_the_owner_reads_the_files(port: Port) -> None:
    files = ["strongroom.db", "keys", "blobs", "write.lock", "write.next"]
    assert [name for name in files if (port.vault.folder / name).stat().st_mode & 0o077] == []


@pytest.mark.parametrize("name", ["with space", "50% off?", "#1", "ümlaut", "a&b=c"])
def test_a_folder_may_be_called_anything(tmp_path: Path, scheme: Scheme, name: str) -> None:
    filled(tmp_path / name, scheme).vault.close()
    with Vault.open(tmp_path / name, metadata=Room.metadata) as vault:
        assert (tmp_path / name / "strongroom.db").exists()
        assert vault.folder.name == name


@pytest.mark.parametrize("name", ["corporate", "us-notional"])
def test_a_workspace_keeps_its_scheme(tmp_path: Path, name: str) -> None:
    scheme = Scheme.load(name)
    Vault.create(tmp_path / name, scheme, metadata=Room.metadata).close()
    with Vault.open(tmp_path / name, metadata=Room.metadata) as vault:
        assert vault.scheme is scheme
        assert (vault.scheme.hash, vault.scheme.title) == (scheme.hash, scheme.title)


def test_what_was_written_is_there_after_opening_again(port: Port) -> None:
    folder = port.vault.folder
    port.vault.close()
    with Vault.open(folder, metadata=Room.metadata) as vault:
        with vault.reading(port.bert) as session:
            assert set(session.scalars(select(Item.title))) == {"low", "HIGH"}
        assert vault.key("cursors") != vault.key("other")


@pytest.mark.only("sqlite")
def test_durable_settings_are_on(port: Port) -> None:
    connection = port.vault._readers.raw_connection().dbapi_connection
    assert isinstance(connection, sqlite3.Connection)
    sqlite3.Connection.set_authorizer(connection, None)
    settings = {
        name: sqlite3.Connection.execute(connection, f"pragma {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
    }
    assert settings == {
        "journal_mode": "wal",
        "synchronous": 1,  # and each session waits for a sync of its own, see test_durable.py
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "busy_timeout": 30000,
    }


# ------------------------------------------------------------------------------------------------------------- processes

SECOND_PROCESS = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[2], sys.argv[2] + "/.."]
from sample_port import reader
from sample_rooms import Draft, Room
from strongroom.vault import Vault
with Vault.open(Path(sys.argv[1]), metadata=Room.metadata) as vault:
    level = vault.scheme.parse(sys.argv[3])
    worker = reader(vault.scheme, "worker", level, level="Restricted", compartments=["PII", "PHI"])
    for chunk in range(20):
        with vault.writing(worker) as session:
            session.add(Draft(name=f"{level} {chunk}"))
"""


def second_process(port: Port, level: str) -> subprocess.Popen[bytes]:
    here = str(Path(__file__).parent)
    return subprocess.Popen([sys.executable, "-c", SECOND_PROCESS, str(port.vault.folder), here, level])


def test_two_processes_write_side_by_side(port: Port) -> None:
    process = second_process(port, "INTERNAL")
    for number in range(20):
        with port.vault.writing(port.anna) as session:
            session.add(Draft(name=f"own {number}"))
    assert process.wait(20) == 0
    assert port.truth("select count(*) from draft") == [(40,)]


def test_a_marking_that_another_process_interned_is_known_at_once(port: Port, scheme: Scheme) -> None:
    assert second_process(port, "CONFIDENTIAL//PHI").wait(20) == 0
    phi = reader(scheme, "eva", port.low, level="Confidential", compartments=["PHI"])
    with port.vault.reading(phi) as session:
        assert session.scalar(select(func.count(Draft.id))) == 20
        assert {str(session.marking(draft)) for draft in session.scalars(select(Draft))} == {
            "CONFIDENTIAL//PHI"
        }
    with port.vault.reading(port.anna) as session:
        assert session.scalars(select(Draft)).all() == []


WRITES_UNTIL_KILLED = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[2], sys.argv[2] + "/.."]
from sample_port import reader
from sample_rooms import Draft, Room
from strongroom.vault import Vault
vault = Vault.open(Path(sys.argv[1]), metadata=Room.metadata)
worker = reader(vault.scheme, "worker", vault.scheme.parse("INTERNAL"), level="Internal")
for number in range(100_000):
    with vault.writing(worker) as session:
        session.add(Draft(name=str(number)))
        session.audit("draft.create", "draft")
    print(number, flush=True)
"""


def test_what_was_acknowledged_is_there_after_a_kill(port: Port) -> None:
    arguments = [
        sys.executable,
        "-c",
        WRITES_UNTIL_KILLED,
        str(port.vault.folder),
        str(Path(__file__).parent),
    ]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while process.stdout.readline() != "20\n":
        pass
    process.kill()
    acknowledged = 21 + len(process.stdout.read().splitlines())
    process.wait()
    (stored,) = port.truth("select count(*) from draft")[0]
    assert stored in (acknowledged, acknowledged + 1)
    assert port.truth("select count(*) from audit_entry") == [(stored,)]
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="after"))


# ------------------------------------------------------------------------------------------------------------- full disks


def limit_pages(session: Session, pages: int) -> None:
    connection = session.connection().connection.dbapi_connection
    assert isinstance(connection, sqlite3.Connection)
    sqlite3.Connection.set_authorizer(connection, None)
    sqlite3.Connection.execute(connection, f"pragma max_page_count = {pages}")


@pytest.mark.only("sqlite")
def test_a_full_disk_takes_the_act_back_and_is_survived(port: Port) -> None:
    (used,) = port.truth("pragma page_count")[0]
    with pytest.raises(StorageFullError) as caught, port.vault.writing(port.anna) as session:  # noqa: PT012
        limit_pages(session, used + 5)
        session.execute(insert(Draft), [{"name": f"{n}" * 50} for n in range(5000)])
    assert caught.value.kept
    assert port.truth("select count(*) from draft") == [(0,)]
    port.vault._writers.dispose()  # space returns
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="after"))
    assert port.truth("select name from draft") == [("after",)]


@pytest.mark.parametrize(
    ("code", "becomes"),
    [
        (sqlite3.SQLITE_FULL, StorageFullError),
        (sqlite3.SQLITE_IOERR_WRITE, StorageFullError),
        (sqlite3.SQLITE_IOERR_FSYNC, StorageFullError),
        (sqlite3.SQLITE_BUSY, BusyError),
        (sqlite3.SQLITE_IOERR_READ, type(None)),
        (sqlite3.SQLITE_CORRUPT, type(None)),
    ],
)
def test_what_the_database_says_is_told_in_our_words(code: int, becomes: type[object]) -> None:
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    assert isinstance(refusals.translate(error), becomes)


# ------------------------------------------------------------------------------------------------------------ clock and ids


def test_the_time_can_be_told(port: Port) -> None:
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    ticking = iter(moment + timedelta(seconds=n) for n in range(3))
    with clock.at(moment):
        assert clock.now() == moment
        with clock.at(lambda: next(ticking)):
            assert [clock.now(), clock.now()] == [moment, moment + timedelta(seconds=1)]
        assert clock.now() == moment
    assert clock.now().tzinfo is UTC


def test_ids_can_be_drawn_alike_in_two_worlds() -> None:
    drawn = []
    for _ in range(2):
        with ids.drawn_from(random.Random(7)):
            drawn.append([ids.new_id(), ids.new_id(), ids.random_bytes(5)])
    assert drawn[0] == drawn[1]
    assert len({*drawn[0]}) == 3
    assert ids.new_id() not in drawn[0]


def test_ids_are_version_4_uuids() -> None:
    made = {ids.new_id() for _ in range(100)}
    assert len(made) == 100
    assert all(len(each) == 32 and each[12] == "4" and each[16] in "89ab" for each in made)


def test_two_workspaces_made_alike_give_the_same_cursors_and_ids(tmp_path: Path, scheme: Scheme) -> None:
    made = []
    for name in ("a", "b"):
        with ids.drawn_from(random.Random(1)):
            port = filled(tmp_path / name, scheme)
        made.append((port.low_item, port.high_item, port.vault.key("cursors")))
        port.vault.close()
    assert made[0] == made[1]
