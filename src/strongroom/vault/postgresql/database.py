"""A workspace's rows in PostgreSQL: what it asks of the database, and the engines on it."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import psycopg
from sqlalchemy import URL, Table, make_url

from strongroom.vault import ids, keys
from strongroom.vault.database import Claim, Place, UnusableDatabaseError
from strongroom.vault.layout import Layout
from strongroom.vault.postgresql import policies, refusals
from strongroom.vault.postgresql.context import Signer
from strongroom.vault.postgresql.dialect import SCHEMA
from strongroom.vault.postgresql.engines import OPTIONS, guarded_engine
from strongroom.vault.postgresql.roles import Roles
from strongroom.vault.postgresql.system import PostgresSystem
from strongroom.vault.turn import Turn

OLDEST = 15
_ASK_EVERY_SECONDS = 1.0


class PostgresDatabase:
    """See `strongroom.vault.database.Database`."""

    near = False

    def __init__(self, place: Place, layout: Layout) -> None:
        assert place.url is not None
        url = address(place.url)
        secret = keys.load(place.folder)
        self._place = place
        self._url = url
        self._alone: psycopg.Connection[Any] | None = None
        self._claim = place.claimed or Claim(ids.new_id(), finished=False)
        if place.claimed is None:
            place.claim(self._claim)
        owner = _prepare(url, self._claim)
        self.roles = Roles(owner, self._claim.workspace, secret)
        signer = Signer(keys.derive(secret, "postgresql.context"))
        self.turn = Turn(None)
        self.system = PostgresSystem(url, self.turn, self.roles, signer)

        def engine(kind: str, *, writes: bool, snapshot: bool) -> Any:
            tables = None if kind == "registry" else layout
            return guarded_engine(self.roles.url(url, kind), signer, tables, writes=writes, snapshot=snapshot)

        self.readers = engine("reader", writes=False, snapshot=True)
        self.writers = engine("writer", writes=True, snapshot=False)
        self.registry_readers = engine("registry", writes=False, snapshot=True)
        self.registry_writers = engine("registry", writes=True, snapshot=False)

    def settle(self) -> None:
        if not self._claim.finished:
            self._claim = replace(self._claim, finished=True)
            self._place.claim(self._claim)

    def sync(self) -> None:
        """A commit that the server acknowledged is on disk."""

    def learn_size(self, table: Table) -> None:
        self.system.learn_size(table)

    def beside(self, name: str) -> str:
        return self._url.render_as_string(hide_password=False)

    def wait_alone(self, name: str) -> None:
        self._alone = connect(self._url)
        asked = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
        # Asking again and again: a statement that waits holds a snapshot, for which an index that is made would wait.
        while self._alone.execute(asked, (f"strongroom {name}",)).fetchone() != (True,):
            time.sleep(_ASK_EVERY_SECONDS)

    def check_alone(self) -> None:
        try:
            if self._alone is not None:
                self._alone.execute("select 1")
        except psycopg.OperationalError as error:
            raise UnusableDatabaseError("The connection that held the lock was lost.") from error

    def close(self) -> None:
        if self._alone is not None:
            self._alone.close()
        for engine in (self.readers, self.writers, self.registry_readers, self.registry_writers):
            engine.dispose()
        self.system.close()
        self.turn.close()


def address(url: str) -> URL:
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql")


def connect(url: URL) -> psycopg.Connection[Any]:
    """A connection of the owner. UnusableDatabaseError when there is no getting in."""
    try:
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, options=OPTIONS)
    except psycopg.OperationalError as error:
        refusals.without_content(error, None)
        raise UnusableDatabaseError(
            f"The database {url.render_as_string(hide_password=True)} can't be reached.",
            remedy="See whether it runs, and whether address, name and password are right.",
        ) from error


def _prepare(url: URL, claim: Claim) -> str:
    """Look whether the database is fit for this workspace, make the schemas of a new one, and say who the owner is."""
    with connect(url) as connection:
        if connection.info.server_version < OLDEST * 10_000:
            raise UnusableDatabaseError(
                f"PostgreSQL {OLDEST} or newer is needed; this is {connection.info.server_version // 10_000}."
            )
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise UnusableDatabaseError(f"The encoding of the database must be UTF8; it is {encoding}.")
        held = _held(connection)
        if claim.finished and held is None:
            raise UnusableDatabaseError(
                "This database holds no workspace, but the folder says that it should.",
                kept="Nothing was changed.",
                remedy="Name the database that this workspace was made in, or restore it.",
            )
        if held is not None and held != claim.workspace:
            raise UnusableDatabaseError(
                "This database holds another workspace than the folder.",
                kept="Nothing was changed.",
                remedy="Name the database that this workspace was made in; a new one needs an empty database.",
            )
        if held is None:
            _make_schemas(connection)
        row = connection.execute("select current_user").fetchone()
        return str(row[0]) if row else ""


def _held(connection: psycopg.Connection[Any]) -> str | None:
    """The id of the workspace whose rows are here; UnusableDatabaseError for tables that aren't ours."""
    row = connection.execute("select to_regclass(%s)", (f"{policies.GUARD}.workspace",)).fetchone()
    if row and row[0]:
        found = connection.execute(f"select id from {policies.GUARD}.workspace").fetchone()  # noqa: S608
        return str(found[0]) if found else None
    tables = connection.execute(
        "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = %s",
        (SCHEMA,),
    ).fetchone()
    if tables and tables[0]:
        raise UnusableDatabaseError(f"The schema {SCHEMA} of this database holds something else.")
    return None


def _make_schemas(connection: psycopg.Connection[Any]) -> None:
    try:
        for schema in (SCHEMA, policies.GUARD):
            connection.execute(f"create schema if not exists {schema}")
    except psycopg.errors.InsufficientPrivilege as error:
        raise UnusableDatabaseError(
            "The role of the address may not make schemas in this database.",
            remedy="Let it own the database: ALTER DATABASE … OWNER TO …",
        ) from error
