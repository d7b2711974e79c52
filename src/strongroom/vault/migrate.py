"""Bringing a database's tables, and what guards them, up to date with the program."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, MetaData, inspect, text

from strongroom.vault.layout import Layout
from strongroom.vault.system import System
from strongroom.vault.tables import Base
from strongroom.vault.turn import Turn

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def bring_up_to_date(system: System, layout: Layout) -> None:
    """Run the migrations that this database lacks and fit the guard. The caller holds the turn to write.

    Tables other than the program's have no migrations: what is missing of them is created as declared.
    """
    with system.migrating_in_turn() as connection:
        if layout.metadata is not Base.metadata or newest(MIGRATIONS) is None:
            layout.metadata.create_all(connection)
        elif revision_of(connection) != newest(MIGRATIONS):
            system.unguard(connection, layout)
            upgrade(connection, layout.metadata, MIGRATIONS)
        system.guard(connection, layout)


def newest(migrations: Path) -> str | None:
    """The number of the last migration. Files are named after it, `0001_why.py`: no need to load them to know."""
    return max((file.name[:4] for file in migrations.glob("versions/[0-9]*.py")), default=None)


def revision_of(connection: Connection) -> str | None:
    """The migration that a database stands at."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("select version_num from alembic_version"))
    return revision


def upgrade(connection: Connection, metadata: MetaData, migrations: Path) -> None:
    from alembic import command  # only needed when there is something to do

    command.upgrade(_config(connection, metadata, migrations), "head")
    if connection.dialect.name != "sqlite":
        return  # references were enforced throughout
    broken = connection.exec_driver_sql("pragma foreign_key_check").first()
    if broken is not None:
        raise RuntimeError(f"the migration left a broken reference in {broken[0]}")


def write(why: str) -> Path:
    """For whoever changed a table: write the next migration, from what the migrations make to what the tables declare.

    Import `strongroom.assembly` before, so that all tables are known; then read the file and make it right.
    """
    from alembic import command

    number = f"{int(newest(MIGRATIONS) or 0) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder) / "scratch.db", Turn(Path(folder)))
        with system.migrating_in_turn() as connection:
            config = _config(connection, Base.metadata, MIGRATIONS)
            if number != "0001":
                command.upgrade(config, "head")
            command.revision(config, why, autogenerate=True, rev_id=number)
        system.close()
    (file,) = MIGRATIONS.glob(f"versions/{number}_*.py")
    return file


def _config(connection: Connection, metadata: MetaData, migrations: Path) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(connection=connection, metadata=metadata)
    return config
