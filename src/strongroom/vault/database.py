"""Which database a workspace lies in, and what a vault needs of it.

SQLite in the workspace's folder, unless `STRONGROOM_DATABASE_URL` names a PostgreSQL: one setting, read here alone, so that
server, worker and command line agree. A folder remembers which kind it has: opening it with the other setting is refused,
since an empty database would look like lost data.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, Table

from strongroom.errors import StrongroomError
from strongroom.vault.durable import sync_folder
from strongroom.vault.layout import Layout
from strongroom.vault.system import System
from strongroom.vault.turn import Turn

VARIABLE = "STRONGROOM_DATABASE_URL"
SQLITE_FILE = "strongroom.db"
POSTGRES_FILE = "database.json"
_POSTGRES = ("postgresql://", "postgres://", "postgresql+psycopg://")


class UnusableDatabaseError(StrongroomError):
    """The database can't be used as it is: the wrong one, too old, or not set up."""

    status = 503
    code = "database"
    title = "The database cannot be used"


class Database(Protocol):
    """What a vault reads and writes through."""

    turn: Turn
    readers: Engine
    writers: Engine
    registry_readers: Engine
    registry_writers: Engine
    near: bool
    """In this process: a lookup takes microseconds and never waits for a network."""

    @property
    def system(self) -> System: ...

    def settle(self) -> None:
        """The tables are there: the workspace may be opened from now on."""

    def sync(self) -> None:
        """Return when all that was committed before is on disk."""

    def learn_size(self, table: Table) -> None:
        """Look at how large a table is and what is in it, for plans to fit."""

    def beside(self, name: str) -> str: ...

    def wait_alone(self, name: str) -> None: ...

    def check_alone(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Claim:
    """That a workspace's rows lie in a PostgreSQL, under this id; unfinished until they do."""

    workspace: str
    finished: bool


@dataclass(frozen=True)
class Place:
    """Where a workspace's rows lie: `url` is that of a PostgreSQL, None for SQLite in the folder."""

    folder: Path
    url: str | None

    def is_taken(self) -> bool:
        """Whether a workspace was ever finished here: with a byte of a database, or with a blob.
        UnusableDatabaseError when its rows lie in the other kind of database."""
        sqlite, blobs = self.folder / SQLITE_FILE, self.folder / "blobs"
        in_sqlite = sqlite.exists() and sqlite.stat().st_size > 0
        in_postgres = self.claimed is not None and self.claimed.finished
        if in_postgres and self.url is None:
            raise UnusableDatabaseError(
                f"The workspace in {self.folder} lies in PostgreSQL.",
                remedy=f"Set {VARIABLE} to its address.",
            )
        if in_sqlite and self.url is not None:
            raise UnusableDatabaseError(
                f"The workspace in {self.folder} lies in SQLite, and {VARIABLE} is set.",
                remedy="Unset it, or move the workspace with `strongroom database copy`.",
            )
        return in_sqlite or in_postgres or (blobs.is_dir() and any(blobs.iterdir()))

    @property
    def claimed(self) -> Claim | None:
        """What the folder says about its PostgreSQL."""
        file = self.folder / POSTGRES_FILE
        return Claim(**json.loads(file.read_text("ascii"))) if file.exists() else None

    def claim(self, claim: Claim) -> None:
        aside = self.folder / f"{POSTGRES_FILE}.part"
        with aside.open("w", encoding="ascii") as stream:
            json.dump(asdict(claim), stream)
            stream.flush()
            os.fsync(stream.fileno())
        aside.rename(self.folder / POSTGRES_FILE)
        sync_folder(self.folder)


def place_of(folder: Path, database: str | None = None) -> Place:
    """`database` is a URL; empty for SQLite; None for what the environment says. UnusableDatabaseError for another URL."""
    url = os.environ.get(VARIABLE, "") if database is None else database
    if not url:
        return Place(folder, None)
    if not url.startswith(_POSTGRES):
        raise UnusableDatabaseError(
            f"{VARIABLE} must be the address of a PostgreSQL: postgresql://user@host/database."
        )
    return Place(folder, url)


def connect_to_postgres(place: Place, layout: Layout) -> Database:
    """UnusableDatabaseError for a database that isn't fit for this workspace."""
    # Only who has one loads its driver.
    from strongroom.vault.postgresql.database import PostgresDatabase

    return PostgresDatabase(place, layout)
