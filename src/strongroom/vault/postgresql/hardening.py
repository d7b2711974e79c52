"""What an administrator of the cluster takes away from everybody in a workspace's database.

Policies decide about rows. The catalogue tells about them past all policies: estimates of how many rows a table has, sizes
of files, counts of rows written, other people's statements, numbers of transactions. All this is PUBLIC in PostgreSQL,
and only a superuser can take it away: once, in this database alone. Afterwards the roles of readers and writers may call
functions that compute, as on SQLite, and none that tell or do something else.
"""

# ruff: noqa: S608 - statements are made of constants

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from strongroom.vault.proxies import quoted

#: Functions that look at the clock, at settings or at types, and not at data. Immutable ones compute, and stay as they are.
STABLE_THAT_STAY = (
    *(
        "age",
        "date_part",
        "date_trunc",
        "extract",
        "make_timestamptz",
        "now",
        "timezone",
        "to_char",
        "to_date",
    ),
    *("to_timestamp", "transaction_timestamp", "statement_timestamp", "overlaps", "generate_series"),
    *("array_agg", "array_to_json", "array_to_string", "array_to_tsvector", "json_agg", "json_build_array"),
    *("json_build_object", "json_object_agg", "jsonb_agg", "jsonb_build_array", "jsonb_build_object"),
    *("jsonb_object_agg", "row_to_json", "to_json", "to_jsonb", "json_populate_record", "json_to_record"),
    *("json_to_recordset", "jsonb_to_record", "jsonb_to_recordset", "json_populate_recordset"),
    *("concat", "concat_ws", "format", "quote_literal", "quote_nullable", "string_agg"),
    *(
        "to_tsvector",
        "to_tsquery",
        "plainto_tsquery",
        "phraseto_tsquery",
        "websearch_to_tsquery",
        "ts_headline",
    ),
    *("current_setting", "nextval"),  # a sequence has rights of its own
)
_WITHIN = "('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
_FUNCTIONS = f"""
select p.oid::regprocedure::text from pg_proc p
where p.pronamespace in {_WITHIN} and p.provolatile <> 'i' and p.prokind <> 'w'
  and p.proname <> all (array{list(STABLE_THAT_STAY)})
  and p.oid not in (select oprcode from pg_operator) and p.oid not in (select castfunc from pg_cast)
  and p.oid not in (select amproc from pg_amproc)
  and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype, 'internal'::regtype)
  and has_function_privilege(%s, p.oid, 'execute')
"""
_TABLES = f"""
select c.oid::regclass::text from pg_class c
where c.relnamespace in {_WITHIN} and c.relkind in ('r', 'v', 'm') and has_any_column_privilege(%s, c.oid, 'select')
"""
_LANGUAGES = (
    "select l.lanname from pg_language l where l.lanpltrusted and has_language_privilege(%s, l.oid, 'usage')"
)


def still_open(connection: Connection, role: str) -> list[str]:
    """What this role may still ask that tells about more than its rows, for a report."""
    found = []
    for what, query in (("function", _FUNCTIONS), ("table", _TABLES), ("language", _LANGUAGES)):
        names = connection.exec_driver_sql(query, (role,)).scalars()
        found += [f"{what} {name}" for name in names]
    return sorted(found)


def statements(owner: str) -> list[str]:
    """For a superuser, in the workspace's database; once, before or after the workspace is made. Running it again is fine."""
    who = quoted(owner)

    def each(query: str, what: str, right: str) -> str:
        listed = query.replace("%s", "'public'")
        return (
            f"do $$ declare each text; begin for each in {listed} loop"
            f" execute 'grant {right} on {what} ' || each || ' to {who}';"
            f" execute 'revoke {right} on {what} ' || each || ' from public'; end loop; end $$"
        )

    return [
        each(_TABLES, "table", "select"),
        each(_FUNCTIONS, "function", "execute"),
        each(_LANGUAGES, "language", "usage"),
        "revoke create on schema public from public",
    ]


def apply(connection: Any, owner: str) -> None:
    """Run the statements on a superuser's connection (psycopg's)."""
    for statement in statements(owner):
        connection.execute(statement)
