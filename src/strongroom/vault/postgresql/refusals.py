"""What PostgreSQL says when it can't or won't, in the words of `strongroom.errors`; and without content.

PostgreSQL puts values into its errors ("Key (name)=(...) already exists", "Failing row contains ..."). Errors go to logs, and
logs hold no content: what is left of one is its kind and the name of the constraint.
"""

from __future__ import annotations

import re

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from strongroom.errors import BusyError, InvalidError, NotFoundError, NotPermittedError, StrongroomError
from strongroom.vault import refusals
from strongroom.vault.layout import Layout
from strongroom.vault.shadow import APPEND_ONLY, FIXED_KEY, NOT_AT_LEVEL, REFERRED_TO

#: SQLSTATEs that the vault's own triggers raise.
OFF_LEVEL, NO_PARENT = "SR001", "SR002"
PARENTS = "vault_parents"
_WRITE = re.compile(r'\s*(insert\s+into|update|delete\s+from)\s+(?:"?strongroom"?\.)?"?(\w+)"?', re.I)
_BUSY = {"55P03", "40001", "40P01", "57014", "53200", "53300", "53400"}
_UNFIT = {"22001", "22003", "22007", "22008", "22021", "22P02", "22P05"}
_NAMES_ONLY = ("42", "0A", "25", "55", "57", "08", "53", "28", "3D")


class UnreachableDatabaseError(BusyError):
    code = "database_unreachable"
    title = "The database cannot be reached"


def translate(
    error: BaseException | None, statement: str | None, layout: Layout | None
) -> StrongroomError | None:
    """The error to raise instead, or None to leave it. The same classes for the same reasons as on SQLite."""
    if not isinstance(error, psycopg.Error):
        return refusals.translate(error)
    state = error.sqlstate
    if state is None:
        return _of_driver(error)
    if state == OFF_LEVEL or state == "25006":
        return _not_permitted(NOT_AT_LEVEL)
    if state in (NO_PARENT, "23503"):
        return NotFoundError()
    if state == "42501":
        return _without_right(error, statement, layout)
    if state == "53100":
        return refusals.storage_full()
    if state in _BUSY:
        return BusyError(remedy="Try again in a moment.")
    if state in _UNFIT:
        return InvalidError("A value is too large, or holds what the database can't store.")
    if state.startswith("08") or state in ("57P01", "57P02", "57P03"):
        return unreachable()
    return None


def unreachable() -> UnreachableDatabaseError:
    return UnreachableDatabaseError(
        "The database can't be reached.",
        kept="Everything acknowledged before is kept.",
        remedy="Try again in a moment.",
    )


def listen(engine: Engine, layout: Layout | None) -> None:
    """Translate what this engine's connections raise, and take the content out of what is left."""

    @event.listens_for(engine, "handle_error")
    def _(context: ExceptionContext) -> None:
        error = context.original_exception
        instead = translate(error, context.statement, layout)
        if isinstance(error, psycopg.Error):
            without_content(error, context.sqlalchemy_exception)
        if instead is not None:
            raise instead from error


def without_content(error: psycopg.Error, wrapped: BaseException | None) -> None:
    """Leave of an error what holds no values."""
    state, diag = error.sqlstate or "", error.diag
    if state == "23505":
        said = f"UNIQUE constraint failed: {diag.constraint_name}"
    elif state.startswith("23"):
        said = f"constraint failed: {diag.constraint_name or ''} {diag.table_name}.{diag.column_name or ''}"
    elif not state or state[:2] in _NAMES_ONLY:
        said = diag.message_primary or str(error)
    else:
        said = f"{type(error).__name__} {state}"
    error.args = (said,)
    error._info = None
    if wrapped is not None:
        wrapped.args = (f"({type(error).__module__}.{type(error).__qualname__}) {said}",)


def _of_driver(error: psycopg.Error) -> StrongroomError | None:
    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        return unreachable()
    if isinstance(error, psycopg.DataError):
        return InvalidError("A text holds a character that can't be stored.")
    return None


def _without_right(
    error: psycopg.Error, statement: str | None, layout: Layout | None
) -> StrongroomError | None:
    if error.diag.source_function == "ExecWithCheckOptions":
        hidden = PARENTS in (error.diag.message_primary or "")
        return NotFoundError() if hidden else _not_permitted(NOT_AT_LEVEL)
    write = _WRITE.match(statement or "")
    table = layout.metadata.tables.get(write[2]) if write and layout else None
    if write is None or layout is None or table is None:
        return None
    if table not in (*layout.guarded, *layout.open_to_additions) or table.name == "marking":
        return None
    verb = write[1][:6].lower()
    if verb != "insert" and (table.info.get("append_only") or table in layout.open_to_additions):
        return _not_permitted(APPEND_ONLY)
    if verb == "delete" and table.name in layout.referred_to:
        return _not_permitted(REFERRED_TO)
    return _not_permitted(FIXED_KEY if verb == "update" else NOT_AT_LEVEL)


def _not_permitted(said: str) -> NotPermittedError:
    return NotPermittedError(said.removeprefix("vault: "))
