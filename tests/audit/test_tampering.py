"""Whoever changes the database past the program is found out, and told where."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, LargeBinary, Table, cast, column, literal, select, text, update
from sqlalchemy.exc import DBAPIError

from strongroom.audit.keeper import keep_checkpoint
from strongroom.errors import StrongroomError
from strongroom.vault import Vault, audit_check, audit_log
from strongroom.vault.audit import ENTRIES, WAITING
from strongroom.vault.audit_log import CHECKPOINTS, LEAVES, TILES, TREE

from .conftest import Hall

LOG = (ENTRIES, LEAVES, TILES, TREE, CHECKPOINTS, WAITING)


def lived_in(hall: Hall) -> Hall:
    """A log over more than one tile, with checkpoints on the way, an erased entry, and a few entries that wait."""
    for batch in range(3):
        for number in range(4):
            with hall.vault.writing(hall.reader("anna", "INTERNAL")) as session:
                for each in range(25):
                    session.audit("task.change", "task", f"{batch}{number}{each:030}", facts=[each, 0.5])
        hall.vault.audit_log.take_up()
        hall.vault.audit_log.keep_checkpoint()
    (entry_id,) = hall.truth("select entry_id from audit_leaf where number = 40")[0]
    audit_log.erase(hall.vault, entry_id, "asked for")
    hall.vault.audit_log.take_up()
    hall.act("anna", "INTERNAL")
    hall.act("bert", "CONFIDENTIAL//PII")
    return hall


def faults(hall: Hall) -> list[str]:
    return audit_check.check(hall.vault).faults


def test_a_log_that_nobody_touched_has_no_fault(hall: Hall) -> None:
    report = audit_check.check(lived_in(hall).vault)
    assert report.faults == []
    assert report.size > 300
    assert (report.erased, report.waiting, report.checkpoints) == (1, 2, 3)


def test_whatever_is_changed_in_any_row_is_found(hall: Hall) -> None:
    lived_in(hall)
    with hall.vault._system.reading() as connection:
        keys = {table.name: connection.execute(select(*table.primary_key)).all() for table in LOG}
    seen: set[tuple[str, str]] = set()

    @settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(LOG), st.integers(0, 2**32 - 1))
    def anywhere(table: Table, seed: int) -> None:
        dice = random.Random(seed)
        key = dice.choice(keys[table.name])
        chosen = dice.choice(list(table.columns))
        before = _change(hall.vault, table, tuple(key), chosen.name, dice)
        if before is None:
            return  # the database itself wouldn't have it
        try:
            found = faults(hall)
            assert found, f"{table.name}.{chosen.name} of {key}"
            seen.add((table.name, chosen.name))
        finally:
            before()
        assert faults(hall) == []

    anywhere()
    assert len(seen) > 15


def _change(vault: Vault, table: Table, key: tuple[Any, ...], name: str, dice: random.Random) -> Any:
    """Change one bit of a column, past all types; how to undo it. None where the database refuses."""
    sqlite = vault._system._engine.dialect.name == "sqlite"
    raw = column(name)

    def stored_at(at: list[Any] | tuple[Any, ...]) -> Any:
        where = [each == value for each, value in zip(table.primary_key, at, strict=True)]
        asked = raw if isinstance(table.c[name].type, (LargeBinary, Integer)) else cast(raw, text_type())
        with vault._system.reading() as connection:
            return connection.scalar(select(asked).select_from(table).where(*where))

    value = stored_at(key)
    new = _other(value, dice)
    if new == value:
        return None
    names = [each.name for each in table.primary_key]
    changed_key = [new if each == name else was for each, was in zip(names, key, strict=True)]

    def put(to: Any, at: list[Any] | tuple[Any, ...]) -> None:
        stored = literal(to) if sqlite or to is None else cast(literal(to), table.c[name].type)
        if to is None:
            stored = text("null")  # type: ignore[assignment]
        conditions = [each == was for each, was in zip(table.primary_key, at, strict=True)]
        with vault._system.writing() as connection:
            connection.execute(update(table).values({raw.name: stored}).where(*conditions))

    try:
        put(new, key)
    except (StrongroomError, DBAPIError, ValueError, TypeError):
        return None
    if stored_at(changed_key) == value:
        return None  # another spelling of the same: PostgreSQL takes "False" for false
    return lambda: put(value, changed_key)


def text_type() -> Any:
    from sqlalchemy import Text

    return Text()


def _other(value: Any, dice: random.Random) -> Any:
    if value is None:
        return "x"
    if isinstance(value, (bytes, memoryview)):
        raw = bytearray(bytes(value))
        raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
        return bytes(raw)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ 1 << dice.randrange(5)
    if not value:
        return "x"
    place = dice.randrange(len(value))
    flipped = chr(ord(value[place]) ^ 1 << dice.randrange(7))
    return value[:place] + (flipped if flipped != "\0" else "x") + value[place + 1 :]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("update audit_entry set action = 'task.other' where id = :id", "audit_entry was changed"),
        ("update audit_entry set actor_id = null where id = :id", "audit_entry was changed"),
        ("update audit_entry set salt = null where id = :id", "it was erased, and says something"),
        ("update audit_leaf set commitment = :other where entry_id = :id", "audit_leaf was changed"),
        ("delete from audit_entry where id = :id", "is gone from audit_entry"),
        ("delete from audit_leaf where entry_id = :id", "its place is gone from audit_leaf"),
    ],
)
def test_what_was_done_to_an_entry_is_told_with_its_number(hall: Hall, sql: str, told: str) -> None:
    lived_in(hall)
    (entry_id,) = hall.truth("select entry_id from audit_leaf where number = 123")[0]
    used = {"id": entry_id, "other": "0" * 64}
    hall.force(sql, **{name: value for name, value in used.items() if f":{name}" in sql})
    assert any(each.startswith("entry 123") and told in each for each in faults(hall))


def test_an_entry_that_was_put_in_is_found(hall: Hall) -> None:
    lived_in(hall)
    names = ", ".join(each.name for each in ENTRIES.columns if each.name != "id")
    hall.force(
        f"insert into audit_entry (id, {names}) select :id, {names} from audit_entry"
        " where id = (select entry_id from audit_leaf where number = 7)",
        id="f" * 32,
    )
    assert faults(hall) == [f"entry {'f' * 32}: is in audit_entry and was never recorded: somebody put it in"]


def test_an_entry_that_was_put_in_with_a_line_for_the_log_is_not_taken_up(hall: Hall) -> None:
    lived_in(hall)
    names = ", ".join(each.name for each in ENTRIES.columns if each.name != "id")
    hall.force(
        f"insert into audit_entry (id, {names}) select :id, {names} from audit_entry"
        " where id = (select entry_id from audit_leaf where number = 7)",
        id="f" * 32,
    )
    with hall.vault._system.writing() as connection:
        row = {"entry_id": "f" * 32, "commitment": "0" * 64, "seal": "0" * 64, "forged": False}
        connection.execute(WAITING.insert(), row)
    assert hall.vault.audit_log.take_up() == 3
    assert hall.vault.audit_log.inclusion("f" * 32) is None
    assert faults(hall) == [f"entry {'f' * 32}, which waits: was not written by this workspace's program"]


def test_entries_whose_places_were_swapped_are_found(hall: Hall) -> None:
    lived_in(hall)
    for sql in (
        "update audit_leaf set number = 99999 where number = 5",
        "update audit_leaf set number = 5 where number = 6",
        "update audit_leaf set number = 6 where number = 99999",
    ):
        hall.force(sql)
    first, second, *_ = faults(hall)
    assert first.startswith("entry 5 (")
    assert second.startswith("entry 6 (")
    assert "moved" in first


def test_a_log_that_was_rewritten_as_a_whole_does_not_fit_its_seal_and_checkpoints(hall: Hall) -> None:
    """As if by somebody who knows how everything is computed, and lacks the workspace's secret alone."""
    lived_in(hall)
    (entry_id,) = hall.truth("select entry_id from audit_leaf where number = 150")[0]
    hall.force("update audit_entry set action = 'task.other' where id = :id", id=entry_id)
    _recompute_everything(hall.vault)
    told = faults(hall)
    assert any(each.startswith("audit_tree: its seal") for each in told)
    assert any(
        "something differs from entry 1" in each and each.startswith("audit_checkpoint") for each in told
    )
    assert not any(each.startswith("entry") for each in told), "the rewriting itself is perfect"
    with pytest.raises(audit_log.LogBrokenError):
        hall.vault.audit_log.take_up()


def test_the_second_place_tells_of_a_rewriting_by_somebody_who_has_the_secret_too(hall: Hall) -> None:
    from strongroom.audit import Place, RefusedError

    lived_in(hall)
    place = Place(hall.checkpoints, hall.vault)
    keep_checkpoint(hall.vault, place)
    (entry_id,) = hall.truth("select entry_id from audit_leaf where number = 150")[0]
    hall.force("update audit_entry set action = 'task.other' where id = :id", id=entry_id)
    _recompute_everything(hall.vault, with_secret=True)
    with hall.vault._system.writing() as connection:
        connection.execute(CHECKPOINTS.delete())
    assert faults(hall) == []
    told = audit_check.check(hall.vault, place.all()).faults
    assert len(told) == 1
    assert "aren't those of then" in told[0]
    hall.act("anna", "INTERNAL")
    hall.vault.audit_log.take_up()
    with pytest.raises(RefusedError, match="rewritten"):
        keep_checkpoint(hall.vault, place)


def _recompute_everything(vault: Vault, *, with_secret: bool = False) -> None:
    from strongroom.vault.audit_check import commitment_in, readable
    from strongroom.vault.audit_log import markings_in
    from strongroom.vault.merkle import grown, leaf_hash, root_of

    with vault._system.writing() as connection:
        texts = markings_in(connection)
        leaves = []
        for leaf in connection.execute(select(LEAVES).order_by(LEAVES.c.number)).all():
            (row,) = readable(connection, [leaf.entry_id]).values()
            said = commitment_in(row, texts[row["marking_id"]]) or bytes.fromhex(leaf.commitment)
            here = update(LEAVES).where(LEAVES.c.number == leaf.number)
            connection.execute(here.values(commitment=said.hex()))
            leaves.append(leaf_hash(said))
        connection.execute(TILES.delete())
        for level, number, hashes in grown(lambda *_: b"", 0, leaves):
            connection.execute(TILES.insert(), {"level": level, "number": number, "hashes": hashes})
        root = root_of(leaves)
        values = {"root": root.hex()}
        if with_secret:
            values["seal"] = vault.audit_log._seal(len(leaves), root)
        connection.execute(update(TREE).values(values))
