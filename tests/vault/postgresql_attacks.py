"""Ways around the vault that there are on PostgreSQL alone. An attack returns True when it got what it should not get."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import psycopg
from attacks import learns, raw, tried
from sample_port import Port
from sample_rooms import Draft, Item, Note
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from strongroom.errors import StrongroomError


def as_role(port: Port, kind: str, work: Callable[[psycopg.Connection[Any]], Any]) -> Any:
    """With the role's own password and an ordinary client: what whoever stole it could do."""
    database = port.vault._database
    url = database.roles.url(database._url, kind).render_as_string(hide_password=False)  # type: ignore[attr-defined]
    with psycopg.connect(url, options="-c search_path=strongroom") as connection:
        return work(connection)


def told(port: Port, kind: str, sql: str) -> str:
    try:
        return as_role(port, kind, lambda connection: repr(connection.execute(sql).fetchall()))
    except psycopg.Error as error:
        return f"{type(error).__name__} {error}"


def asks(sql: str, *secrets: str, kind: str = "reader") -> Callable[[Port], bool]:
    """SQL that a role may run past the vault's own connection: what no policy decides about is shut by the server."""
    return lambda port: any(secret in told(port, kind, sql) for secret in secrets)


def succeeds(sql: str, kind: str = "writer") -> Callable[[Port], bool]:
    def attack(port: Port) -> bool:
        try:
            as_role(port, kind, lambda connection: connection.execute(sql))
        except psycopg.Error:
            return False
        return True

    return attack


def reads_without_a_context(port: Port) -> bool:
    return any(
        "HIGH" in told(port, kind, "select title from item") for kind in ("reader", "writer", "registry")
    )


def forges_a_context(port: Port) -> bool:
    """Every marking, signed with a key of one's own, for this backend and this moment."""
    high = port.id_of(port.high)

    def work(connection: psycopg.Connection[Any]) -> str:
        pid = connection.info.backend_pid
        (moment,) = connection.execute("select (extract(epoch from now()) * 1000000)::bigint").fetchone()
        for signature in ("", "0" * 64):
            connection.execute(
                "select vault_look(%s)", (f"{pid}|{moment}|1,2,3,4,{high}|{high}|{signature}",)
            )
            if found := connection.execute("select title from item").fetchall():
                return repr(found)
        return ""

    return "HIGH" in as_role(port, "reader", work)


def sets_the_context_by_a_function(port: Port) -> bool:
    ids = ",".join(map(str, range(1, 9)))
    with port.vault.reading(port.anna) as session:
        return learns(
            lambda: (
                raw(session, f"select vault_look('1|1|{ids}||')"),
                raw(session, "select title from item"),
            )
        )


def replays_a_context(port: Port) -> bool:
    """What Bert's transaction was told, told again in another transaction of the same backend, and of another one."""
    with port.vault.reading(port.bert) as session:
        seen = session.scalar(text("select current_setting('strongroom.sight')"))
        pid = session.connection().connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
    found = []
    for _ in range(2):
        with port.vault.reading(port.anna) as session:
            raw(session, "select vault_look(:seen)", seen=seen)
            same = session.connection().connection.dbapi_connection.info.backend_pid == pid  # type: ignore[union-attr]
            found.append((same, learns(lambda: session.scalars(select(Item.title)).all())))
    assert found[0][0], "the pool gave the same backend again"
    return any(leaked for _, leaked in found)


def keeps_a_setting_for_the_next_reader(port: Port) -> bool:
    """Settings that outlive a transaction: a search path, a time zone."""
    with port.vault.writing(port.anna) as session:
        tried(lambda: raw(session, "select set_config('timezone', 'Asia/Tokyo', false)"))
        session.commit()
    with port.vault.writing(port.anna) as session:
        return session.scalar(text("select current_setting('timezone')")) != "UTC"


def uses_a_pooled_connection_without_a_reader(port: Port) -> bool:
    with port.vault.reading(port.bert) as session:
        session.scalars(select(Item)).all()
    with port.vault._readers.connect() as connection:
        return bool(connection.execute(select(Item.id)).all())


def looks_after_an_error(port: Port) -> bool:
    with port.vault.writing(port.anna) as session:
        tried(lambda: raw(session, "select 1 / 0"))
        session.rollback()
        return learns(lambda: session.scalars(select(Item.title)).all())


def says_two_statements_in_one(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        connection = session.connection().connection.dbapi_connection
        try:
            connection.execute("select 1; commit")  # type: ignore[union-attr]
        except psycopg.Error:
            return False
        return True


def hides_a_verb_in_a_nested_comment(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        return "rows=" in tried(lambda: raw(session, "/* /* */ select */ explain select * from item"))


def explains(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        return "rows=" in tried(lambda: raw(session, "explain select * from item"))


def copies_out(port: Port) -> bool:
    with port.vault.reading(port.anna) as session:
        cursor = session.connection().connection.dbapi_connection.cursor()  # type: ignore[union-attr]
        try:
            with cursor.copy("copy item to stdout") as copy:
                list(copy)
        except psycopg.Error:
            return False
        return True


def commits_half_an_act(port: Port) -> bool:
    try:
        with port.vault.writing(port.anna) as session:
            session.add(Draft(name="half"))
            session.flush()
            raw(session, "commit")
            raise RuntimeError
    except (RuntimeError, SQLAlchemyError):
        pass
    return port.truth("select name from draft") == [("half",)]


def finds_a_value_in_an_error(port: Port) -> bool:
    """PostgreSQL tells which value was there already."""
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="the content"))
        session.flush()
        try:
            session.execute(insert(Draft), [{"name": "the content"}])
        except IntegrityError as error:
            session.rollback()
            told = error.orig.diag.message_detail  # type: ignore[union-attr]
            return "the content" in f"{error} {error.orig} {told}"
    return False


def leaks_through_an_operator_of_the_callers(port: Port) -> bool:
    """A condition that fails on a hidden value: run before the policy, it would tell."""
    with port.vault.reading(port.anna) as session:
        outcome = tried(
            lambda: raw(session, "select id from item where 1 / (n + 9223372036854775807 + 1) > 0")
        )
        return "ivision" in outcome


def takes_a_low_row_up(port: Port) -> bool:
    """A high session that marks a low row as its own takes it away from those below, who would notice."""

    def attempt() -> None:
        with port.vault.writing(port.bert, port.high) as session:
            raw(session, "update note set marking_id = :m where body = 'low note'", m=session.level_id)

    tried(attempt)
    return port.truth("select marking_id from note where body = 'low note'") != [(port.id_of(port.low),)]


def changes_an_id(port: Port) -> bool:
    with port.vault.writing(port.anna) as session:
        changed = tried(lambda: raw(session, "update note set id = 'mine' where body = 'low note'"))
        session.rollback()
    return changed == "1"


def moves_a_row_under_a_hidden_parent(port: Port) -> bool:
    def attempt() -> str:
        with port.vault.writing(port.anna) as session:
            session.scalars(select(Note)).one().item_id = port.high_item
            session.flush()
            session.rollback()
            return "stored"

    return "stored" in tried(attempt)


def deletes_a_low_row_from_high(port: Port) -> bool:
    def attempt() -> None:
        with port.vault.writing(port.bert, port.high) as session:
            raw(session, "delete from note where body = 'low note'")

    tried(attempt)
    return port.truth("select count(*) from note where body = 'low note'") == [(0,)]


def readers_meet_in_threads(port: Port) -> bool:
    wrong: list[str] = []

    def work(number: int) -> None:
        for step in range(20):
            reader, count = ((port.anna, 1), (port.bert, 2))[(number + step) % 2]
            try:
                with port.vault.reading(reader) as session:
                    if len(session.scalars(select(Item)).all()) != count:
                        wrong.append(reader.login)
            except StrongroomError as error:
                wrong.append(str(error))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return bool(wrong)
