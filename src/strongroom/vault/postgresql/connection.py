"""The guarded connection to PostgreSQL: it begins each transaction clean, tells it what may be seen, and says no more.

What may be seen is enforced by the server's policies whatever SQL arrives. Shut here is what no policy decides about: EXPLAIN
(estimates count hidden rows), COMMIT in the middle of an act, several statements in one, COPY, SET.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NoReturn, Self

import psycopg
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from strongroom.vault.guard import REFUSED
from strongroom.vault.postgresql import refusals
from strongroom.vault.postgresql.context import MOMENT, Signer
from strongroom.vault.sight import BLIND, Guarded, Sight

# Comments nest in PostgreSQL: one that holds another isn't skipped here, and so its statement is refused.
_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*(?:(?!/\*|\*/).)*\*/|\()*", re.S)
_VERB = re.compile(r"(?:select|with|values|insert|update|delete|savepoint|release|rollback\s+to)\b", re.I)
_CHANGES = (b"INSERT", b"UPDATE", b"DELETE")
_ENDED = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)


def check_verb(query: Any) -> None:
    """Other statements are refused before they are sent."""
    sql = query.decode() if isinstance(query, bytes) else str(query)
    start = _LEADING.match(sql)
    if start is None or not _VERB.match(sql, start.end()):
        raise psycopg.ProgrammingError(REFUSED)


class GuardedCursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Self:
        check_verb(query)
        super().execute(query, params, **kwargs)
        self._count()
        return self

    def executemany(self, query: Any, params_seq: Any, **kwargs: Any) -> None:
        check_verb(query)
        super().executemany(query, params_seq, **kwargs)
        self._count()

    def copy(self, *_: Any, **__: Any) -> NoReturn:
        raise psycopg.ProgrammingError(REFUSED)

    def stream(self, *_: Any, **__: Any) -> NoReturn:
        raise psycopg.ProgrammingError(REFUSED)

    def _execute_send(self, query: Any, *, force_extended: bool = False, binary: bool | None = None) -> None:
        # The simple protocol would take several statements at once, the extended one takes one.
        super()._execute_send(query, force_extended=True, binary=binary)

    def _count(self) -> None:
        result = self.pgresult
        if result is not None and self.rowcount > 0 and (result.command_status or b"")[:6] in _CHANGES:
            assert isinstance(self._conn, PostgresConnection)
            self._conn.counted(self.rowcount)


class GuardedServerCursor(psycopg.ServerCursor[Any]):
    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Self:
        check_verb(query)
        return super().execute(query, params, **kwargs)


class PostgresConnection(psycopg.Connection[Any], Guarded):
    """`arm` it once; then `begin`, `look`, and `end` for each transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._level_id: int | None = None
        self._changes = 0
        self.fresh = False
        self._moment = b""

    @property
    def level_id(self) -> int | None:
        return self._level_id

    @property
    def total_changes(self) -> int:
        return self._changes

    def counted(self, rows: int) -> None:
        """So many more were written."""
        self._changes += rows

    def arm(self, signer: Signer, *, writes: bool, snapshot: bool) -> None:
        """`snapshot`: what is read doesn't change within a transaction. Writers wait for their turn and then look."""
        self._signer = signer
        # RESET: what somebody's SQL may have set doesn't reach the next transaction.
        mode = " isolation level repeatable read" if snapshot else ""
        self._opening = f"reset all; begin{mode}; select {MOMENT}".encode()
        turn = ", strongroom.vault_turn()" if writes else ""
        self._asked(self.pgconn.prepare, b"vault_look", f"select strongroom.vault_look($1){turn}".encode())
        self.cursor_factory = GuardedCursor
        self.server_cursor_factory = GuardedServerCursor

    def begin(self) -> None:
        """A transaction, clean and blind. What ended before is gone."""
        self._level_id = None
        self._moment = self._asked(self.pgconn.exec_, self._opening).get_value(0, 0) or b""

    def look(self, sight: Sight) -> None:
        self._level_id = sight.level_id
        if sight is not BLIND:
            signed = self._signer.signed(self.pgconn.backend_pid, self._moment, sight)
            self._asked(self.pgconn.exec_prepared, b"vault_look", [signed])

    def end(self) -> None:
        """Take back what was not committed. Past psycopg, which would forget its prepared statements with it."""
        self._level_id = None
        if not self.closed and self.pgconn.transaction_status != TransactionStatus.IDLE:
            self._asked(self.pgconn.exec_, b"rollback")

    def _asked(self, ask: Callable[..., Any], *what: Any) -> Any:
        try:
            result = ask(*what)
        except psycopg.OperationalError as error:
            raise refusals.unreachable() from error
        if result.status not in _ENDED:
            refused = psycopg.errors.error_from_result(result)
            if (
                refused.sqlstate is None or self.pgconn.status != ConnStatus.OK
            ):  # said by a server that is gone
                raise refusals.unreachable() from refused
            raise refusals.translate(refused, None, None) or refused
        return result
