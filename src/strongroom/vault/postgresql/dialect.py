"""SQLAlchemy over guarded connections to PostgreSQL."""

from __future__ import annotations

from typing import Any, Literal

import psycopg
from sqlalchemy import Insert
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg, PGDialect_psycopg

from strongroom.vault.dialect import check_insert
from strongroom.vault.postgresql.many import in_arrays

SCHEMA = "strongroom"


class GuardedCompiler(PGCompiler_psycopg):
    def visit_insert(self, insert_stmt: Insert, *args: Any, **kwargs: Any) -> str:
        check_insert(insert_stmt)
        return super().visit_insert(insert_stmt, *args, **kwargs)  # type: ignore[no-any-return,no-untyped-call]


class GuardedDialect(PGDialect_psycopg):
    statement_compiler = GuardedCompiler
    supports_statement_cache = True
    use_insertmanyvalues_wo_returning = False  # `do_executemany` does better

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(use_native_hstore=False, **kwargs)  # type: ignore[no-untyped-call]

    # What SQLAlchemy would ask a new connection is known, and the questions are not allowed.

    def _get_server_version_info(self, connection: Any) -> tuple[int, ...]:
        version = connection.connection.dbapi_connection.pgconn.server_version
        return version // 10_000, version % 10_000

    def _get_default_schema_name(self, connection: Any) -> str:
        return SCHEMA

    def get_default_isolation_level(self, dbapi_conn: Any) -> Literal["READ COMMITTED"]:
        return "READ COMMITTED"

    def _set_backslash_escapes(self, connection: Any) -> None:
        self._backslash_escapes = False

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        def type_of(name: str) -> str:
            return str(context.compiled.binds[name].type.compile(dialect=self))

        arrays = in_arrays(statement, type_of) if context is not None and context.isinsert else None
        if arrays is not None:
            try:
                cursor.execute(arrays.statement, arrays.of(parameters))
            except psycopg.DataError as error:
                if error.sqlstate is not None:
                    raise
            else:
                return
            # The driver makes no array of this (texts that can't be stored, numbers of two kinds).
        super().do_executemany(cursor, statement, parameters, context)  # type: ignore[no-untyped-call]

    def do_rollback(self, dbapi_connection: Any) -> None:
        dbapi_connection.end()


NAME = "postgresql+strongroom"
registry.register("postgresql.strongroom", __name__, "GuardedDialect")
