"""What the sessions promise: levels, transactions, connections that forget their reader, threads."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sample_port import Port
from sample_rooms import Draft, Harbour, Item, Note, Order, Password, Project, Tag, item_tag
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import CompileError, DatabaseError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from strongroom.errors import InvalidError, NotFoundError, NotPermittedError
from strongroom.vault import load, proxies

# ------------------------------------------------------------------------------------------------------------ levels


def test_a_reading_session_sees_all_that_the_clearance_permits(port: Port) -> None:
    titles = {}
    for reader in (port.anna, port.bert, port.cleo, port.dora):
        with port.vault.reading(reader) as session:
            titles[reader.login] = set(session.scalars(select(Item.title)))
    assert titles == {"anna": {"low"}, "bert": {"low", "HIGH"}, "cleo": {"low"}, "dora": {"low", "HIGH"}}


def test_a_writing_session_sees_nothing_above_its_level(port: Port) -> None:
    with port.vault.writing(port.bert, port.low) as session:
        assert session.scalars(select(Item.title)).all() == ["low"]
    with port.vault.writing(port.dora, port.side) as session:
        assert session.scalars(select(Item.title)).all() == ["low"]


def test_a_reading_session_up_to_a_level_sees_nothing_above_it(port: Port) -> None:
    with port.vault.reading(port.bert, up_to=port.low) as session:
        assert session.scalars(select(Item.title)).all() == ["low"]


def test_a_reading_session_may_be_kept_to_a_level(port: Port) -> None:
    for _ in range(2):  # one may not lend its sight to the other
        with port.vault.reading(port.dora, up_to=port.high) as session:
            assert set(session.scalars(select(Item.title))) == {"low", "HIGH"}
            assert not session.writes
            session.add(Draft(name="x"))
            with pytest.raises(NotPermittedError):
                session.flush()
            session.rollback()
        with port.vault.writing(port.dora, port.high) as writing:
            assert writing.writes
        with port.vault.reading(port.dora, up_to=port.side) as session:
            assert session.scalars(select(Item.title)).all() == ["low"]


def test_incomparable_readers_see_nothing_of_each_other(port: Port) -> None:
    with port.vault.writing(port.cleo, port.side) as session:
        session.add(Item(title="SIDE", project_id=port.project))
    with port.vault.reading(port.bert) as session:
        assert set(session.scalars(select(Item.title))) == {"low", "HIGH"}
    with port.vault.reading(port.cleo) as session:
        assert set(session.scalars(select(Item.title))) == {"low", "SIDE"}


def test_a_level_beyond_the_clearance_is_not_permitted(port: Port) -> None:
    with pytest.raises(NotPermittedError), port.vault.writing(port.anna, port.high):
        pass


def test_a_session_works_at_the_readers_level_by_default(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        assert session.level is port.low
        assert session.marking(session.level_id) is port.low


def test_a_reading_session_has_no_level_to_write_at(port: Port) -> None:
    with port.vault.reading(port.anna) as session, pytest.raises(TypeError):
        _ = session.level_id


def test_a_write_in_a_reading_session_is_not_permitted(port: Port) -> None:
    with port.vault.reading(port.anna) as session:
        for draft in (Draft(name="x"), Draft(name="x", marking_id=port.id_of(port.low))):
            session.add(draft)
            with pytest.raises(NotPermittedError):
                session.flush()
            session.rollback()


def test_a_row_below_the_level_is_not_changed(port: Port) -> None:
    with port.vault.writing(port.bert, port.high) as session:
        with pytest.raises(NotPermittedError, match="level of the session"):
            session.execute(update(Item).values(state="taken"))
        session.rollback()
        session.execute(update(Item).where(Item.marking_id == session.level_id).values(state="taken"))
    assert port.truth("select title, state from item order by title") == [("HIGH", "taken"), ("low", "open")]


def test_the_marking_of_a_hidden_row_is_not_told(port: Port) -> None:
    with port.vault.reading(port.anna) as session, pytest.raises(NotFoundError):
        session.marking(port.id_of(port.high))


def test_an_association_is_written_at_the_level_of_one_of_its_ends(port: Port) -> None:
    with port.vault.writing(port.bert, port.high) as session:
        tag = Tag(name="new")
        session.add(tag)
        session.flush()
        session.execute(insert(item_tag).values(item_id=port.low_item, tag_id=tag.id))
    with port.vault.reading(port.anna) as session:
        assert [t.name for t in load(session, Item, port.low_item).tags] == ["low tag"]


# ----------------------------------------------------------------------------------------------------- absent and hidden


@pytest.mark.parametrize("thing", ["hidden", "absent", "", "x" * 5000, "\ud800", "' or 1=1 --", "\0"])
def test_load_answers_alike_for_hidden_and_absent(port: Port, thing: str) -> None:
    with port.vault.reading(port.anna) as session, pytest.raises(NotFoundError) as caught:
        load(session, Item, port.high_item if thing == "hidden" else thing)
    assert caught.value.args == NotFoundError().args


def test_a_hidden_parent_is_not_found(port: Port) -> None:
    for parent in (port.high_item, "absent"):
        with port.vault.writing(port.anna) as session:
            session.add(Note(body="b", item_id=parent))
            with pytest.raises(NotFoundError):
                session.flush()
            session.rollback()


def test_a_name_is_unique_within_its_marking_only(port: Port) -> None:
    with port.vault.writing(port.bert, port.high) as session:
        session.add(Draft(name="same"))
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="same"))
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="same"))
        with pytest.raises(IntegrityError, match="UNIQUE"):
            session.flush()
        session.rollback()


def test_a_row_that_others_may_refer_to_is_not_deleted_by_readers(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        with pytest.raises(NotPermittedError, match="mark it as gone"):
            session.execute(delete(Project))
        session.rollback()


# ------------------------------------------------------------------------------------------------------------ what SQL may not


def test_on_conflict_and_insert_returning_are_refused_with_a_reason(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        with pytest.raises(CompileError, match="ON CONFLICT"):
            session.execute(sqlite.insert(Tag).values(name="x").on_conflict_do_nothing())
        with pytest.raises(CompileError, match="RETURNING"):
            session.connection().execute(insert(Tag.__table__).values(name="x").returning(Tag.__table__.c.id))


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    "sql",
    [
        "pragma table_info(item)",
        "pragma writable_schema = on",
        "attach ':memory:' as z",
        "detach main",
        "create temp table z (a)",
        "create index z on item (n)",
        "drop trigger x",
        "drop table item",
        "alter table item rename to other",
        "vacuum",
        "vacuum into 'leak.db'",
        "explain query plan select * from item",
        "analyze",
        "reindex",
        "begin",
        "commit",
        "end",
        "rollback",
        "; ; explain select 1",
        "/* select */ explain select 1",
        "-- select\nexplain select 1",
        "select 1; select secret from main.item",
        "select load_extension('x')",
        "select last_insert_rowid()",
        "select changes()",
        "select total_changes()",
        "select random()",
        "select randomblob(10)",
        "select zeroblob(10)",
        "select printf('%s', 1)",
        "select abs(-1)",
        "select sqlite_version()",
        "select sqlite_compileoption_get(0)",
        "select * from sqlite_schema",
        "select * from main.sqlite_master",
        "select * from temp.sqlite_temp_schema",
        "select count(*) from sqlite_master",
        "select count(*) from sqlite_sequence",
        "select count(*) from sqlite_stat1",
        "select * from pragma_function_list",
        "select count(*) from pragma_module_list",
        "select rowid from main.item",
        "select count(*) from main.item",
        "select MAIN.ITEM.SECRET from MAIN.ITEM",
        "select name from main.password",
        "insert into main.item (id) values ('x')",
        "delete from main.item",
        "insert into harbour values ('x', 'x')",
        "delete from harbour",
        "insert into password values ('x', 'x')",
        "insert into marking values (77, 'PUBLIC', '{}')",
        "update marking set text = 'PUBLIC'",
    ],
)
def test_sql_that_a_reader_may_not_run(port: Port, sql: str) -> None:
    with port.vault.writing(port.anna) as session:
        with pytest.raises((DatabaseError, OperationalError)) as caught:
            session.execute(text(sql))
        assert "HIGH" not in str(caught.value)
        session.rollback()
        assert session.scalars(select(Item.title)).all() == ["low"]


@pytest.mark.only("sqlite")
def test_rowids_tell_nothing(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        result = session.connection().exec_driver_sql(
            "insert into draft (id, marking_id, name, code) values ('d', ?, 'n', '')", (session.level_id,)
        )
        assert result.lastrowid in (0, None)
        session.rollback()
        assert session.execute(text("select rowid from item")).scalars().all() in ([], [None])


def test_errors_hold_no_content(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.add_all([Draft(name="the content"), Draft(name="the content")])
        with pytest.raises(IntegrityError) as caught:
            session.flush()
        assert "the content" not in str(caught.value)
        session.rollback()


@pytest.mark.parametrize("value", ["half \ud800", 2**70])
def test_a_value_that_cannot_be_stored_is_invalid(port: Port, value: object) -> None:
    with port.vault.writing(port.anna) as session:
        item = Item(title="t", project_id=port.project)
        setattr(item, "title" if isinstance(value, str) else "n", value)
        session.add(item)
        with pytest.raises(InvalidError):
            session.flush()
        session.rollback()


# ------------------------------------------------------------------------------------------------------- plain tables


def test_readers_read_open_plain_tables_and_no_others(port: Port) -> None:
    with port.vault.reading(port.anna) as session:
        assert session.scalars(select(Harbour.name)).all() == ["Quay"]
        with pytest.raises(DatabaseError):
            session.scalars(select(Password.hash)).all()


def tells_nothing(session: Session, query: Any) -> bool:
    """SQLite shows an empty view, PostgreSQL refuses."""
    try:
        return session.execute(query).all() == []
    except DatabaseError:
        session.rollback()
        return True


def changed_nothing(session: Session, change: Any) -> bool:
    try:
        return bool(session.execute(change).rowcount == 0)
    except (DatabaseError, NotPermittedError):
        session.rollback()
        return True


def test_a_writing_session_adds_to_a_table_that_only_the_registry_reads(port: Port) -> None:
    with port.vault.writing(port.bert, port.high) as session:
        session.add(Order(id="o", text="go"))
        session.flush()
    with port.vault.writing(port.bert, port.high) as session:
        assert tells_nothing(session, select(Order.id))
    with port.vault.writing(port.anna) as session:
        for change in (update(Order).values(text="stop"), delete(Order)):
            assert changed_nothing(session, change)
    with port.vault.writing(port.anna) as session:
        with pytest.raises(DatabaseError):
            session.execute(text("insert or replace into \"order\" (id, text) values ('o', 'stop')"))
        session.rollback()
    with port.vault.registry() as session:
        assert session.execute(select(Order.id, Order.text)).all() == [("o", "go")]


def test_what_is_added_goes_with_the_transaction(port: Port) -> None:
    with pytest.raises(RuntimeError), port.vault.writing(port.anna) as session:  # noqa: PT012
        session.add(Order(id="o", text="go"))
        session.flush()
        raise RuntimeError
    assert port.truth('select * from "order"') == []


def test_a_registry_session_reads_and_writes_private_tables(port: Port) -> None:
    with port.vault.registry(write=True) as session:
        session.add(Password(hash="h"))
        session.add(Order(id="o", text="go"))
    with port.vault.registry(write=True) as session:
        session.delete(session.get_one(Order, "o"))
        session.execute(update(Password).values(hash="other"))
    with port.vault.registry() as session:
        assert session.scalars(select(Password.hash)).all() == ["other"]
        assert session.scalars(select(Order)).all() == []


@pytest.mark.parametrize(
    "sql",
    [
        "select title from item",
        "select title from main.item",
        "select count(*) from item",
        "select text from marking",
        "insert into item (id) values ('x')",
        "update item set title = 'x'",
        "delete from note",
        "select sql from sqlite_master",
        "attach ':memory:' as z",
        "pragma table_info(item)",
        "insert or replace into main.audit_entry (id) values ('x')",
        "update main.audit_entry set kind = 'x'",
    ],
)
def test_a_registry_session_knows_no_marked_table(port: Port, sql: str) -> None:
    with port.vault.registry(write=True) as session:
        with pytest.raises(DatabaseError):
            session.execute(text(sql))
        session.rollback()


def test_a_registry_session_adds_to_the_audit_log_and_never_changes_it(port: Port) -> None:
    with port.vault.registry(write=True) as session:
        session.audit("person.create", "person", "p")
    with port.vault.registry(write=True) as session:
        assert changed_nothing(session, text("update audit_entry set kind = 'x'"))
        assert changed_nothing(session, text("delete from audit_entry"))
    assert port.truth("select kind from audit_entry") == [("person",)]


def test_a_registry_session_without_write_leaves_no_trace(port: Port) -> None:
    with port.vault.registry() as session:
        session.add(Password(hash="h"))
        session.flush()
    assert port.truth("select * from password") == []


# -------------------------------------------------------------------------------------------- transactions and connections


def test_an_error_takes_everything_back(port: Port) -> None:
    with pytest.raises(RuntimeError), port.vault.writing(port.anna) as session:  # noqa: PT012
        session.add(Draft(name="half"))
        session.flush()
        session.audit("draft.create", "draft")
        raise RuntimeError
    assert port.truth("select * from draft") == []
    assert port.truth("select * from audit_entry") == []


def test_a_refused_statement_leaves_the_session_to_roll_back_and_go_on(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="kept"))
        session.flush()
        with session.begin_nested() as savepoint:  # PostgreSQL gives up a transaction at its first error
            with pytest.raises(DatabaseError):
                session.execute(text("select secret from main.item"))
            savepoint.rollback()
        session.add(Draft(name="also kept"))
    assert port.truth("select name from draft order by name") == [("also kept",), ("kept",)]


def test_a_session_goes_on_after_a_commit_with_the_same_sight(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="one"))
        session.commit()
        assert session.scalars(select(Item.title)).all() == ["low"]
        session.add(Draft(name="two"))
    assert port.truth("select count(*) from draft") == [(2,)]


def test_the_same_statement_for_one_reader_after_another(port: Port) -> None:
    """Prepared statements are cached by connection and serve whoever comes next."""
    for _ in range(3):
        for reader, count in ((port.bert, 2), (port.anna, 1), (port.cleo, 1), (port.dora, 2)):
            with port.vault.reading(reader) as session:
                assert len(session.scalars(select(Item)).all()) == count
                assert len(session.execute(text("select title from item")).all()) == count


def test_a_streaming_result_keeps_to_its_reader(port: Port) -> None:
    with port.vault.writing(port.bert, port.high) as session:
        session.execute(insert(Tag), [{"name": f"s{n}"} for n in range(300)])
    with port.vault.reading(port.anna) as session:
        names = iter(session.scalars(select(Tag.name).execution_options(yield_per=1)))
        got = [next(names)]
        with port.vault.reading(port.bert) as other:
            assert len(other.scalars(select(Tag)).all()) == 302
        assert got + list(names) == ["low tag"]


def test_threads_share_the_pool_and_never_each_others_rows(port: Port) -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        for step in range(60):
            reader, count = ((port.anna, 1), (port.bert, 2), (port.cleo, 1))[(number + step) % 3]
            with port.vault.reading(reader) as session:
                found = len(session.scalars(select(Item)).all())
                if found != count:
                    wrong.append((reader.login, found))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_thread_that_writes_does_not_begin_another_writing_session(port: Port) -> None:
    with port.vault.writing(port.anna), pytest.raises(RuntimeError, match="already writing"):
        port.vault.writing(port.anna).__enter__()


def test_a_reading_session_may_look_while_its_thread_writes(port: Port) -> None:
    with port.vault.reading(port.anna) as session, port.vault.writing(port.anna) as writing:
        writing.add(Draft(name="new"))
        writing.flush()
        assert session.scalars(select(Draft)).all() == []


@pytest.mark.only("sqlite")
def test_old_connections_fail_closed_after_a_migration(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="before"))
    with port.vault._system.writing() as connection:
        proxies.drop(connection)
        proxies.install(connection, port.vault.layout)
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="x"))
        with pytest.raises(DatabaseError):
            session.flush()
        session.rollback()
