"""Migrations: of a database with data, proxies and references in it, and of the program's own tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sample_port import Port
from sample_rooms import Item, Note
from sqlalchemy import Connection, create_engine, inspect, select

from databases import Sqlite
from strongroom.errors import NotFoundError
from strongroom.markings import Scheme
from strongroom.vault import Base, LayoutError, Vault, migrate, proxies

FIRST = """
revision = "0001"
down_revision = None
def upgrade():
    pass
"""
SECOND = """
import sqlalchemy as sa
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    with op.batch_alter_table("item") as batch:
        batch.alter_column("secret", new_column_name="hint")
"""
BROKEN = """
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    op.execute("delete from item")
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("versions"))
    (folder / "versions").mkdir()
    (folder / "versions" / "0001_first.py").write_text(FIRST)
    return folder


def upgrade(port: Port, folder: Path) -> None:
    with port.vault._system.migrating_in_turn() as connection:
        port.vault._system.unguard(connection, port.vault.layout)
        migrate.upgrade(connection, port.vault.layout.metadata, folder)


def test_a_table_is_made_anew_with_its_data_and_what_refers_to_it(port: Port, migrations: Path) -> None:
    (migrations / "versions" / "0002_second.py").write_text(SECOND)
    upgrade(port, migrations)
    assert port.truth("select hint from item order by hint") == [("s-high",), ("s-low",)]
    assert port.truth("select count(*) from note join item on item.id = note.item_id") == [(3,)]
    assert port.truth("select version_num from alembic_version") == [("0002",)]
    assert migrate.newest(migrations) == "0002"


def test_a_migration_that_breaks_references_is_taken_back(port: Port, migrations: Path) -> None:
    (migrations / "versions" / "0002_broken.py").write_text(BROKEN)
    with pytest.raises((RuntimeError, NotFoundError)):  # SQLite is told afterwards, PostgreSQL at once
        upgrade(port, migrations)
    assert port.truth("select count(*) from item") == [(2,)]
    with port.vault.reading(port.anna) as session:
        assert session.scalars(select(Item.title)).all() == ["low"]


def test_foreign_keys_are_enforced_again_afterwards(port: Port, migrations: Path) -> None:
    upgrade(port, migrations)
    for _ in range(3):
        with pytest.raises(NotFoundError):
            port.force("delete from item")


@pytest.mark.only("sqlite")
def test_opening_again_changes_nothing(port: Port) -> None:
    before = port.truth("select name, sql from sqlite_master order by name")
    with port.vault._turn.taken():
        migrate.bring_up_to_date(port.vault._system, port.vault.layout)
    assert port.truth("select name, sql from sqlite_master order by name") == before


@pytest.mark.only("sqlite")
def test_proxies_follow_the_tables(port: Port) -> None:
    with port.vault._system.writing() as connection:
        connection.exec_driver_sql(f"drop view {proxies.quoted(proxy_of(port, 'note'))}")
        assert proxies.install(connection, port.vault.layout)
        assert not proxies.install(connection, port.vault.layout)
    port.vault._writers.dispose()
    with port.vault.writing(port.anna) as session:
        session.add(Note(body="still works", item_id=port.low_item))


@pytest.mark.parametrize("change", ["drop table note", "alter table note rename column body to text"])
def test_tables_that_are_not_stored_as_declared_are_noticed(port: Port, change: str) -> None:
    with port.vault._system.migrating_in_turn() as connection:
        port.vault._system.unguard(connection, port.vault.layout)
        connection.exec_driver_sql(change)
        with pytest.raises(LayoutError, match="note isn't stored as declared"):
            port.vault._system.guard(connection, port.vault.layout)
        connection.rollback()


def proxy_of(port: Port, table: str) -> str:
    return str(
        port.truth(f"select name from sqlite_master where type = 'view' and name glob 'w~{table}~*'")[0][0]
    )


# ------------------------------------------------------------------------------------------------ the program's own tables


@pytest.fixture
def program(tmp_path: Path, scheme: Scheme, databases: Sqlite) -> Iterator[Vault]:
    import strongroom.assembly  # noqa: F401 - makes every table known

    with databases.create(tmp_path / "program", scheme) as vault:
        yield vault
    databases.forget(tmp_path / "program")


@pytest.fixture
def declared(tmp_path: Path, databases: Sqlite) -> Iterator[Connection]:
    """The tables as they are declared, made without a migration."""
    url = databases.url(tmp_path / "declared")
    engine = create_engine(url.replace("postgresql", "postgresql+psycopg") or "sqlite://")
    with engine.connect() as connection:
        Base.metadata.create_all(connection)
        yield connection
    engine.dispose()
    databases.forget(tmp_path / "declared")


def shape(inspector: Any) -> dict[str, Any]:
    return {
        table: {
            "columns": {(c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)},
            "key": inspector.get_pk_constraint(table),
            "references": sorted(map(str, inspector.get_foreign_keys(table))),
            "indexes": sorted(map(str, inspector.get_indexes(table))),
            "uniques": sorted(map(str, inspector.get_unique_constraints(table))),
            "checks": sorted(map(str, inspector.get_check_constraints(table))),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_the_migrations_make_what_the_tables_declare(program: Vault, declared: Connection) -> None:
    """When this fails after a change of a table: write a migration, see docs/vault.md."""
    with program._system.reading() as connection:
        assert shape(inspect(connection)) == shape(inspect(declared))
        assert migrate.revision_of(connection) == migrate.newest(migrate.MIGRATIONS)
