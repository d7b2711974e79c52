"""What guards the tables: grants, row-level security, triggers and the functions they ask, made from the layout.

Each table is said once, by what kind it is, and the statements follow; a fingerprint of all of them lies beside them, so
that opening a workspace changes nothing when they fit. The rules are those of `strongroom.vault.shadow`:

* what shows is decided by `readable()`, which believes a signed context alone, once a statement and not once a row;
* a row is written at the level of the session, and id and marking can't be changed at all (no right on those columns);
* what it refers to shows in the session: foreign keys are checked by the engine past all policies, so the policies of an
  insert and a trigger of an update look again, and answer alike for hidden and absent;
* what others may refer to isn't deleted (no right), what is for good isn't changed (no right).
"""

# ruff: noqa: S608 - statements are made of names from the metadata, quoted

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, ForeignKey, Table, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from strongroom.vault.database import UnusableDatabaseError
from strongroom.vault.layout import AUDIT, Layout, LayoutError
from strongroom.vault.postgresql.context import MOMENT, SETTING, Signer
from strongroom.vault.postgresql.dialect import SCHEMA
from strongroom.vault.postgresql.refusals import NO_PARENT, OFF_LEVEL, PARENTS
from strongroom.vault.postgresql.roles import Roles
from strongroom.vault.proxies import quoted, quoted_list
from strongroom.vault.shadow import NOT_AT_LEVEL

#: Where the vault's own functions and its key lie: the roles of readers and writers have no access to this schema.
GUARD = "strongroom_vault"
#: The number of the lock that whoever writes holds.
TURN = 8_390_882_437
OWNERS = "vault_owner"
_READABLE = f"any ((select {GUARD}.readable())::int[])"
_CLAIMED = f"any ((select {GUARD}.claimed())::int[])"
_TABLE = re.compile(rf'{SCHEMA}\."(\w+)"')
_LEVEL = f"(select {GUARD}.level())"
# The function is its owner's, so it sees the key; its names are fixed, so nobody can slip in another one.
_AS_OWNER = "security definer set search_path = pg_catalog, pg_temp"
_SAID = f"""
declare
  part text[] := string_to_array(current_setting('{SETTING}', true), '|');
  said bytea;
  inner_key bytea;
  outer_key bytea;
begin
  if part is null or array_length(part, 1) <> 5 or part[1] <> pg_backend_pid()::text or part[2] <> {MOMENT}::text then
    return null;
  end if;
  said := convert_to(part[1] || '|' || part[2] || '|' || part[3] || '|' || part[4], 'UTF8');
  select k.inside, k.outside into inner_key, outer_key from {GUARD}.key k;
  if encode(sha256(outer_key || sha256(inner_key || said)), 'hex') is distinct from part[5] then
    return null;
  end if;
  return {{answer}};
end
"""


def functions() -> Iterator[str]:
    """In the order in which they need each other."""

    def function(name: str, returns: str, how: str, body: str, language: str = "plpgsql") -> str:
        return f"create or replace function {name} returns {returns} language {language} {how} as $body${body}$body$"

    stable = f"stable parallel restricted {_AS_OWNER}"
    yield function(
        f"{GUARD}.readable()", "int[]", stable, _SAID.format(answer="string_to_array(part[3], ',')::int[]")
    )
    yield function(f"{GUARD}.level()", "int", stable, _SAID.format(answer="nullif(part[4], '')::int"))
    yield function(
        f"{GUARD}.claimed()",
        "int[]",
        "stable parallel restricted",
        f"select string_to_array(nullif(split_part(current_setting('{SETTING}', true), '|', 3), ''), ',')::int[]",
        "sql",
    )
    yield function(
        f"{SCHEMA}.vault_look(sight text)",
        "void",
        f"volatile {_AS_OWNER}",
        f"begin perform set_config('{SETTING}', sight, true); end",
    )
    yield function(
        f"{SCHEMA}.vault_turn()",
        "void",
        f"volatile {_AS_OWNER}",
        f"begin perform pg_advisory_xact_lock({TURN}); end",
    )
    refused = f"raise exception using errcode = '{OFF_LEVEL}', message = '{NOT_AT_LEVEL}'"
    yield function(
        f"{GUARD}.deleted_at_level()",
        "trigger",
        _AS_OWNER,
        f"begin if old.marking_id is distinct from {GUARD}.level() then {refused}; end if; return old; end",
    )
    yield function(
        f"{GUARD}.unlinked_at_level()",
        "trigger",
        _AS_OWNER,
        f"""
declare
  at_level boolean;
begin
  for i in 0 .. tg_nargs / 2 - 1 loop
    execute format('select exists (select 1 from {SCHEMA}.%I e where e.id = $1 and e.marking_id = $2)', tg_argv[2 * i + 1])
      into at_level using to_jsonb(old) ->> tg_argv[2 * i], {GUARD}.level();
    if at_level then return old; end if;
  end loop;
  {refused};
end
""",
    )
    # As the one who writes: what the policies hide from them is absent here.
    yield function(
        f"{GUARD}.parent_shows()",
        "trigger",
        "security invoker set search_path = pg_catalog, pg_temp",
        f"""
declare
  shows boolean;
begin
  execute format('select exists (select 1 from {SCHEMA}.%I p where p.%I = $1)', tg_argv[1], tg_argv[2])
    into shows using to_jsonb(new) ->> tg_argv[0];
  if not shows then raise exception using errcode = '{NO_PARENT}', message = 'no such parent'; end if;
  return new;
end
""",
    )


@dataclass(frozen=True)
class Policies:
    """The statements that guard the tables of a layout. Each defence is a method of its own."""

    layout: Layout
    roles: Roles

    def statements(self) -> Iterator[str]:
        reader, writer, registry = map(quoted, self.roles.all)
        everybody = f"{reader}, {writer}, {registry}"
        yield f"revoke all on schema {SCHEMA}, {GUARD} from public"
        yield f"revoke all on all tables in schema {SCHEMA}, {GUARD} from public, {everybody}"
        yield f"revoke all on all sequences in schema {SCHEMA} from public, {everybody}"
        yield f"grant usage on schema {SCHEMA} to {everybody}"
        yield from functions()
        yield f"revoke all on all functions in schema {SCHEMA}, {GUARD} from public, {everybody}"
        asked = ", ".join(f"{GUARD}.{name}()" for name in ("readable", "claimed", "level"))
        yield f"grant execute on function {asked} to {everybody}"
        yield f"grant execute on function {SCHEMA}.vault_look(text) to {everybody}"
        yield f"grant execute on function {SCHEMA}.vault_turn() to {writer}, {registry}"
        yield from self._interned(f"{reader}, {writer}")
        for table in self.layout.marked:
            yield from self._marked(table, reader, writer)
        for table in self.layout.through:
            yield from self._through(table, reader, writer)
        for table in self.layout.open_to_readers:
            yield f"grant select on {_name(table)} to {reader}, {writer}"
        for table in self.layout.plain:
            yield f"grant select, insert, update, delete on {_name(table)} to {registry}"
            for column in table.columns:
                if column is table.autoincrement_column:
                    yield f"grant usage on sequence {SCHEMA}.{quoted(f'{table.name}_{column.name}_seq')} to {registry}"
        for table in self.layout.open_to_additions:
            yield from self._outbox(table, writer, registry)
        yield from self._audit(registry)

    def _interned(self, who: str) -> Iterator[str]:
        table = self.layout.interned
        yield from self._forced(table)
        yield f"grant select ({_columns(table)}) on {_name(table)} to {who}"
        yield _policy(table, "vault_claimed", "select", who, using=_by_row(self._visible("id", _CLAIMED)))
        yield _policy(
            table, "vault_readable", "select", who, using=self._visible("id", _READABLE), restrictive=True
        )

    def _marked(self, table: Table, reader: str, writer: str) -> Iterator[str]:
        both = f"{reader}, {writer}"
        yield from self._forced(table)
        yield f"grant select ({_columns(table)}) on {_name(table)} to {both}"
        yield _policy(
            table, "vault_claimed", "all", both, using=_by_row(self._visible("marking_id", _CLAIMED))
        )
        yield _policy(
            table,
            "vault_readable",
            "all",
            both,
            using=self._visible("marking_id", _READABLE),
            check="true",
            restrictive=True,
        )
        yield f"grant insert on {_name(table)} to {writer}"
        yield from self._written(table, writer, self._at_level())
        if self._changeable(table):
            yield f"grant update ({_columns(table, without=('id', 'marking_id'))}) on {_name(table)} to {writer}"
        if self._deletable(table):
            yield f"grant delete on {_name(table)} to {writer}"
            yield from self._delete_at_level(table)

    def _through(self, table: Table, reader: str, writer: str) -> Iterator[str]:
        both = f"{reader}, {writer}"
        ends = table.info["through"].items()
        shown = " and ".join(_exists(table, column, end) for column, end in ends)
        at_level = " or ".join(
            _exists(table, column, end, f"and p.marking_id = {_LEVEL}") for column, end in ends
        )
        yield from self._forced(table)
        yield f"grant select ({_columns(table)}) on {_name(table)} to {both}"
        yield _policy(table, "vault_ends", "all", both, using=self._shown(shown), check="true")
        yield f"grant insert, delete on {_name(table)} to {writer}"
        yield from self._written(table, writer, self._linked_at_level(at_level))
        fixed = tuple(c.name for c in table.primary_key) + tuple(table.info["through"])
        if rest := _columns(table, without=fixed):
            yield f"grant update ({rest}) on {_name(table)} to {writer}"
        yield from self._delete_at_level(table)

    def _outbox(self, table: Table, writer: str, registry: str) -> Iterator[str]:
        yield from self._forced(table)
        yield f"grant insert on {_name(table)} to {writer}"
        yield _policy(table, "vault_registry", "all", registry, using="true")
        yield _policy(table, "vault_level", "insert", writer, check=f"{_LEVEL} is not null")

    def _audit(self, registry: str) -> Iterator[str]:
        table = self.layout.metadata.tables[AUDIT]
        yield f"grant insert on {_name(table)} to {registry}"
        yield _policy(table, "vault_registry", "insert", registry, check=self._at_level())

    def _forced(self, table: Table) -> Iterator[str]:
        yield f"alter table {_name(table)} enable row level security, force row level security"
        yield _policy(table, OWNERS, "all", quoted(self.roles.owner), using="true")

    def _visible(self, column: str, among: str) -> str:
        return f"{column} = {among}"

    def _shown(self, condition: str) -> str:
        return condition

    def _at_level(self) -> str:
        return f"marking_id = {_LEVEL}"

    def _linked_at_level(self, condition: str) -> str:
        return condition

    def _written(self, table: Table, writer: str, at_level: str) -> Iterator[str]:
        """Restrictive policies are asked in the order of their names: the level first, as on SQLite."""
        yield _policy(table, "vault_level_of_new", "insert", writer, check=at_level, restrictive=True)
        yield _policy(
            table, "vault_level_of_changed", "update", writer, using="true", check=at_level, restrictive=True
        )
        yield from self._parents_visible(table, writer)

    def _parents_visible(self, table: Table, writer: str) -> Iterator[str]:
        parents = sorted(_guarded_parents(table), key=lambda fk: fk.parent.name)
        if not parents:
            return
        shown = " and ".join(
            f"({quoted(fk.parent.name)} is null or "
            f"{_exists(table, fk.parent.name, fk.column.table.name, key=fk.column.name)})"
            for fk in parents
        )
        yield _policy(table, PARENTS, "insert", writer, check=shown, restrictive=True)
        for fk in parents:
            column = quoted(fk.parent.name)
            yield (
                f"create trigger {quoted(f'vault_parent_{fk.parent.name}'[:60])} before update of {column} on {_name(table)}"
                f" for each row when (new.{column} is distinct from old.{column} and new.{column} is not null"
                f" and current_user = '{self.roles.writer}') execute function"
                f" {GUARD}.parent_shows('{fk.parent.name}', '{fk.column.table.name}', '{fk.column.name}')"
            )

    def _delete_at_level(self, table: Table) -> Iterator[str]:
        if table.info.get("marked"):
            call = f"{GUARD}.deleted_at_level()"
        else:
            ends = ", ".join(f"'{column}', '{end}'" for column, end in table.info["through"].items())
            call = f"{GUARD}.unlinked_at_level({ends})"
        yield (
            f"create trigger vault_delete before delete on {_name(table)} for each row"
            f" when (current_user = '{self.roles.writer}') execute function {call}"
        )

    def _changeable(self, table: Table) -> bool:
        return not table.info.get("append_only")

    def _deletable(self, table: Table) -> bool:
        return self._changeable(table) and table.name not in self.layout.referred_to


def install(connection: Connection, layout: Layout, roles: Roles, signer: Signer) -> bool:
    """Make the guard fit the tables. Says whether anything had to change. The caller holds the turn to write.

    UnusableDatabaseError, with what an operator has to run, when the role may not make roles.
    """
    statements = list(Policies(layout, roles).statements())
    kept = [*statements, *roles.statements(frozenset()), signer.padded()[0].hex()]
    fingerprint = hashlib.sha256("\n".join(kept).encode()).hexdigest()
    if _present(connection) == fingerprint:
        return False
    _own_tables(connection, roles, signer)
    _make_roles(connection, roles)
    drop(connection, but_the_owners=False)
    for statement in statements:
        try:
            connection.exec_driver_sql(statement.replace("%", "%%"))
        except ProgrammingError as error:
            table = _TABLE.search(statement)
            raise LayoutError(
                f"{table[1] if table else 'a table'} isn't stored as declared ({error.orig}): write a migration"
            ) from error
    _shut_the_database(connection, roles)
    connection.execute(text(f"update {GUARD}.workspace set fingerprint = :f"), {"f": fingerprint})
    return True


def drop(connection: Connection, *, but_the_owners: bool = True) -> None:
    """Before a migration: a column that a policy or trigger names can't be changed. The owner still has to see rows."""
    named = text(
        "select 'policy', policyname, tablename from pg_policies where schemaname = :schema and policyname like 'vault%'"
        " union all select 'trigger', tgname, relname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
        " join pg_namespace n on n.oid = c.relnamespace where n.nspname = :schema and tgname like 'vault%'"
    )
    for kind, name, table in connection.execute(named, {"schema": SCHEMA}).all():
        if name == OWNERS and but_the_owners:
            continue
        connection.exec_driver_sql(f"drop {kind} {quoted(name)} on {SCHEMA}.{quoted(table)}")
    if _present(connection):
        connection.exec_driver_sql(f"update {GUARD}.workspace set fingerprint = ''")


def _present(connection: Connection) -> str | None:
    if connection.scalar(text(f"select to_regclass('{GUARD}.workspace')")) is None:
        return None
    fingerprint: str | None = connection.scalar(text(f"select fingerprint from {GUARD}.workspace"))
    # A database that was made from another one as a template has its tables, but not what is set on the database itself.
    open_to_all = "has_database_privilege('public', current_database(), 'temp')"
    return None if connection.scalar(text(f"select {open_to_all}")) else fingerprint


def _own_tables(connection: Connection, roles: Roles, signer: Signer) -> None:
    connection.exec_driver_sql(
        f"create table if not exists {GUARD}.workspace (id text primary key, fingerprint text not null)"
    )
    connection.exec_driver_sql(
        f"create table if not exists {GUARD}.key (inside bytea not null, outside bytea not null)"
    )
    connection.execute(
        text(f"insert into {GUARD}.workspace values (:id, '') on conflict do nothing"),
        {"id": roles.workspace_id},
    )
    connection.exec_driver_sql(f"delete from {GUARD}.key")
    inside, outside = signer.padded()
    connection.execute(text(f"insert into {GUARD}.key values (:i, :o)"), {"i": inside, "o": outside})


def _make_roles(connection: Connection, roles: Roles) -> None:
    known = text("select rolname from pg_roles where rolname = any(:names)")
    present = frozenset(connection.scalars(known, {"names": list(roles.all)}))
    try:
        with connection.begin_nested():
            for statement in roles.statements(present):
                connection.exec_driver_sql(statement)
    except DBAPIError as error:
        if present == frozenset(roles.all):
            return  # an operator made them; whether they can be used shows when they log in
        raise UnusableDatabaseError(
            "The role of the address may not make roles.",
            kept="Nothing was changed.",
            remedy="Have somebody who may run what `strongroom database roles` prints, and try again.",
        ) from error


def _shut_the_database(connection: Connection, roles: Roles) -> None:
    """Nobody makes temporary tables, and nobody else logs in. Says nothing when this role may not decide it: `check` does."""
    (name,) = connection.execute(text("select current_database()")).one()
    connection.exec_driver_sql(f"revoke all on database {quoted(name)} from public")
    connection.exec_driver_sql(
        f"grant connect on database {quoted(name)} to {', '.join(map(quoted, roles.all))}"
    )


def _policy(
    table: Table,
    name: str,
    command: str,
    who: str,
    *,
    using: str | None = None,
    check: str | None = None,
    restrictive: bool = False,
) -> str:
    clauses = [f"using ({using})"] if using is not None else []
    clauses += [f"with check ({check})"] if check is not None else []
    kind = "restrictive" if restrictive else "permissive"
    return f"create policy {name} on {_name(table)} as {kind} for {command} to {who} {' '.join(clauses)}"


def _by_row(condition: str) -> str:
    """For no index to be searched by it: else it is searched for each claimed marking times each readable one."""
    return f"({condition}) is true"


def _exists(table: Table, column: str, parent: str, more: str = "", key: str = "id") -> str:
    return (
        f"exists (select 1 from {SCHEMA}.{quoted(parent)} p"
        f" where p.{quoted(key)} = {quoted(table.name)}.{quoted(column)} {more})"
    )


def _name(table: Table) -> str:
    return f"{SCHEMA}.{quoted(table.name)}"


def _columns(table: Table, without: tuple[str, ...] = ()) -> str:
    return quoted_list([c.name for c in table.columns if c.name not in without])


def _guarded_parents(table: Table) -> set[ForeignKey]:
    return {fk for fk in table.foreign_keys if fk.column.table.info.get("marked")}
