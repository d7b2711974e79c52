"""Each way around the vault on PostgreSQL fails, and each would succeed without the defence that stands against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import attacks
import postgresql_attacks as ours
import pytest
from attacks import Attack, reads, writes
from postgresql_attacks import asks, succeeds
from sample_port import Port, filled
from sqlalchemy import Table

from databases import Postgresql, Sqlite
from strongroom.markings import Scheme
from strongroom.vault import Vault
from strongroom.vault.postgresql import connection, context, policies

pytestmark = pytest.mark.only("postgresql")

#: Changes the program before a workspace is made, and says what the cluster's administrator undoes in its database.
Weakening = Callable[[pytest.MonkeyPatch], str]


def patched(*changes: tuple[Any, str, Any], then: str = "") -> Weakening:
    def weaken(monkeypatch: pytest.MonkeyPatch) -> str:
        for where, name, value in changes:
            monkeypatch.setattr(where, name, value)
        return then

    return weaken


def granted(sql: str) -> Weakening:
    """Undo something of the database's own hardening."""
    return lambda _: sql


def both(*weakenings: Weakening) -> Weakening:
    return lambda monkeypatch: ";".join(filter(None, [weaken(monkeypatch) for weaken in weakenings]))


def nothing(*_: Any, **__: Any) -> Iterator[str]:
    return iter(())


def whole_rights(self: policies.Policies, table: Table, writer: str, at_level: str) -> Iterator[str]:
    """Rights on every column, and a level that is checked for new rows alone."""
    yield f"grant update on {policies._name(table)} to {writer}"
    yield from self._parents_visible(table, writer)


def unchecked_setting() -> str:
    """Functions that believe whatever was set."""
    return policies._SAID.replace(
        "encode(sha256(outer_key || sha256(inner_key || said)), 'hex') is distinct from part[5]", "false"
    )


without_filter = patched(
    (policies.Policies, "_visible", lambda *_: "true"), (policies.Policies, "_shown", lambda *_: "true")
)
without_level_check = patched((policies.Policies, "_at_level", lambda _: "true"))
without_level_of_links = patched(
    (policies.Policies, "_linked_at_level", lambda *_: "true"),
    (policies.Policies, "_delete_at_level", nothing),
)
without_parent_check = patched((policies.Policies, "_parents_visible", nothing))
without_column_rights = patched(
    (policies.Policies, "_written", whole_rights), (policies.Policies, "_at_level", lambda _: "true")
)
without_delete_trigger = patched((policies.Policies, "_delete_at_level", nothing))
without_delete_rights = patched(
    (policies.Policies, "_deletable", lambda *_: True), (policies.Policies, "_delete_at_level", nothing)
)
without_append_only = patched((policies.Policies, "_changeable", lambda *_: True))
without_signature = patched((policies, "_SAID", unchecked_setting()))
without_binding = patched(
    (
        policies,
        "_SAID",
        policies._SAID.replace("part[1] <> pg_backend_pid()::text", "false").replace(
            f"part[2] <> {context.MOMENT}::text", "false"
        ),
    )
)
without_looking_again = patched(
    (policies, "_SAID", policies._SAID.replace(f"part[2] <> {context.MOMENT}::text", "false"))
)
without_verb_check = patched((connection, "check_verb", lambda _: None))
everybody_sees = granted("grant select on all tables in schema pg_catalog to public")
everybody_calls = granted("grant execute on all functions in schema pg_catalog to public")


def without_the_extended_protocol(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delattr(connection.GuardedCursor, "_execute_send")
    return ""


def without_shut_copy(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delattr(connection.GuardedCursor, "copy")
    return ""


def without_a_clean_beginning(monkeypatch: pytest.MonkeyPatch) -> str:
    armed = connection.PostgresConnection.arm

    def arm(self: Any, *args: Any, **kwargs: Any) -> None:
        armed(self, *args, **kwargs)
        self._opening = self._opening.replace(b"reset all; ", b"")

    monkeypatch.setattr(connection.PostgresConnection, "arm", arm)
    return "grant execute on function pg_catalog.set_config(text, text, boolean) to public"


def a_context_that_lasts(monkeypatch: pytest.MonkeyPatch) -> str:
    """Set for the session, not for the transaction, and bound to no transaction."""
    without_binding(monkeypatch)
    made = policies.functions
    monkeypatch.setattr(
        policies, "functions", lambda: (each.replace("sight, true)", "sight, false)") for each in made())
    )
    monkeypatch.setattr(connection.PostgresConnection, "end", lambda self: self.commit())
    return without_a_clean_beginning(monkeypatch)


@dataclass(frozen=True)
class Defended:
    attack: Attack
    without: Weakening


DEFENDED = {
    "select hidden objects": Defended(attacks.selects_hidden_objects, without_filter),
    "get a hidden object by its id": Defended(attacks.gets_a_hidden_object_by_its_id, without_filter),
    "count hidden rows": Defended(attacks.counts_hidden_rows, without_filter),
    "count hidden associations": Defended(attacks.counts_hidden_associations, without_filter),
    "walk to hidden rows": Defended(attacks.walks_to_hidden_rows, without_filter),
    "read hidden markings": Defended(attacks.reads_hidden_markings, without_filter),
    "raw SQL": Defended(reads("select secret from strongroom.item"), without_filter),
    "refresh what privileged code loaded": Defended(
        attacks.refreshes_an_object_that_privileged_code_loaded, without_filter
    ),
    "update returning": Defended(
        writes("update note set body = body returning body"), both(without_filter, without_level_check)
    ),
    "notice a row by the count of an update": Defended(
        attacks.notices_a_hidden_row_by_the_count_of_an_update, both(without_filter, without_level_check)
    ),
    "flush a hidden object": Defended(
        attacks.flushes_a_hidden_object_changed_in_memory, both(without_filter, without_level_check)
    ),
    "change hidden rows in bulk": Defended(
        attacks.changes_hidden_rows_in_bulk, both(without_filter, without_level_check, without_level_of_links)
    ),
    "upsert onto a hidden row": Defended(
        writes(
            "insert into tag (id, marking_id, name) values ('x', :high_id, 'HIGH TAG') "
            "on conflict (marking_id, name) do update set name = 'HIGH' returning name"
        ),
        both(without_filter, without_level_check),
    ),
    "refer to a hidden row": Defended(attacks.refers_to_a_hidden_row, without_parent_check),
    "derive low from high": Defended(attacks.derives_low_from_high, without_parent_check),
    "move a row under a hidden parent": Defended(
        ours.moves_a_row_under_a_hidden_parent, without_parent_check
    ),
    "associate with a hidden row": Defended(attacks.associates_with_a_hidden_row, without_parent_check),
    "write down": Defended(attacks.writes_down, without_level_check),
    "signal by changing a low row": Defended(
        attacks.signals_by_changing_a_low_row_from_high, without_level_check
    ),
    "signal by an association": Defended(
        attacks.signals_by_an_association_of_low_rows_from_high, without_level_of_links
    ),
    "take a low row up": Defended(ours.takes_a_low_row_up, without_column_rights),
    "lower a marking": Defended(attacks.lowers_a_marking, without_column_rights),
    "change an id": Defended(ours.changes_an_id, without_column_rights),
    "delete a low row from high": Defended(ours.deletes_a_low_row_from_high, without_delete_trigger),
    "delete to learn of dependents": Defended(
        attacks.deletes_a_row_to_learn_of_hidden_dependents, without_delete_rights
    ),
    "rewrite the audit log": Defended(
        attacks.rewrites_the_audit_log, both(without_append_only, without_delete_trigger)
    ),
    "sign a context oneself": Defended(ours.forges_a_context, without_signature),
    "replay a context": Defended(ours.replays_a_context, without_looking_again),
    "use a pooled connection": Defended(ours.uses_a_pooled_connection_without_a_reader, a_context_that_lasts),
    "keep a setting for the next reader": Defended(
        ours.keeps_a_setting_for_the_next_reader, without_a_clean_beginning
    ),
    "explain": Defended(ours.explains, without_verb_check),
    "explain behind a nested comment": Defended(ours.hides_a_verb_in_a_nested_comment, without_verb_check),
    "several statements in one": Defended(ours.says_two_statements_in_one, without_the_extended_protocol),
    "commit half an act": Defended(ours.commits_half_an_act, without_verb_check),
    "copy": Defended(ours.copies_out, without_shut_copy),
    "estimates in the catalogue": Defended(
        asks("select 'reltuples', reltuples from pg_class", "reltuples"), everybody_sees
    ),
    "other people's statements": Defended(
        asks("select 'pid', pid from pg_stat_activity", "pid'"), both(everybody_sees, everybody_calls)
    ),
    "counts of rows written": Defended(
        asks("select 'ins', n_tup_ins from pg_stat_user_tables", "ins'"),
        both(everybody_sees, everybody_calls),
    ),
    "the size of a table": Defended(
        asks("select 'size', pg_relation_size('strongroom.item')", "size'"), everybody_calls
    ),
    "numbers of transactions": Defended(asks("select 'xid', pg_current_xact_id()", "xid'"), everybody_calls),
    "a large object": Defended(succeeds("select lo_create(0)"), everybody_calls),
    "a lock for everybody": Defended(succeeds("select pg_advisory_xact_lock(1)"), everybody_calls),
    "a function of one's own": Defended(
        succeeds("do $$ begin perform 1; end $$"), granted("grant usage on language plpgsql to public")
    ),
    "a temporary table in front": Defended(
        succeeds("create temporary table item (secret text)"),
        granted(
            "do $$ begin execute 'grant temporary on database ' || current_database() || ' to public'; end $$"
        ),
    ),
    "a table in the public schema": Defended(
        succeeds("create table public.item (secret text)"), granted("grant create on schema public to public")
    ),
}


@pytest.mark.parametrize("name", DEFENDED)
def test_the_attack_fails(name: str, port: Port) -> None:
    assert not DEFENDED[name].attack(port)


@pytest.mark.parametrize("name", DEFENDED)
def test_the_attack_succeeds_without_the_defence(
    name: str, tmp_path: Path, scheme: Scheme, databases: Sqlite, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(databases, Postgresql)
    undo = DEFENDED[name].without(monkeypatch)
    weak = filled(tmp_path / "weak", scheme, Vault, databases)
    with weak.vault:
        if undo:
            databases.execute_in(tmp_path / "weak", undo)
        assert DEFENDED[name].attack(weak)
    databases.forget(tmp_path / "weak")


# What no weakening is tried for: the server itself refuses, whatever the program does.


@pytest.mark.parametrize(
    "sql",
    [
        "select ctid from item",
        "select xmin from item",
        "select tableoid from note",
        "select hash from password",
        "select * from strongroom_vault.key",
        "select * from strongroom_vault.workspace",
        "select strongroom_vault.readable()",
        "set role strongroom_owner",
        "set session authorization strongroom_owner",
        "alter table item disable row level security",
        "drop policy vault_readable on item",
        "create policy mine on item using (true)",
        "truncate item",
        "create view v as select * from item",
        "create function f() returns int language sql as 'select 1'",
        "create extension dblink",
        "copy item from stdin",
        "copy item to program 'cat'",
        "select pg_read_file('/etc/passwd')",
        "lock table item in access exclusive mode",
        "alter role current_user bypassrls",
        "select pg_notify('a', 'b')",
        "select lo_import('/etc/passwd')",
    ],
)
@pytest.mark.parametrize("kind", ["reader", "writer", "registry"])
def test_a_role_may_not(port: Port, kind: str, sql: str) -> None:
    if (kind, sql) != ("registry", "select hash from password"):
        assert not succeeds(sql, kind)(port)


@pytest.mark.parametrize(
    "attack",
    [
        ours.reads_without_a_context,
        ours.sets_the_context_by_a_function,
        ours.looks_after_an_error,
        ours.finds_a_value_in_an_error,
        ours.leaks_through_an_operator_of_the_callers,
        ours.readers_meet_in_threads,
        attacks.writes_in_a_reading_session,
        attacks.adds_to_the_program_in_a_reading_session,
    ],
)
def test_nothing_comes_of(attack: Attack, port: Port) -> None:
    assert not attack(port)


def test_row_security_cannot_be_turned_off(port: Port) -> None:
    told = ours.told(port, "reader", "select 1")
    assert told == "[(1,)]"
    with pytest.raises(Exception, match="row-level security"):
        ours.as_role(
            port, "reader", lambda c: (c.execute("set row_security = off"), c.execute("select id from item"))
        )
