"""What SQL may ask for: default deny, decided while a statement is prepared, and without state.

SQLite tells an authorizer the innermost view, trigger *or common table expression* that an access comes from, and a
CTE may be called anything. So only views and triggers whose names hold a random token of this connection may read or
write the guarded tables. The reader of the moment isn't looked up here but at run time, by the functions in `shadow`:
prepared statements are cached and serve the next reader too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

#: No function whose result or error tells about rows that the caller may not see (changes, last_insert_rowid), that
#: raises on ordinary values (abs), or that makes big things or draws (printf, zeroblob, randomblob, random).
FUNCTIONS = frozenset(
    {
        *("count", "sum", "total", "avg", "min", "max", "group_concat"),
        *("coalesce", "ifnull", "nullif", "iif", "typeof", "round"),
        *(
            "lower",
            "upper",
            "length",
            "substr",
            "substring",
            "trim",
            "ltrim",
            "rtrim",
            "instr",
            "like",
            "glob",
        ),
        *(
            "json",
            "json_array",
            "json_array_length",
            "json_each",
            "json_extract",
            "json_object",
            "json_quote",
        ),
        *("json_group_array", "json_group_object", "json_type", "json_valid", "->", "->>"),
        *("row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile"),
        *("lag", "lead", "first_value", "last_value", "nth_value"),
        *("date", "time", "datetime", "julianday", "strftime", "unixepoch"),
    }
)
#: The vault's own: only its views and triggers may call them.
OWN_FUNCTIONS = frozenset({"vault_readable", "vault_reads", "vault_row", "vault_writes", "vault_writing"})
TABLE_FUNCTIONS = frozenset({"json_each", "json_tree"})

_FREE = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT, sqlite3.SQLITE_RECURSIVE}
)
_WRITES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})


@dataclass(frozen=True)
class Rules:
    """Names that decide.

    `shadows`: the public views. `secret`: inner views, proxies and triggers. `behind`: tables that only secret names may
    touch. `plain_read` and `plain_write`: tables that may be used directly. `taken`: every name in the schema and every
    module, in lower case.
    """

    shadows: frozenset[str]
    secret: frozenset[str]
    behind: frozenset[str]
    plain_read: frozenset[str]
    plain_write: frozenset[str]
    taken: frozenset[str]


def authorizer(rules: Rules) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    """The function to give to `sqlite3.Connection.set_authorizer`."""
    from_vault = rules.behind | rules.secret | rules.plain_read

    def may_read(table: str | None, column: str | None, database: str | None, within: str | None) -> bool:
        if database == "temp":
            return table in rules.shadows or table in rules.secret
        if within in rules.secret and table in from_vault:
            return True
        if table in TABLE_FUNCTIONS:
            return True
        if database == "main":
            return table in rules.plain_read
        if database is None and column == "" and table is not None:
            # count(*) over a name without a schema: a view, a plain table, or a CTE of the caller's.
            lowered = table.lower()
            return (
                table in rules.shadows
                or table in rules.plain_read
                or (lowered not in rules.taken and not lowered.startswith(("sqlite_", "pragma_")))
            )
        return False

    def may_write(table: str | None, database: str | None, within: str | None) -> bool:
        if database == "temp":
            return table in rules.shadows and within is None
        if table in rules.behind or table in rules.secret:
            return within in rules.secret
        return table in rules.plain_write and within is None

    def ask(
        action: int, first: str | None, second: str | None, database: str | None, within: str | None
    ) -> int:
        if action in _FREE:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            granted = may_read(first, second, database, within)
        elif action in _WRITES:
            granted = may_write(first, database, within)
        elif action == sqlite3.SQLITE_FUNCTION:
            granted = second in FUNCTIONS or (second in OWN_FUNCTIONS and within in rules.secret)
        else:
            granted = False
        return sqlite3.SQLITE_OK if granted else sqlite3.SQLITE_DENY

    return ask
