"""Ways around the vault. An attack returns True when it got what it should not get.

Anna is cleared for low alone, Bert for low and high; an attacker may run any SQL in a session that the vault gave.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from sample_port import Port
from sample_rooms import Draft, Item, Note, Project, Tag, item_tag
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from strongroom.errors import StrongroomError
from strongroom.vault import AuditEntry, Reader

Attack = Callable[[Port], bool]
SECRETS = ("HIGH", "s-high")


def raw(session: Session, sql: str, **parameters: Any) -> Any:
    result = session.execute(text(sql), parameters)
    return result.fetchall() if result.returns_rows else result.rowcount


def tried(attempt: Callable[[], Any]) -> str:
    """What an attempt gave, or the error it met, as text."""
    try:
        return repr(attempt())
    except (SQLAlchemyError, StrongroomError, sqlite3.Error) as error:
        return f"{type(error).__name__} {getattr(error, 'orig', error)}"


def learns(attempt: Callable[[], Any], *secrets: str) -> bool:
    told = tried(attempt)
    return any(secret in told for secret in secrets or SECRETS)


def reads(sql: str, *secrets: str) -> Attack:
    def attack(port: Port) -> bool:
        with port.vault.reading(port.anna) as session:
            return learns(lambda: raw(session, sql), *secrets)

    return attack


def writes(sql: str, *secrets: str, reader: str = "anna") -> Attack:
    """SQL in a writing session; the ids of the port may be used in it as parameters."""

    def attack(port: Port) -> bool:
        with port.vault.writing(getattr(port, reader)) as session:
            known = {"high_item": port.high_item, "low_item": port.low_item, "high_id": port.id_of(port.high)}
            used = {name: value for name, value in known.items() if f":{name}" in sql}
            told = learns(lambda: raw(session, sql, **used), *secrets)
            session.rollback()
            return told

    return attack


def succeeds(sql: str, *, reading: bool = False) -> Attack:
    """SQL that should be refused altogether."""

    def attack(port: Port) -> bool:
        opened = port.vault.reading(port.anna) if reading else port.vault.writing(port.anna)
        with opened as session:
            try:
                raw(session, sql)
            except SQLAlchemyError:
                session.rollback()
                return False
            session.rollback()
            return True

    return attack


def tells_apart(one: Callable[[Port], Any], other: Callable[[Port], Any]) -> Attack:
    """Hidden and absent must answer alike."""
    return lambda port: tried(lambda: one(port)) != tried(lambda: other(port))


# ------------------------------------------------------------------------------------------------------- by the ORM


def selects_hidden_objects(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        return learns(lambda: [item.title for item in session.scalars(select(Item))])


def gets_a_hidden_object_by_its_id(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        return session.get(Item, port.high_item) is not None


def counts_hidden_rows(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        return session.scalar(select(func.count()).select_from(Item)) != 1


def counts_hidden_associations(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        return session.scalar(select(func.count()).select_from(item_tag)) != 1


def walks_to_hidden_rows(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        project = session.get_one(Project, port.project)
        return learns(lambda: [(item.title, [note.body for note in item.notes]) for item in project.items])


def reads_hidden_markings(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        return learns(lambda: raw(session, "select text from marking"), "PII")


def refreshes_an_object_that_privileged_code_loaded(port: Port) -> bool:
    with port.vault.reading(port.bert) as session:
        item = session.get_one(Item, port.high_item)
        session.expunge(item)
    with port.vault.reading(port.anna) as session:
        session.add(item)
        session.expire(item)
        return learns(lambda: item.title)


def flushes_a_hidden_object_changed_in_memory(port: Port) -> bool:
    with port.vault.reading(port.bert) as session:
        item = session.get_one(Item, port.high_item)
        session.expunge(item)
    try:
        with port.vault.writing(port.anna) as session:
            session.add(item)
            item.title = "taken over"
    except (SQLAlchemyError, StrongroomError):
        pass
    return port.truth("select title from item where id = :i", i=port.high_item) != [("HIGH",)]


def changes_hidden_rows_in_bulk(port: Port) -> bool:
    def attempt() -> None:
        with port.vault.writing(port.anna) as session:
            session.execute(update(Note).values(body="w"))
            session.execute(delete(item_tag))

    tried(attempt)
    notes = port.truth("select count(*) from note where body = 'w'")
    return notes != [(1,)] or port.truth("select count(*) from item_tag") != [(2,)]


def notices_a_hidden_row_by_the_count_of_an_update(port: Port) -> bool:
    def change(secret: str) -> Any:
        with port.vault.writing(port.anna) as session:
            counted = raw(session, "update item set title = title where secret = :s", s=secret)
            session.rollback()
            return counted

    return tells_apart(lambda _: change("s-high"), lambda _: change("absent"))(port)


# ------------------------------------------------------------------------------------------------- levels and parents


def _note_on(port: Port, reader: Reader, item_id: str) -> str:
    with port.vault.writing(reader) as session:
        session.add(Note(body="b", item_id=item_id))
        session.flush()
        session.rollback()
        return "stored"


def refers_to_a_hidden_row(port: Port) -> bool:
    return tells_apart(
        lambda port: _note_on(port, port.anna, port.high_item),
        lambda port: _note_on(port, port.anna, "absent"),
    )(port)


def derives_low_from_high(port: Port) -> bool:
    """Bert may see high, but a session at low doesn't: his answer about a high item can't land at low."""
    return "stored" in tried(lambda: _note_on(port, port.bert, port.high_item))


def moves_a_row_under_a_hidden_parent(port: Port) -> bool:
    def attempt() -> str:
        with port.vault.writing(port.anna) as session:
            note = session.scalars(select(Note)).one()
            note.item_id = port.high_item
            session.flush()
            session.rollback()
            return "stored"

    return "stored" in tried(attempt)


def associates_with_a_hidden_row(port: Port) -> bool:
    def associate(tag_id: str) -> str:
        with port.vault.writing(port.anna) as session:
            session.execute(insert(item_tag).values(item_id=port.low_item, tag_id=tag_id))
            session.rollback()
            return "stored"

    return tells_apart(lambda _: associate(port.high_tag), lambda _: associate("absent"))(port)


def _stays_written(attempt: Callable[[Any], Any], port: Port, reader: Reader, level: Any) -> bool:
    try:
        with port.vault.writing(reader, level) as session:
            attempt(session)
    except (SQLAlchemyError, StrongroomError):
        return False
    return True


def writes_down(port: Port) -> bool:
    low_id = port.id_of(port.low)
    return _stays_written(
        lambda s: s.add(Note(body="HIGH copied", item_id=port.low_item, marking_id=low_id)),
        port,
        port.bert,
        port.high,
    )


def signals_by_changing_a_low_row_from_high(port: Port) -> bool:
    return _stays_written(
        lambda s: s.execute(update(Item).where(Item.id == port.low_item).values(state="seen by high")),
        port,
        port.bert,
        port.high,
    )


def signals_by_an_association_of_low_rows_from_high(port: Port) -> bool:
    return _stays_written(
        lambda s: s.execute(delete(item_tag).where(item_tag.c.item_id == port.low_item)),
        port,
        port.bert,
        port.high,
    )


def lowers_a_marking(port: Port) -> bool:
    low_id = port.id_of(port.low)
    return _stays_written(
        lambda s: s.execute(update(Item).where(Item.id == port.high_item).values(marking_id=low_id)),
        port,
        port.bert,
        port.high,
    ) and port.truth("select marking_id from item where id = :i", i=port.high_item) == [(low_id,)]


def writes_in_a_reading_session(port: Port) -> bool:
    low_id = port.id_of(port.low)
    with port.vault.reading(port.anna) as session:
        told = tried(
            lambda: raw(
                session, "insert into draft (id, marking_id, name, code) values ('d', :m, '', '')", m=low_id
            )
        )
    return told == "1"


def adds_to_the_program_in_a_reading_session(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        return tried(lambda: raw(session, "insert into \"order\" (id, text) values ('o', 't')")) == "1"


def deletes_a_row_to_learn_of_hidden_dependents(port: Port) -> bool:
    with port.vault.writing(port.anna) as session:
        session.add(Item(id="lonely", title="lonely", project_id=port.project))
    port.force("delete from note where body = 'low note'")
    port.force("delete from item_tag where item_id = :i", i=port.low_item)

    def remove(item_id: str) -> int:
        with port.vault.writing(port.anna) as session:
            gone: int = session.execute(delete(Item).where(Item.id == item_id)).rowcount
            session.rollback()
            return gone

    return tells_apart(lambda port: remove(port.low_item), lambda _: remove("lonely"))(port)


# --------------------------------------------------------------------------------------------------------------- keys


def replaces_a_hidden_row(port: Port) -> bool:
    def attempt() -> None:
        with port.vault.writing(port.anna) as session:
            raw(
                session,
                "insert or replace into tag (id, marking_id, name) values (:i, :m, 'stolen')",
                i=port.high_tag,
                m=session.level_id,
            )

    tried(attempt)
    return port.truth("select name from tag where id = :i", i=port.high_tag) != [("HIGH TAG",)]


def moves_a_row_over_a_hidden_one(port: Port) -> bool:
    def attempt() -> None:
        with port.vault.writing(port.anna) as session:
            session.add(Tag(id="mine", name="mine"))
            session.flush()
            raw(session, "update or replace tag set id = :i where id = 'mine'", i=port.high_tag)

    tried(attempt)
    return port.truth("select name from tag where id = :i", i=port.high_tag) != [("HIGH TAG",)]


def replaces_a_visible_row_by_its_unique_name(port: Port) -> bool:
    with port.vault.writing(port.anna) as session:
        session.add(Draft(id="first", name="same", code="kept"))
        session.add(Draft(id="second", name="other", code=""))

    def attempt(sql: str) -> None:
        with port.vault.writing(port.anna) as session:
            raw(session, sql, **({"m": session.level_id} if ":m" in sql else {}))

    tried(
        lambda: attempt(
            "insert or replace into draft (id, marking_id, name, code) values ('x', :m, 'same', 'lost')"
        )
    )
    tried(lambda: attempt("update or replace draft set name = 'same' where id = 'second'"))
    return port.truth("select code from draft where id = 'first'") != [("kept",)]


def rewrites_the_audit_log(port: Port) -> bool:
    with port.vault.writing(port.anna) as session:
        session.audit("item.read", "item", port.low_item)

    def attempt(change: Callable[[Any], Any]) -> None:
        with port.vault.writing(port.anna) as session:
            change(session)

    tried(lambda: attempt(lambda s: s.execute(update(AuditEntry).values(actor_id="somebody"))))
    tried(lambda: attempt(lambda s: s.execute(delete(AuditEntry))))
    return port.truth("select actor_id from audit_entry") != [("anna",)]


# ---------------------------------------------------------------------------------------------- evaluation before the filter


def _breaks_on(sql: str, error: str) -> Attack:
    def attack(port: Port) -> bool:
        with port.vault.reading(port.anna) as session:
            return error in tried(lambda: raw(session, sql))

    return attack


def meets_malformed_json_of_a_hidden_row(port: Port) -> bool:
    port.force("update item set payload = '{bad' where id = :i", i=port.high_item)
    port.force("create index by_state on item (state)")
    port.force("create index by_secret on item (secret)")
    return _breaks_on(
        "select id from item where state = 'open' and json_extract(payload, '$.k') = 1 or secret = 'zz'",
        "malformed JSON",
    )(port)


def overflows_on_a_hidden_row(port: Port) -> bool:
    """abs() of the least integer raises: run on a hidden row it tells what the row holds."""
    port.force("create index by_state on item (state)")
    port.force("create index by_secret on item (secret)")
    return _breaks_on("select id from item where state = 'open' and abs(n) = 1 or secret = 'zz'", "overflow")(
        port
    )


def meets_a_hidden_text_that_is_no_json(port: Port) -> bool:
    """With an index that doesn't begin with the marking, the planner runs a caller's term before the filter."""
    port.force("update item set title = '{}' where id = :i", i=port.low_item)
    return _breaks_on(
        "select id from item where state = 'open' and json_extract(title, '$.k') = 1 or secret = 'zz'",
        "malformed JSON",
    )(port)


# -------------------------------------------------------------------------------------------------- names and side doors


def forges_the_name_of_an_inner_view(port: Port) -> bool:
    for name in ("item", "r~item~0000", "w~item~0000", "t~item~insert~0000", "w~item~0000~insert"):
        sql = f'with "{name}" as (select secret from main.item) select * from "{name}"'
        if reads(sql)(port):
            return True
    return False


def explains_how_the_guard_is_built(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        return learns(lambda: raw(session, "/* */ explain update item set title = 'x'"), "~")


def commits_half_an_act(port: Port) -> bool:
    try:
        with port.vault.writing(port.anna) as session:
            session.add(Draft(name="half"))
            session.flush()
            raw(session, "commit")
            raise RuntimeError
    except (RuntimeError, SQLAlchemyError, sqlite3.Error):
        pass
    return port.truth("select name from draft") == [("half",)]


def uses_a_pooled_connection_without_a_reader(port: Port) -> bool:
    with port.vault.reading(port.bert) as session:
        session.scalars(select(Item)).all()
    with port.vault._readers.connect() as connection:
        return bool(connection.execute(select(Item.id)).all())


def opens_the_python_side_doors(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        connection = session.connection().connection.dbapi_connection
        assert isinstance(connection, sqlite3.Connection)
        copy = sqlite3.connect(":memory:")
        doors: list[Callable[[], Any]] = [
            lambda: connection.blobopen("item", "title", 2).read(),
            lambda: (connection.backup(copy), copy.execute("select secret from item").fetchall()),
            lambda: connection.serialize(),
            lambda: list(connection.iterdump()),
            lambda: (
                connection.set_authorizer(None),
                connection.execute("select secret from main.item").fetchall(),
            ),
            lambda: connection.executescript("explain select 1"),
            lambda: connection.cursor().executescript("explain select 1"),
            lambda: connection.create_function("vault_readable", 0, lambda: "[1, 2, 3]"),
        ]
        return any("Error" not in tried(door) for door in doors)
