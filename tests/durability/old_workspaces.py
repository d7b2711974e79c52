"""Workspaces as the first version of the program left them: `python old_workspaces.py FOLDER` makes one, says so into the
record of a watched disk, and opens it with the program of today."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

from alembic import command

import strongroom.assembly  # noqa: F401 - every table is known
from strongroom.markings import Scheme
from strongroom.vault import Base, Vault, durable, keys, migrate, scheme_file
from strongroom.vault.database import SQLITE_FILE
from strongroom.vault.system import System
from strongroom.vault.turn import Turn

ENTRIES = 300


def make(folder: Path, scheme: Scheme) -> None:
    """A workspace as the first version of the program left it, with a log that later ones have work with."""
    folder.mkdir(exist_ok=True)
    (folder / "blobs").mkdir()
    keys.make(folder)
    scheme_file.save(scheme, folder)
    system = System(folder / SQLITE_FILE, Turn(folder))
    with system.migrating_in_turn() as connection:
        command.upgrade(migrate._config(connection, Base.metadata, migrate.MIGRATIONS), "0001")
        connection.exec_driver_sql(
            "insert into marking (id, text, data) values (1, ?, '{}')", (str(scheme.bottom),)
        )
        for number in range(ENTRIES):
            connection.exec_driver_sql(
                "insert into audit_entry (id, marking_id, at, how, clearance, level, scheme_hash, action, kind, outcome, facts)"
                " values (?, 1, '2026-01-01 00:00:00', 'session', '', '', '', 'a.b', 'c', 'done', '{}')",
                (f"{number:032}",),
            )
    system.close()
    durable.sync_folder(folder)
    durable.sync_folder(folder.parent)


def say_made(record: str) -> None:
    """As `disk.Watch.say` does it."""
    said = b'{"kind": "made"}'
    with open(record, "ab") as file:
        file.write(struct.pack("<BQQI", 10, 0, 0, len(said)) + said)


if __name__ == "__main__":
    make(Path(sys.argv[1]), Scheme.load("corporate"))
    say_made(os.environ["DISK_LOG"])
    Vault.open(Path(sys.argv[1]), database="").close()
