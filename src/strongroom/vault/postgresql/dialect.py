"""SQLAlchemy over guarded connections to PostgreSQL."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Insert
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg, PGDialect_psycopg

from strongroom.vault.dialect import check_insert

SCHEMA = "strongroom"


class GuardedCompiler(PGCompiler_psycopg):
    def visit_insert(self, insert_stmt: Insert, *args: Any, **kwargs: Any) -> str:
        check_insert(insert_stmt)
        return super().visit_insert(insert_stmt, *args, **kwargs)  # type: ignore[no-any-return,no-untyped-call]


class GuardedDialect(PGDialect_psycopg):
    statement_compiler = GuardedCompiler
    supports_statement_cache = True
    use_insertmanyvalues_wo_returning = True  # the policies then look at a thousand rows at once

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

    def do_rollback(self, dbapi_connection: Any) -> None:
        dbapi_connection.end()


NAME = "postgresql+strongroom"
registry.register("postgresql.strongroom", __name__, "GuardedDialect")
