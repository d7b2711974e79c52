"""The rows of a workspace as a SQLite file, whatever database they lie in: what a backup of a PostgreSQL holds.

So a backup is the same on both, can be looked through where there is no PostgreSQL, and is restored into a workspace on
SQLite, from where `strongroom database copy` brings it to a server.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    MetaData,
    String,
    Table,
    Text,
    cast,
    create_engine,
    func,
    insert,
    select,
)

_ROWS_AT_ONCE = 1000


def write(source: Connection, metadata: MetaData, revision: str | None, target: Path) -> None:
    """Writes all rows that `source` sees in its transaction, which should be one snapshot, to an empty file."""
    engine = create_engine(f"sqlite:///{target}")
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            for table in metadata.sorted_tables:
                _copy(source, connection, table)
            if revision is not None:
                _stand_at(connection, revision)
    finally:
        engine.dispose()


def _copy(source: Connection, target: Connection, table: Table) -> None:
    """JSON goes as the text that it is: an absent value and a stored null are two things."""
    wanted = [cast(column, Text) if isinstance(column.type, JSON) else column for column in table.columns]
    plain = Table(
        table.name,
        MetaData(),
        *(
            Column(column.name, Text if isinstance(column.type, JSON) else column.type)
            for column in table.columns
        ),
    )
    names = [column.name for column in table.columns]
    found = source.execution_options(yield_per=_ROWS_AT_ONCE).execute(select(*wanted))
    count = 0
    for rows in found.partitions():
        target.execute(insert(plain), [dict(zip(names, row, strict=True)) for row in rows])
        count += len(rows)
    there = source.scalar(select(func.count()).select_from(table))
    if count != there:
        raise RuntimeError(f"{count} of {there} rows of {table.name} were copied")


def _stand_at(connection: Connection, revision: str) -> None:
    table = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
    table.create(connection)
    connection.execute(insert(table), {"version_num": revision})
