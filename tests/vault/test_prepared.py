"""Prepared statements and glances: the same rows, refusals and guard as any other way, on both databases."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from sample_port import Port
from sample_rooms import Harbour, Item, Note, Password, Project
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from strongroom.errors import InvalidError, NotFoundError, NotPermittedError
from strongroom.vault import AuditEntry, Prepared, core, ids

_item, _entry = core(Item), core(AuditEntry)
ALL = Prepared(select(_item.c.title, _item.c.payload, _item.c.version == 1).order_by(_item.c.title))
TITLED = Prepared(select(_item.c.id).where(_item.c.title == bindparam("title")))
RENAME = Prepared(update(_item).where(_item.c.id == bindparam("which")).values(title=bindparam("new")))
ADD = Prepared(insert(core(Project)))
NOTE = Prepared(insert(core(Note)))
WHEN = Prepared(select(_entry.c.at, _entry.c.facts, _entry.c.action.label("done")))
PASSWORDS = Prepared(select(core(Password).c.hash))
HARBOURS = Prepared(select(core(Harbour).c.name))


def project(port: Port, name: Any, id_: str | None = None) -> dict[str, Any]:
    return {"id": id_ or ids.new_id(), "marking_id": port.id_of(port.low), "name": name}


def test_a_prepared_statement_finds_what_the_statement_finds(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.audit("port.look", "port", None, count=2)
    for who in (port.anna, port.bert, port.cleo, port.dora):
        with port.vault.reading(who) as session:
            connection = session.connection()
            for statement in (ALL, WHEN):
                ordinary = connection.execute(statement.statement).all()
                assert [tuple(row) for row in statement.all(connection, {})] == [tuple(r) for r in ordinary]
    with port.vault.reading(port.anna) as session:
        assert ALL.all(session.connection(), {}) == [("low", {"k": [1, 2]}, True)]
        noted = WHEN.first(session.connection(), {})
        assert noted is not None
        assert noted.at.tzinfo is UTC
        assert (noted.facts, noted.done) == ({"count": 2}, "port.look")
        assert TITLED.first(session.connection(), {"title": "nothing"}) is None


def test_whose_eyes_it_is_run_with_decides_each_time(port: Port) -> None:
    seen = []
    for who in (port.dora, port.anna, port.dora, port.anna):
        with port.vault.reading(who) as session:
            by_session = [row[0] for row in ALL.all(session.connection(), {})]
        by_glance = [row[0] for row in port.vault.glance(ALL, {}, who)]
        assert by_session == by_glance
        seen.append(by_session)
    assert seen[0] == seen[2] != seen[1] == seen[3] == ["low"]


def test_it_says_how_many_rows_it_wrote_and_that_something_changed(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        connection = session.connection()
        assert RENAME.change(connection, {"which": "absent", "new": "x"}) == 0
        assert not session.changed
        assert RENAME.change(connection, {"which": port.low_item, "new": "renamed"}) == 1
        assert session.changed
    assert port.truth("select title from item where id = :id", id=port.low_item) == [("renamed",)]


def test_its_refusals_are_those_of_any_statement(port: Port) -> None:
    with pytest.raises(NotPermittedError), port.vault.writing(port.bert, port.high) as session:
        RENAME.change(session.connection(), {"which": port.low_item, "new": "put down"})
    with pytest.raises(IntegrityError), port.vault.writing(port.anna) as session:
        ADD.change(session.connection(), project(port, "port"))
    with pytest.raises(InvalidError), port.vault.writing(port.anna) as session:
        ADD.change(session.connection(), project(port, "half \ud800"))
    values = {"id": ids.new_id(), "marking_id": port.id_of(port.low), "body": "x", "item_id": port.high_item}
    with pytest.raises(NotFoundError), port.vault.writing(port.anna) as session:
        NOTE.change(session.connection(), values)
    assert port.truth("select count(*) from project where name <> 'port'") == [(0,)]


def test_a_glance_refuses_in_the_words_of_a_session(port: Port) -> None:
    with pytest.raises(InvalidError):
        port.vault.glance(TITLED, {"title": "half \ud800"}, port.anna)
    assert port.vault.glance(TITLED, {"title": "low"}, port.anna) == [(port.low_item,)]


def test_what_a_session_may_not_read_it_may_not_read_prepared(port: Port) -> None:
    with pytest.raises(Exception), port.vault.reading(port.dora) as session:  # noqa: B017 - each database has its own
        PASSWORDS.all(session.connection(), {})
    with pytest.raises(Exception):  # noqa: B017
        port.vault.glance(PASSWORDS, {}, port.dora)
    with pytest.raises(Exception):  # noqa: B017
        port.vault.glance(ALL, {})
    assert port.vault.glance(PASSWORDS, {}) == []
    assert [name for (name,) in port.vault.glance(HARBOURS, {}, port.anna)] == ["Quay"]


def test_a_glance_sees_what_was_committed_a_moment_ago(port: Port) -> None:
    assert port.vault.glance(TITLED, {"title": "new"}, port.anna) == []
    with port.vault.writing(port.anna) as session:
        RENAME.change(session.connection(), {"which": port.low_item, "new": "new"})
        assert port.vault.glance(TITLED, {"title": "new"}, port.anna) == []
    assert port.vault.glance(TITLED, {"title": "new"}, port.anna) == [(port.low_item,)]


@pytest.mark.only("sqlite")
def test_between_glances_the_connection_is_blind_and_holds_no_snapshot(port: Port) -> None:
    port.vault.glance(ALL, {}, port.dora)
    kept = port.vault._reader_glances._direct
    assert kept is not None
    assert kept.find("select title from item", ()) == []
    with port.vault.writing(port.anna) as session:
        RENAME.change(session.connection(), {"which": port.low_item, "new": "later"})
    port.vault._system.empty_log()  # refused while anybody still reads from the log


@pytest.mark.only("sqlite")
def test_a_glance_that_fails_leaves_the_connection_blind(port: Port) -> None:
    with pytest.raises(Exception):  # noqa: B017
        port.vault.glance(PASSWORDS, {}, port.dora)
    kept = port.vault._reader_glances._direct
    assert kept is not None
    assert kept.find("select title from item", ()) == []


def test_lists_of_values_and_defaults_are_refused(port: Port) -> None:
    listed = Prepared(select(_item.c.id).where(_item.c.title.in_(["a", "b"])))
    defaults = Prepared(insert(core(Project)))
    if port.vault.near:
        with pytest.raises(TypeError), port.vault.writing(port.anna) as session:
            listed.all(session.connection(), {})
        with pytest.raises(TypeError), port.vault.writing(port.anna) as session:
            defaults.change(session.connection(), {"name": "x"})
