"""Looking whether a workspace's PostgreSQL is as it should be: tables, policies, roles, rights, references."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from strongroom.vault import migrate
from strongroom.vault.layout import Layout
from strongroom.vault.postgresql import hardening, policies
from strongroom.vault.postgresql.dialect import SCHEMA
from strongroom.vault.postgresql.roles import Roles


def faults(connection: Connection, layout: Layout, roles: Roles) -> Iterator[str]:
    """What breaks the guarantee, or the program; in words for an operator. Nothing when all is well."""
    if migrate.revision_of(connection) != migrate.newest(migrate.MIGRATIONS):
        yield "the tables are not those of this program: run `strongroom database migrate`"
    yield from _of_security(connection, layout)
    yield from _of_roles(connection, roles)
    yield from _of_rights(connection, layout, roles)


def advice(connection: Connection, roles: Roles) -> list[str]:
    """What the reader's role may still ask that tells about more than its rows; an administrator can take it away."""
    return hardening.still_open(connection, roles.reader)


def _of_security(connection: Connection, layout: Layout) -> Iterator[str]:
    forced = text(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = :schema and c.relrowsecurity and c.relforcerowsecurity"
    )
    present = set(connection.scalars(forced, {"schema": SCHEMA}))
    for table in (*layout.guarded, *layout.open_to_additions):
        if table.name not in present:
            yield f"row security of {table.name} is not forced"
    declared = text(
        "select tablename, policyname, permissive, roles from pg_policies where schemaname = :schema"
    )
    found = connection.execute(declared, {"schema": SCHEMA}).all()
    for row in found:
        if not row.policyname.startswith("vault_"):
            yield f"{row.tablename} has a policy that is not the vault's: {row.policyname}"
    for table in layout.marked:
        mine = {row.policyname: row.permissive for row in found if row.tablename == table.name}
        if mine.get("vault_readable") != "RESTRICTIVE":
            yield f"{table.name} lacks the policy that filters its rows"


def _of_roles(connection: Connection, roles: Roles) -> Iterator[str]:
    query = text(
        "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin from pg_roles where rolname = any(:names)"
    )
    rows = {row.rolname: row for row in connection.execute(query, {"names": list(roles.all)})}
    for name in roles.all:
        row = rows.get(name)
        if row is None or not row.rolcanlogin:
            yield f"the role {name} can't log in"
        elif row.rolsuper or row.rolbypassrls or row.rolcreaterole:
            yield f"the role {name} is past all policies"
    members = text(
        "select m.rolname, r.rolname from pg_auth_members a join pg_roles m on m.oid = a.member"
        " join pg_roles r on r.oid = a.roleid where m.rolname = any(:names)"
    )
    for member, role in connection.execute(members, {"names": list(roles.all)}):
        yield f"the role {member} is a member of {role}"


def _of_rights(connection: Connection, layout: Layout, roles: Roles) -> Iterator[str]:
    def may(kind: str, what: str, right: str, role: str) -> bool:
        query = text(f"select has_{kind}_privilege(:role, :what, :right)")
        return bool(connection.scalar(query, {"role": role, "what": what, "right": right}))

    for role in roles.all:
        if connection.scalar(
            text("select has_database_privilege(:r, current_database(), 'temp')"), {"r": role}
        ):
            yield f"the role {role} may make temporary tables"
        if may("schema", policies.GUARD, "usage", role):
            yield f"the role {role} may use the schema {policies.GUARD}"
        for schema in (SCHEMA, "public"):
            if may("schema", schema, "create", role):
                yield f"the role {role} may make things in the schema {schema}"
    for table in layout.guarded:
        name = f'{SCHEMA}."{table.name}"'
        if may("table", name, "insert", roles.reader) or may("table", name, "select", roles.registry):
            yield f"the rights on {table.name} are not the vault's"
    for table in (*layout.plain, *layout.system):
        name = f'{SCHEMA}."{table.name}"'
        if table not in layout.open_to_readers and may("table", name, "select", roles.reader):
            yield f"{table.name} is open to readers"
