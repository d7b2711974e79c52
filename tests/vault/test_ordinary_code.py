"""A room's author writes ordinary SQLAlchemy and notices no guard."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sample_port import Port
from sample_rooms import Draft, Harbour, Item, Note, Project, Tag, item_tag
from sqlalchemy import Integer, cast, delete, exists, func, insert, literal, select, text, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, joinedload, selectinload, subqueryload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from strongroom.vault import AuditEntry, clock, load


def test_a_new_row_gets_its_id_and_the_level_of_the_session(port: Port) -> None:
    with port.vault.writing(port.bert, port.high) as session:
        item = Item(title="new", project_id=port.project)
        session.add(item)
        session.flush()
        assert len(item.id) == 32
        assert session.marking(item) is port.high
        assert (item.n, item.version, item.state) == (7, 1, "open")


def test_objects_stay_readable_after_the_session(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        item = Item(title="new", project_id=port.project)
        session.add(item)
    assert (item.title, item.n) == ("new", 7)


def test_many_objects_are_added_at_once(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.add_all([Item(title=f"t{n}", project_id=port.project) for n in range(50)])
        session.flush()
        assert session.scalar(select(func.count()).select_from(Item)) == 51


def test_a_bulk_insert_names_neither_id_nor_marking(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.execute(insert(Tag), [{"name": f"k{n}"} for n in range(5)])
        session.execute(insert(Tag.__table__), [{"name": f"c{n}"} for n in range(5)])
        assert session.scalar(select(func.count(Tag.id))) == 11


def test_insert_from_select(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        rows = select(Item.id, Item.marking_id, Item.title)
        session.execute(insert(Tag).from_select(["id", "marking_id", "name"], rows))
        assert session.scalar(select(func.count(Tag.id))) == 2


def test_lazy_collections_and_parents(port: Port) -> None:
    with port.vault.reading(port.anna) as session:
        project = load(session, Project, port.project)
        assert [item.title for item in project.items] == ["low"]
        assert [note.body for note in project.items[0].notes] == ["low note"]
        assert project.items[0].project.name == "port"


@pytest.mark.parametrize("strategy", [selectinload, joinedload, subqueryload])
def test_eager_loading(port: Port, strategy: Callable[..., Any]) -> None:
    with port.vault.reading(port.anna) as session:
        options = strategy(Project.items).options(strategy(Item.tags), strategy(Item.notes))
        project = session.scalars(select(Project).options(options)).unique().one()
        found = [(i.title, [t.name for t in i.tags], [n.body for n in i.notes]) for i in project.items]
        assert found == [("low", ["low tag"], ["low note"])]


def test_get_refresh_and_expire(port: Port) -> None:
    with port.vault.reading(port.anna) as session:
        item = session.get(Item, port.low_item)
        assert item is not None
        session.refresh(item)
        session.expire(item)
        assert item.title == "low"
        assert session.get(Item, port.high_item) is None


def test_a_changed_object_is_written_and_its_version_counts(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        item = load(session, Item, port.low_item)
        item.title = "changed"
        session.flush()
        assert item.version == 2
    assert port.truth("select title, version from item where id = :i", i=port.low_item) == [("changed", 2)]


def test_a_stale_version_is_noticed(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        item = load(session, Item, port.low_item)
        set_committed_value(item, "version", 5)
        item.title = "stale"
        with pytest.raises(StaleDataError):
            session.flush()
        session.rollback()


def test_several_versioned_updates_in_one_flush(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.add_all([Item(title=f"t{n}", project_id=port.project) for n in range(5)])
        session.flush()
        for item in session.scalars(select(Item)):
            item.title += "!"
        session.flush()
        assert set(session.scalars(select(Item.version))) == {2}


def test_a_deleted_object_is_gone(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.delete(session.scalars(select(Note)).one())
    assert port.truth("select body from note order by body") == [("HIGH NOTE",), ("HIGH ON LOW",)]


@pytest.mark.parametrize("synchronize", ["evaluate", "fetch", "auto", False])
def test_bulk_update_and_delete_count_their_rows(port: Port, synchronize: Any) -> None:
    with port.vault.writing(port.anna) as session:
        item = load(session, Item, port.low_item)
        how = {"synchronize_session": synchronize}
        changed = session.execute(
            update(Item).where(Item.title == "low").values(title=Item.title + "2"), execution_options=how
        )
        assert changed.rowcount == 1
        if synchronize:
            assert item.title == "low2"
        gone = session.execute(delete(Note).where(Note.body == "low note"), execution_options=how)
        assert gone.rowcount == 1
        none = session.execute(update(Item).where(Item.title == "absent").values(n=1), execution_options=how)
        assert none.rowcount == 0


def test_update_and_delete_returning(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        assert session.scalars(update(Item).values(title="q").returning(Item.title)).all() == ["q"]
        assert session.scalars(delete(Note).returning(Note.body)).all() == ["low note"]


def test_update_from_a_correlated_subquery(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        newest = select(func.max(Note.body)).where(Note.item_id == Item.id).scalar_subquery()
        session.execute(update(Item).values(title=newest), execution_options={"synchronize_session": False})
        assert session.scalars(select(Item.title)).all() == ["low note"]


def test_bulk_update_by_primary_key(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        note_id = session.scalars(select(Note.id)).one()
        session.execute(update(Note), [{"id": note_id, "body": "zz"}])
        assert session.scalars(select(Note.body)).all() == ["zz"]


def test_counts_windows_groups_unions_and_ctes(port: Port) -> None:
    with port.vault.reading(port.anna) as session:
        assert session.scalar(select(exists().where(Item.title == "low")))
        assert not session.scalar(select(exists().where(Item.title == "HIGH")))
        assert session.scalar(select(func.count()).select_from(Item)) == 1
        ranked = select(Item.title, func.row_number().over(partition_by=Item.project_id, order_by=Item.id))
        assert session.execute(ranked).all() == [("low", 1)]
        grouped = select(Item.state, func.count()).group_by(Item.state)
        assert session.execute(grouped).all() == [("open", 1)]
        assert len(session.execute(union_all(select(Item.title), select(Note.body))).all()) == 2
        cte = select(Item.title).cte("titles")
        assert session.scalars(select(func.count()).select_from(cte)).one() == 1
        assert session.scalars(select(cte.c.title)).all() == ["low"]
        numbers = select(literal(1).label("k")).cte("numbers", recursive=True)
        numbers = numbers.union_all(select(numbers.c.k + 1).where(numbers.c.k < 3))
        assert session.scalar(select(func.count()).select_from(numbers)) == 3
        assert session.scalar(select(func.count()).select_from(select(Item.title).subquery())) == 1


def test_joins_of_marked_and_plain_tables(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        load(session, Item, port.low_item).harbour_id = "quay"
        session.flush()
        joined = select(Harbour.name, Item.title).join(Item, Item.harbour_id == Harbour.id)
        assert session.execute(joined).all() == [("Quay", "low")]
        assert session.scalars(select(aliased(Item).title)).all() == ["low"]
        outer = (
            select(Project.name, Note.body)
            .outerjoin(Item, Item.project_id == Project.id)
            .outerjoin(Note, Note.item_id == Item.id)
        )
        assert session.execute(outer).all() == [("port", "low note")]
        assert (
            session.scalars(select(Project.name).where(Project.items.any(Item.title == "HIGH"))).all() == []
        )


def test_associations_through_the_orm(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        item = load(session, Item, port.low_item)
        tag = Tag(name="another")
        item.tags.append(tag)
        session.flush()
        session.refresh(item)
        assert {t.name for t in item.tags} == {"low tag", "another"}
        item.tags.remove(tag)
        session.flush()
        session.refresh(item)
        assert [t.name for t in item.tags] == ["low tag"]
        assert session.scalar(select(func.count()).select_from(item_tag)) == 1


def test_json_is_read_filtered_and_changed(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        first = cast(Item.payload["k"][0].as_integer(), Integer)
        assert session.scalars(select(Item.title).where(first == 1)).all() == ["low"]
        item = load(session, Item, port.low_item)
        assert item.payload == {"k": [1, 2]}
        item.payload = {"k": [5]}
        session.flush()
        session.refresh(item)
        assert item.payload == {"k": [5]}


def test_raw_sql_uses_the_plain_name(port: Port) -> None:
    with port.vault.reading(port.anna) as session:
        assert session.execute(text("select title from item")).scalars().all() == ["low"]
        by_text = select(Item).from_statement(text("select * from item"))
        assert [item.title for item in session.scalars(by_text)] == ["low"]


def test_a_savepoint_takes_back_what_failed(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="one"))
        session.flush()
        with session.begin_nested() as savepoint:
            session.add(Draft(name="one"))
            with pytest.raises(IntegrityError):
                session.flush()
            savepoint.rollback()
        session.add(Draft(name="two"))
    assert port.truth("select name from draft order by name") == [("one",), ("two",)]


def test_rows_are_streamed(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.execute(insert(Tag), [{"name": f"s{n}"} for n in range(500)])
        streamed = session.scalars(select(Tag).execution_options(yield_per=50))
        assert sum(1 for _ in streamed) == 501


def test_a_reader_writes_up_on_what_lies_below(port: Port) -> None:
    with port.vault.writing(port.bert, port.high) as session:
        session.add(Note(body="up", item_id=port.low_item))
        session.flush()
        assert session.scalar(select(func.count(Note.id))) == 4
    with port.vault.reading(port.anna) as session:
        assert session.scalars(select(Note.body)).all() == ["low note"]


def test_moments_come_back_aware_in_utc(port: Port) -> None:
    moment = datetime(2031, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    with clock.at(moment), port.vault.writing(port.anna) as session:
        session.audit("item.look", "item")
    with port.vault.reading(port.anna) as session:
        assert session.scalars(select(AuditEntry.at).order_by(AuditEntry.at.desc())).first() == moment


def test_a_naive_moment_is_refused(port: Port) -> None:
    with pytest.raises(Exception, match="time zone"), port.vault.reading(port.anna) as session:
        session.scalars(select(AuditEntry).where(AuditEntry.at > datetime(2031, 1, 1))).all()
