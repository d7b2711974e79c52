"""Backup, restore and drill: of a workspace at work, whole or not at all, and every doubt is said."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select
from typer.testing import CliRunner

from strongroom import cli
from strongroom.errors import ConflictError, InvalidError, StorageFullError
from strongroom.jobs import run_waiting
from strongroom.markings import Scheme
from strongroom.vault import (
    AuditEntry,
    BackupRecord,
    Blob,
    Reader,
    Vault,
    backup,
    clock,
    core,
    manifest,
    purge,
    purge_ledger,
)
from strongroom.vault.drill import drill
from strongroom.vault.manifest import UnusableBackupError
from strongroom.vault.restore import restore as restored

from ..replay.crowd import create_project
from ..replay.plain_http import Connection
from ..replay.running_server import RunningServer
from ..replay.workspace import staff
from . import figures
from .ledger import Crowd, Ledger, bring_in, form, lost

LAUNCH = Path(__file__).with_name("launch.py")
LONG = bool(os.environ.get("STRONGROOM_LONG"))
ROUNDS = 5 if LONG else 1


@pytest.fixture
def reader(scheme: Scheme) -> Reader:
    clearance = scheme.clearance({"level": "Restricted"})
    return Reader("0" * 32, "anna", clearance, scheme.bottom, how="operator", request_id="")


@pytest.fixture
def full(vault: Vault, reader: Reader) -> Vault:
    """A workspace with two blobs."""
    with vault.writing(reader) as session:
        for content in (b"the harbour master's letter", os.urandom(600_000)):
            vault.blobs.put(session, content)
    return vault


@pytest.fixture
def made(full: Vault, tmp_path: Path) -> Path:
    return backup.make(full, tmp_path / "backup").folder


def registered(vault: Vault) -> list[BackupRecord]:
    with vault.registry() as session:
        return list(session.scalars(select(BackupRecord).order_by(BackupRecord.at)))


def doubts(folder: Path, **options: Any) -> dict[str, list[str]]:
    return {check.name: check.doubts for check in drill(folder, **options) if check.doubts}


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_what_people_did_before_a_backup_of_a_served_workspace_began_is_in_it(tmp_path: Path) -> None:
    who = staff(tmp_path / "workspace", ["ann", "ben"])
    server = RunningServer(tmp_path / "workspace", tmp_path / "log")
    server.start()
    try:
        ledger = Ledger()
        crowd = Crowd(server.port, who, ledger, tasks=150)
        crowd.start()
        done = []
        for number in range(ROUNDS):
            before, waited = len(ledger.said), len(ledger.waited)
            began = time.monotonic()
            command = [sys.executable, "-m", "strongroom", "backup", str(tmp_path / f"backup{number}")]
            subprocess.run([*command, "--workspace", str(server.workspace)], check=True)
            done.append((number, before, len(ledger.said)))
            during = sorted(ledger.waited[waited:])
            figures.note("backup", seconds=time.monotonic() - began, saves=len(during), slowest=during[-1])
        crowd.stop()
    finally:
        server.stop()
    assert not ledger.refused
    for number, before, after in done:
        assert after > before > 0  # people went on
        assert doubts(tmp_path / f"backup{number}") == {}
        restored(tmp_path / f"backup{number}", tmp_path / f"again{number}")
        with Vault.open(tmp_path / f"again{number}", database="") as vault:
            assert lost(vault, ledger.said[:before]) == []


def test_a_backup_can_be_restored_byte_for_byte(
    full: Vault, made: Path, tmp_path: Path, reader: Reader
) -> None:
    assert doubts(made) == {}
    restored(made, tmp_path / "again")
    with Vault.open(tmp_path / "again", database="") as again:
        with again.reading(reader) as session, full.reading(reader) as before:
            for blob in session.scalars(select(Blob)):
                assert b"".join(again.blobs.open(session, blob.id)) == b"".join(
                    full.blobs.open(before, blob.id)
                )
        assert again.key("anything") == full.key("anything")
        assert again.scheme.hash == full.scheme.hash


def test_a_backup_is_on_the_books_from_before_it_began(full: Vault, made: Path) -> None:
    (record,) = registered(full)
    sha256, _ = manifest.digest(made / manifest.FILE)
    assert (record.path, record.sha256) == (str(made), sha256)
    assert record.kind == manifest.load(made).kind == ("sqlite" if full._database.near else "postgresql")
    with backup.reading(made / "strongroom.db") as connection:
        assert connection.scalars(select(BackupRecord.id)).all() == [record.id]


def test_nobody_but_the_owner_reads_a_backup(made: Path) -> None:
    assert all(path.stat().st_mode & 0o077 == 0 for path in [made, *made.rglob("*")])


def test_what_was_deleted_is_not_in_a_backup(full: Vault, tmp_path: Path) -> None:
    sentence = "somebody who left long ago"
    with full.registry(write=True) as session:
        session.add(BackupRecord(id="1" * 32, at=clock.now(), path=sentence, sha256=None, kind="sqlite"))
    with full.registry(write=True) as session:
        session.execute(delete(BackupRecord))
    full._system.empty_log()
    made = backup.make(full, tmp_path / "backup").folder
    assert sentence.encode() not in (made / "strongroom.db").read_bytes()


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _blob(folder: Path) -> Path:
    return max(
        (path for path in (folder / "blobs").rglob("*") if path.is_file()), key=lambda p: p.stat().st_size
    )


def _resealed(folder: Path, change: Callable[[Any], None]) -> None:
    """Somebody changes the backup and makes the manifest fit."""
    told = json.loads((folder / manifest.FILE).read_text())
    change(told)
    for entry in told["files"]:
        entry["sha256"], entry["size"] = manifest.digest(folder / entry["path"])
    (folder / manifest.FILE).write_text(json.dumps(told))


def _forged_blob(folder: Path) -> None:
    _flip(_blob(folder))
    _resealed(folder, lambda told: None)


def _fewer_rows(folder: Path) -> None:
    _resealed(folder, lambda told: told["rows"].update(blob=3))


def _broken_database(folder: Path) -> None:
    with (folder / "strongroom.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    _resealed(folder, lambda told: None)


def _other_entry(folder: Path) -> None:
    """Somebody says that somebody else did it."""
    database = sqlite3.connect(folder / "strongroom.db")
    with database:
        database.execute("update audit_entry set actor_id = ?", ("2" * 32,))
    database.close()
    _resealed(folder, lambda told: None)


def _shorter_log(folder: Path) -> None:
    _resealed(folder, lambda told: told["audit_log"].update(size=0))


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda folder: _flip(folder / "strongroom.db"), "files"),
        (lambda folder: _flip(folder / "scheme.yaml"), "files"),
        (lambda folder: _flip(folder / "keys"), "files"),
        (lambda folder: _flip(_blob(folder)), "files"),
        (lambda folder: _blob(folder).unlink(), "files"),
        (lambda folder: (folder / "more").write_bytes(b""), "files"),
        (lambda folder: (folder / manifest.FILE).write_text("{}"), "manifest"),
        (lambda folder: (folder / manifest.FILE).unlink(), "manifest"),
        (_forged_blob, "blobs"),
        (_fewer_rows, "rows"),
        (_broken_database, "database"),
        (_other_entry, "audit log"),
        (_shorter_log, "audit log"),
    ],
)
def test_a_drill_finds_what_is_wrong(
    made: Path, tmp_path: Path, damage: Callable[[Path], None], found: str
) -> None:
    damage(made)
    assert found in doubts(made, scratch=tmp_path)
    ended = CliRunner().invoke(cli.app, ["drill", str(made)])
    assert ended.exit_code == 1
    assert "DOUBT" in ended.output
    assert not list(tmp_path.glob("strongroom-drill-*"))


def test_a_changed_backup_is_not_restored_and_nothing_is_left_behind(made: Path, tmp_path: Path) -> None:
    _flip(_blob(made))
    before = left_in(tmp_path)
    with pytest.raises(UnusableBackupError):
        restored(made, tmp_path / "again")
    assert left_in(tmp_path) == before


def test_a_path_that_leads_out_of_the_backup_is_refused(made: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"x")
    told = json.loads((made / manifest.FILE).read_text())
    sha256, size = manifest.digest(tmp_path / "elsewhere")
    told["files"].append({"path": "../elsewhere", "size": size, "sha256": sha256})
    (made / manifest.FILE).write_text(json.dumps(told))
    with pytest.raises(UnusableBackupError):
        restored(made, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_a_folder_that_holds_something_is_left_alone(made: Path, full: Vault) -> None:
    with pytest.raises(ConflictError):
        restored(made, full.folder)


def test_a_restore_that_fails_on_the_way_leaves_nothing_behind(made: Path, tmp_path: Path) -> None:
    def fail(_: Vault) -> None:
        raise RuntimeError

    before = left_in(tmp_path)
    with pytest.raises(RuntimeError):
        restored(made, tmp_path / "again", settle=fail)
    assert left_in(tmp_path) == before


def test_a_backup_goes_neither_into_the_workspace_nor_over_something(full: Vault, made: Path) -> None:
    with pytest.raises(InvalidError):
        backup.make(full, full.folder / "backup")
    with pytest.raises(ConflictError):
        backup.make(full, made)


def test_keys_kept_apart_are_not_in_the_backup_and_needed_for_a_restore(full: Vault, tmp_path: Path) -> None:
    secret = (full.folder / "keys").read_bytes().strip()
    made = backup.make(full, tmp_path / "backup", keys_to=tmp_path / "safe" / "keys").folder
    assert not any(secret in path.read_bytes() for path in made.rglob("*") if path.is_file())
    assert "restore" in doubts(made)
    assert doubts(made, keys_from=tmp_path / "safe" / "keys") == {}
    with pytest.raises(UnusableBackupError):
        restored(made, tmp_path / "again", keys_from=made / manifest.FILE)
    restored(made, tmp_path / "again", keys_from=tmp_path / "safe" / "keys")
    again = backup.make(full, tmp_path / "later", keys_to=tmp_path / "safe" / "keys")
    assert again.manifest.keys == "apart"


def test_a_full_disk_leaves_no_backup_and_no_record(
    full: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = left_in(tmp_path)
    monkeypatch.setattr(manifest, "copy", copy)
    with pytest.raises(StorageFullError):
        backup.make(full, tmp_path / "backup")
    assert left_in(tmp_path) == before
    assert registered(full) == []


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("moment", ["before:1", "before:2", "after:3"] if LONG else ["before:2"])
def test_a_backup_that_is_killed_is_never_half_visible_and_stays_on_the_books(
    full: Vault, tmp_path: Path, moment: str
) -> None:
    ended = subprocess.run(
        [
            *(sys.executable, str(LAUNCH), "--die", f"strongroom.vault.manifest:copy:{moment}", "--"),
            *("backup", str(tmp_path / "backup"), "--workspace", str(full.folder)),
        ]
    )
    assert ended.returncode == -9
    assert not (tmp_path / "backup").exists()
    (record,) = registered(full)
    assert (record.path, record.sha256) == (str(tmp_path / "backup"), None)
    backup.make(full, tmp_path / "backup")
    assert doubts(tmp_path / "backup") == {}


def test_a_snapshot_of_what_was_purged_meanwhile_is_taken_again(
    full: Vault, tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    with full.reading(reader) as session:
        purged = session.scalars(select(Blob.id)).first()
    assert purged is not None
    whole = manifest.copy

    def copy(source: Path, target: Path) -> tuple[str, int]:
        if full.blobs.place(purged).exists():
            with full._system.writing() as connection:
                connection.execute(delete(Blob).where(Blob.id == purged))
            full.blobs.place(purged).unlink()
        return whole(source, target)

    monkeypatch.setattr(manifest, "copy", copy)
    made = backup.make(full, tmp_path / "backup")
    assert made.manifest.rows["blob"] == 1
    assert made.manifest.missing == []
    assert doubts(made.folder) == {}


def test_a_loss_from_before_is_said_and_does_not_hinder_the_backup(full: Vault, tmp_path: Path) -> None:
    lost_file = _blob(full.folder)
    lost_file.unlink()
    ended = CliRunner().invoke(cli.app, ["backup", str(tmp_path / "backup"), "--workspace", str(full.folder)])
    assert ended.exit_code == 1
    assert doubts(tmp_path / "backup") == {"losses": [f"blobs/{lost_file.parent.name}/{lost_file.name}"]}


@pytest.fixture
def safe(full: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the second place keeps this workspace's ledger of purges."""
    monkeypatch.setenv(purge_ledger.COPIES, str(tmp_path / "safe"))
    return tmp_path / "safe" / full.audit_log.key.name


@pytest.fixture
def purged_since(full: Vault, made: Path, safe: Path, reader: Reader) -> str:
    """The id of a blob that is in the backup and was purged afterwards."""
    with full.reading(reader) as session:
        blob_id = session.scalars(select(Blob.id).order_by(Blob.size)).first()
    assert blob_id is not None
    purge.begin(full, reader, ("blob", blob_id), "case", "1" * 32, lambda _: {"blob": [blob_id]})
    assert purge.finish(full, "1" * 32).clean
    return blob_id


def restored_blobs(folder: Path) -> set[str]:
    with Vault.open(folder, database="") as vault, vault._system.reading() as connection:
        assert vault.blobs.damaged() == []
        return set(connection.scalars(select(Blob.id)))


def ask_to_restore(*arguments: object) -> tuple[int, str]:
    ended = CliRunner().invoke(cli.app, ["restore", *map(str, arguments)])
    return ended.exit_code, ended.output


def test_what_was_purged_since_is_purged_again_by_the_ledger_in_the_second_place(
    made: Path, purged_since: str, tmp_path: Path
) -> None:
    code, said = ask_to_restore(made, tmp_path / "again")
    assert (code, "purged again: 1" in said) == (0, True)
    assert purged_since not in restored_blobs(tmp_path / "again")
    assert not list((tmp_path / "again" / "blobs").rglob(purged_since))


def test_without_a_later_ledger_a_restore_says_that_purged_things_are_back(
    made: Path, purged_since: str, safe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(purge_ledger.COPIES)
    code, said = ask_to_restore(made, tmp_path / "again")
    assert (code, "is there again" in said) == (0, True)
    assert purged_since in restored_blobs(tmp_path / "again")
    code, _ = ask_to_restore(made, tmp_path / "more", "--ledger", safe / purge_ledger.FILE)
    assert code == 0
    assert purged_since not in restored_blobs(tmp_path / "more")


@pytest.mark.usefixtures("purged_since")
def test_a_ledger_that_was_changed_stops_the_restore(made: Path, safe: Path, tmp_path: Path) -> None:
    (safe / purge_ledger.FILE).write_bytes((safe / purge_ledger.FILE).read_bytes().replace(b"case", b"fake"))
    code, _ = ask_to_restore(made, tmp_path / "again")
    assert code != 0
    assert not (tmp_path / "again").exists()


def test_workspaces_that_share_the_second_place_keep_their_ledgers_apart(
    made: Path, purged_since: str, safe: Path, scheme: Scheme, tmp_path: Path
) -> None:
    with Vault.create(tmp_path / "other", scheme, database="") as other:
        purge_ledger.write(other, "2" * 32, "case", clock.now(), {})
        assert purge_ledger.copy_of(other) != safe / purge_ledger.FILE
    code, said = ask_to_restore(made, tmp_path / "again")
    assert (code, "purged again: 1" in said) == (0, True)


def test_an_older_ledger_makes_a_workspace_forget_nothing(
    full: Vault, purged_since: str, tmp_path: Path
) -> None:
    """Nor does one of another past."""
    own = full.folder / purge_ledger.FILE
    older, other = tmp_path / "older", tmp_path / "other"
    older.write_bytes(own.read_bytes())
    purge_ledger.write(full, "2" * 32, "case", clock.now(), {})
    whole = own.read_bytes()
    assert len(purge_ledger.adopt(full, older)) == 2
    own.unlink()
    purge_ledger.write(full, "3" * 32, "case", clock.now(), {})
    other.write_bytes(own.read_bytes())
    own.write_bytes(whole)
    with pytest.raises(purge_ledger.LedgerError):
        purge_ledger.adopt(full, other)
    assert own.read_bytes() == whole


def test_how_much_was_purged_again_is_not_told_to_every_auditor(
    made: Path, purged_since: str, tmp_path: Path
) -> None:
    ask_to_restore(made, tmp_path / "again")
    with Vault.open(tmp_path / "again", database="") as restored, restored._system.reading() as connection:
        query = select(core(AuditEntry).c.facts).where(core(AuditEntry).c.action == "workspace.restored")
        assert connection.scalars(query).all() == [{}]


@pytest.fixture
def waiting(tmp_path: Path) -> tuple[Path, Ledger]:
    """A workspace with an import that was acknowledged and that no worker has taken up."""
    who = staff(tmp_path / "workspace", [])
    without_worker = ("--without", "strongroom.jobs.supervisor:Supervisor.start")
    server = RunningServer(
        tmp_path / "workspace",
        tmp_path / "log",
        program=[sys.executable, str(LAUNCH), *without_worker, "--"],
    )
    ledger = Ledger()
    server.start()
    try:
        manager = Connection(server.port, who.manager_token)
        project = create_project(manager, form(), {})
        bring_in(manager, project, ledger, "w", 50)
    finally:
        server.stop()
    return server.workspace, ledger


def test_an_import_that_waits_is_done_after_a_restore(waiting: tuple[Path, Ledger], tmp_path: Path) -> None:
    workspace, ledger = waiting
    with Vault.open(workspace) as vault:
        made = backup.make(vault, tmp_path / "backup")
    assert any(entry.path.startswith("uploads/") for entry in made.manifest.files)
    restored(made.folder, tmp_path / "again")
    with Vault.open(tmp_path / "again", database="") as vault:
        assert lost(vault, ledger.said) == []


def test_an_import_that_ends_while_its_backup_is_made_can_be_done_again(
    waiting: tuple[Path, Ledger], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, ledger = waiting
    whole = backup._copy_blobs

    def copy_blobs(vault: Vault, *rest: Any) -> list[str]:
        assert run_waiting(vault) == 1
        return whole(vault, *rest)

    monkeypatch.setattr(backup, "_copy_blobs", copy_blobs)
    with Vault.open(workspace) as vault:
        made = backup.make(vault, tmp_path / "backup")
    assert not list((workspace / "uploads").iterdir())
    restored(made.folder, tmp_path / "again")
    with Vault.open(tmp_path / "again", database="") as vault:
        assert lost(vault, ledger.said) == []
