"""Each way around the vault fails, and each would succeed without the defence that stands against it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import attacks
import pytest
from attacks import Attack, reads, succeeds, writes
from sample_port import Port, filled
from sample_rooms import Room
from sqlalchemy import Table

from strongroom.markings import Scheme
from strongroom.vault import Vault, authorizer, engines, guard, shadow
from strongroom.vault.layout import Layout

Weakening = Callable[[pytest.MonkeyPatch], type[Vault]]


class Unfiltered(shadow.Shadow):
    def _visible(self, table: Table) -> str:
        return f"typeof(t.{table.columns.keys()[0]}) <> 'blob'"


class Unsealed(shadow.Shadow):
    def _sealed(self, table: Table) -> frozenset[str]:
        return frozenset()


class Unauthorized(shadow.Shadow):
    def _authorizer(self, rules: Any) -> None:
        return None


class WithoutParentCheck(shadow.Shadow):
    def _parents_visible(self, *_: Any, **__: Any) -> Iterator[str]:
        return iter(())


class WithoutKeyCheck(shadow.Shadow):
    def _keys_free(self, *_: Any) -> Iterator[str]:
        return iter(())

    def _still_unique(self, *_: Any) -> Iterator[str]:
        return iter(())


class WithoutLevelCheck(shadow.Shadow):
    def _at_level(self, *_: Any) -> str:
        return "select vault_row(null)"

    def _marking_kept(self, *_: Any) -> Iterator[str]:
        return iter(())


class WithoutDeleteCheck(shadow.Shadow):
    def _deletable(self, *_: Any) -> Iterator[str]:
        return iter(())


class UnfilteredWithoutLevelCheck(Unfiltered, WithoutLevelCheck):
    pass


def armed_with(kind: type[shadow.Shadow]) -> Weakening:
    """A vault whose connections are armed without one of the defences."""

    def weaken(_: pytest.MonkeyPatch) -> type[Vault]:
        class WeakenedVault(Vault):
            @classmethod
            def _shadow(cls, layout: Layout) -> shadow.Shadow:
                return kind(layout)

        return WeakenedVault

    return weaken


def patched(*changes: tuple[Any, str, Any]) -> Weakening:
    def weaken(monkeypatch: pytest.MonkeyPatch) -> type[Vault]:
        for where, name, value in changes:
            monkeypatch.setattr(where, name, value)
        return Vault

    return weaken


def both(*weakenings: Weakening) -> Weakening:
    def weaken(monkeypatch: pytest.MonkeyPatch) -> type[Vault]:
        return [weakening(monkeypatch) for weakening in weakenings][-1]

    return weaken


without_filter = armed_with(Unfiltered)
without_authorizer = armed_with(Unauthorized)
without_seal = armed_with(Unsealed)
without_parent_check = armed_with(WithoutParentCheck)
without_key_check = armed_with(WithoutKeyCheck)
without_level_check = armed_with(WithoutLevelCheck)
without_delete_check = armed_with(WithoutDeleteCheck)
without_verb_check = patched((guard, "check_verb", lambda _: None))
without_random_names = patched((shadow.secrets, "token_hex", lambda _: "0000"))
without_looking_away = patched((engines, "_look_away", lambda *_: None))
without_shut_doors = patched(
    (guard.GuardedConnection, "blobopen", guard.sqlite3.Connection.blobopen),
)
without_function_list = patched((authorizer, "FUNCTIONS", authorizer.FUNCTIONS | {"abs", "vault_readable"}))


def without_marking_first(_: pytest.MonkeyPatch) -> type[Vault]:
    """Indexes that `layout.check` would refuse."""

    class WeakenedVault(Vault):
        @classmethod
        def create(cls, *args: Any, **kwargs: Any) -> Self:
            vault = super().create(*args, **kwargs)
            with vault._system.writing() as connection:
                connection.exec_driver_sql("create index by_state on item (state)")
                connection.exec_driver_sql("create index by_secret on item (secret)")
            return vault

    return WeakenedVault


def without_append_only(monkeypatch: pytest.MonkeyPatch) -> type[Vault]:
    monkeypatch.setitem(Room.metadata.tables["audit_entry"].info, "append_only", False)
    return Vault


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
    "raw SQL on the plain name": Defended(reads("select secret from item"), without_filter),
    "refresh what privileged code loaded": Defended(
        attacks.refreshes_an_object_that_privileged_code_loaded, without_filter
    ),
    "update returning": Defended(
        writes("update note set body = body returning body"), armed_with(UnfilteredWithoutLevelCheck)
    ),
    "notice a row by the count of an update": Defended(
        attacks.notices_a_hidden_row_by_the_count_of_an_update, without_filter
    ),
    "flush a hidden object": Defended(
        attacks.flushes_a_hidden_object_changed_in_memory, armed_with(UnfilteredWithoutLevelCheck)
    ),
    "change hidden rows in bulk": Defended(
        attacks.changes_hidden_rows_in_bulk, armed_with(UnfilteredWithoutLevelCheck)
    ),
    "read the base table": Defended(reads("select secret from main.item"), without_authorizer),
    "count the base table": Defended(reads("select count(*) from main.item", "(2,)"), without_authorizer),
    "count ids of the base table": Defended(
        reads("select count(id) from main.item", "(2,)"), without_authorizer
    ),
    "insert from the base table": Defended(
        writes("insert into main.tag select 'x' || id, 1, secret from main.item returning name"),
        without_authorizer,
    ),
    "copy a secret in an update": Defended(
        writes(
            "update main.item set title = (select min(secret) from main.item) where id = :low_item returning title"
        ),
        without_authorizer,
    ),
    "upsert onto a hidden row": Defended(
        writes(
            "insert into main.tag (id, marking_id, name) select id, 1, 'x' from main.tag where true "
            "on conflict (id) do update set name = name returning name"
        ),
        without_authorizer,
    ),
    "read a proxy view": Defended(
        lambda port: reads(f'select secret from "{proxy_of(port)}"')(port), without_authorizer
    ),
    "read the catalogue": Defended(reads("select sql from sqlite_master", "CREATE"), without_authorizer),
    "read the temporary catalogue": Defended(
        reads("select sql from sqlite_temp_master", "CREATE"), without_authorizer
    ),
    "read the catalogue by a function": Defended(
        reads("select name from pragma_table_info('password')", "hash"), without_authorizer
    ),
    "count pages": Defended(reads("select pageno from dbstat limit 1", "(1,)"), without_authorizer),
    "read another reader's statements": Defended(
        reads("select sql from sqlite_stmt", "select"), without_authorizer
    ),
    "pragma": Defended(succeeds("pragma table_info(item)"), both(without_verb_check, without_authorizer)),
    "attach": Defended(
        succeeds("attach ':memory:' as z", reading=True), both(without_verb_check, without_authorizer)
    ),
    "make a view": Defended(
        succeeds("create temp view z as select * from main.item"),
        both(without_verb_check, without_authorizer),
    ),
    "make a trigger": Defended(
        succeeds("create temp trigger z after update on main.item begin select 1; end"),
        both(without_verb_check, without_authorizer),
    ),
    "drop the shadow": Defended(
        succeeds("drop view temp.item"), both(without_verb_check, without_authorizer)
    ),
    "analyze": Defended(succeeds("analyze"), both(without_verb_check, without_authorizer)),
    "change a plain table": Defended(
        writes("update harbour set name = 'HIGH' returning name"), without_authorizer
    ),
    "read a private table": Defended(reads("select count(*) from password", "(0,)"), without_authorizer),
    "explain": Defended(attacks.explains_how_the_guard_is_built, without_verb_check),
    "commit half an act": Defended(attacks.commits_half_an_act, without_verb_check),
    "forge the name of a view": Defended(attacks.forges_the_name_of_an_inner_view, without_random_names),
    "use a pooled connection": Defended(
        attacks.uses_a_pooled_connection_without_a_reader, without_looking_away
    ),
    "Python's side doors": Defended(attacks.opens_the_python_side_doors, without_shut_doors),
    "ask for the readable markings": Defended(reads("select vault_readable()", "["), without_function_list),
    "overflow on a hidden row": Defended(attacks.overflows_on_a_hidden_row, without_function_list),
    "malformed JSON of a hidden row": Defended(attacks.meets_malformed_json_of_a_hidden_row, without_seal),
    "a hidden text that is no JSON": Defended(
        attacks.meets_a_hidden_text_that_is_no_json, without_marking_first
    ),
    "refer to a hidden row": Defended(attacks.refers_to_a_hidden_row, without_parent_check),
    "derive low from high": Defended(attacks.derives_low_from_high, without_parent_check),
    "move a row under a hidden parent": Defended(
        attacks.moves_a_row_under_a_hidden_parent, without_parent_check
    ),
    "associate with a hidden row": Defended(attacks.associates_with_a_hidden_row, without_parent_check),
    "write down": Defended(attacks.writes_down, without_level_check),
    "signal by changing a low row": Defended(
        attacks.signals_by_changing_a_low_row_from_high, without_level_check
    ),
    "signal by an association": Defended(
        attacks.signals_by_an_association_of_low_rows_from_high, without_level_check
    ),
    "write in a reading session": Defended(attacks.writes_in_a_reading_session, without_level_check),
    "order in a reading session": Defended(
        attacks.adds_to_the_program_in_a_reading_session, without_level_check
    ),
    "delete to learn of dependents": Defended(
        attacks.deletes_a_row_to_learn_of_hidden_dependents, without_delete_check
    ),
    "replace a hidden row": Defended(attacks.replaces_a_hidden_row, without_key_check),
    "replace by a unique name": Defended(
        attacks.replaces_a_visible_row_by_its_unique_name, without_key_check
    ),
    "rewrite the audit log": Defended(attacks.rewrites_the_audit_log, without_append_only),
}


def proxy_of(port: Port) -> str:
    (name,) = next(row for row in port.truth("select name from sqlite_master where name glob 'w~item~*'"))
    return str(name)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("name", DEFENDED)
def test_the_attack_fails(name: str, port: Port) -> None:
    assert not DEFENDED[name].attack(port)


@pytest.mark.parametrize("name", DEFENDED)
def test_the_attack_succeeds_without_the_defence(
    name: str, tmp_path: Path, scheme: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    weak = filled(tmp_path / "weak", scheme, DEFENDED[name].without(monkeypatch))
    with weak.vault:
        assert DEFENDED[name].attack(weak)
