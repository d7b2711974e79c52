"""Pages by key: complete, in order, unmoved by hidden rows, and with cursors that can't be lent or forged."""

from __future__ import annotations

from typing import Any

import pytest
from sample_port import Port
from sample_rooms import Item, Tag
from sqlalchemy import func, insert, select

from strongroom.errors import InvalidError
from strongroom.vault import AuditEntry, Reader, page


@pytest.fixture
def tags(port: Port) -> Port:
    with port.vault.writing(port.anna) as session:
        session.execute(insert(Tag), [{"name": f"n{n:03}"} for n in range(25)])
    with port.vault.writing(port.bert, port.high) as session:
        session.execute(insert(Tag), [{"name": f"n{n:03} HIGH"} for n in range(25)])
    return port


def all_pages(port: Port, reader: Reader, statement: Any, key: Any, limit: int) -> list[list[Any]]:
    pages, cursor = [], None
    while True:
        with port.vault.reading(reader) as session:
            found = page(session, statement, key, cursor, limit)
        pages.append(found.items)
        if found.next is None:
            return pages
        cursor = found.next


def test_pages_are_complete_and_in_order(tags: Port) -> None:
    pages = all_pages(tags, tags.anna, select(Tag), (Tag.name, Tag.id), 10)
    names = [tag.name for items in pages for tag in items]
    assert [len(items) for items in pages] == [10, 10, 6]
    assert names == sorted(names)
    assert not any("HIGH" in name for name in names)


def test_the_last_page_says_that_it_is(tags: Port) -> None:
    pages = all_pages(tags, tags.anna, select(Tag), Tag.id, 13)
    assert [len(items) for items in pages] == [13, 13]


def test_pages_in_falling_order_with_ties(tags: Port) -> None:
    statement = select(Tag.name, func.length(Tag.name).label("size"))
    key = (func.length(Tag.name).desc(), Tag.id.desc())
    pages = all_pages(tags, tags.bert, statement, key, 7)
    sizes = [row.size for items in pages for row in items]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == len({row.name for items in pages for row in items}) == 52


def test_a_cursor_is_the_same_for_the_same_page(tags: Port) -> None:
    with tags.vault.reading(tags.anna) as session:
        one = page(session, select(Tag), Tag.id, None, 5)
        two = page(session, select(Tag), Tag.id, None, 5)
    assert one.next == two.next


def test_a_cursor_is_bound_to_reader_and_query(tags: Port) -> None:
    with tags.vault.reading(tags.anna) as session:
        cursor = page(session, select(Tag), Tag.id, None, 5).next
        assert cursor is not None
        assert page(session, select(Tag), Tag.id, cursor, 9).items
        for other, key in (
            (select(Item), Item.id),
            (select(Tag).where(Tag.name > "n"), Tag.id),
            (select(Tag), Tag.id.desc()),
        ):
            with pytest.raises(InvalidError):
                page(session, other, key, cursor, 5)
    with tags.vault.reading(tags.bert) as session, pytest.raises(InvalidError):
        page(session, select(Tag), Tag.id, cursor, 5)


def test_the_values_of_a_filter_are_part_of_the_query(tags: Port) -> None:
    with tags.vault.reading(tags.anna) as session:
        cursor = page(session, select(Tag).where(Tag.name > "n001"), Tag.id, None, 5).next
        with pytest.raises(InvalidError):
            page(session, select(Tag).where(Tag.name > "n002"), Tag.id, cursor, 5)


@pytest.mark.parametrize("cursor", ["", "x", "AAAA" * 20, "é", "a" * 5000, "!!!!", "\ud800"])
def test_a_forged_cursor_is_invalid(tags: Port, cursor: str) -> None:
    with tags.vault.reading(tags.anna) as session, pytest.raises(InvalidError):
        page(session, select(Tag), Tag.id, cursor, 5)


def test_a_changed_cursor_is_invalid(tags: Port) -> None:
    with tags.vault.reading(tags.anna) as session:
        cursor = page(session, select(Tag), Tag.id, None, 5).next
        assert cursor is not None
        changed = cursor[:20] + ("A" if cursor[20] != "A" else "B") + cursor[21:]
        with pytest.raises(InvalidError):
            page(session, select(Tag), Tag.id, changed, 5)


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_a_page_has_bounds(tags: Port, limit: int) -> None:
    with tags.vault.reading(tags.anna) as session, pytest.raises(InvalidError):
        page(session, select(Tag), Tag.id, None, limit)


def test_a_moment_as_key(port: Port) -> None:
    for _ in range(5):
        with port.vault.writing(port.anna) as session:
            session.audit("draft.create", "draft")
    key = (AuditEntry.at.desc(), AuditEntry.id)
    pages = all_pages(port, port.anna, select(AuditEntry), key, 2)
    assert [len(items) for items in pages] == [2, 2, 1]
    assert len({entry.id for items in pages for entry in items}) == 5
