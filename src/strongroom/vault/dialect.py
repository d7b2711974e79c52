"""SQLAlchemy over guarded connections: the same ORM, with row counts and refusals that are true for views."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler, SQLiteExecutionContext
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import CompileError


def check_insert(statement: Insert) -> None:
    """CompileError for what a view can't do; on PostgreSQL too, so that a room runs on both databases."""
    info = statement.table.info  # type: ignore[attr-defined]
    if info.get("marked") or info.get("through"):
        if statement._post_values_clause is not None:
            raise CompileError("no ON CONFLICT on a guarded table: select, then insert or update")
        if statement._returning:
            raise CompileError("no INSERT … RETURNING on a guarded table: all values are known before")


class GuardedExecutionContext(SQLiteExecutionContext):
    """changes() is 0 for a view with INSTEAD OF triggers, so the triggers count."""

    def pre_exec(self) -> None:
        super().pre_exec()  # type: ignore[no-untyped-call]
        self._gaze().rows = 0

    def post_exec(self) -> None:
        super().post_exec()  # type: ignore[no-untyped-call]
        rows = self._gaze().rows
        if rows:
            self._rowcount = rows

    def _gaze(self) -> Any:
        return self.root_connection.connection.dbapi_connection.gaze  # type: ignore[union-attr]


class GuardedCompiler(SQLiteCompiler):
    def visit_insert(self, insert_stmt: Insert, *args: Any, **kwargs: Any) -> str:
        check_insert(insert_stmt)
        return super().visit_insert(insert_stmt, *args, **kwargs)  # type: ignore[no-any-return,no-untyped-call]


class GuardedDialect(SQLiteDialect_pysqlite):
    statement_compiler = GuardedCompiler
    execution_ctx_cls = GuardedExecutionContext
    supports_statement_cache = True
    insert_returning = False  # through a view it shows what was given, not what was stored
    use_insertmanyvalues = False


NAME = "sqlite+strongroom"
registry.register("sqlite.strongroom", __name__, "GuardedDialect")
