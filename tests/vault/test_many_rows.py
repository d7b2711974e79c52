"""Many rows go in at once, and come out as they went in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sample_port import Port
from sample_rooms import Item
from sqlalchemy import func, insert, literal, select

from strongroom.errors import InvalidError
from strongroom.vault.postgresql.many import in_arrays

ROWS: list[dict[str, Any]] = [
    {"title": "plain", "secret": "s", "payload": {"a": [1, None]}, "n": 1},
    {"title": 'quotes " and \\ and {,} and %(title)s', "secret": None, "payload": None, "n": 2**40},
    {"title": "", "secret": "NULL", "payload": {}, "n": -1},
    {"title": "зяблик 🜁\n", "secret": "", "payload": {"t": "NULL"}, "n": 0},
]


def added(port: Port, rows: list[dict[str, Any]], **same: Any) -> list[tuple[Any, ...]]:
    with port.vault.writing(port.anna) as session:
        session.execute(insert(Item), [{"project_id": port.project, **same, **row} for row in rows])
    with port.vault.reading(port.anna) as session:
        query = select(Item.title, Item.secret, Item.payload, Item.n, Item.state)
        return [
            tuple(row) for row in session.execute(query.where(Item.title.in_([r["title"] for r in rows])))
        ]


def test_every_value_comes_back(port: Port) -> None:
    expected = {(row["title"], row["secret"], str(row["payload"]), row["n"], "open") for row in ROWS}
    assert {(a, b, str(c), d, e) for a, b, c, d, e in added(port, ROWS)} == expected


def test_a_column_may_be_empty_throughout(port: Port) -> None:
    rows = [{"title": f"nothing {n}", "secret": None, "payload": None} for n in range(3)]
    assert {row[1:] for row in added(port, rows)} == {(None, None, 7, "open")}


def test_a_text_that_cannot_be_stored_is_told_and_nothing_is_kept(port: Port) -> None:
    with pytest.raises(InvalidError):
        added(port, [{"title": "good"}, {"title": "a\0b\ud800"}])
    assert port.truth("select count(*) from item where title = 'good'") == [(0,)]


@pytest.mark.only("postgresql")
def test_any_number_of_rows_is_one_statement_with_one_text(port: Port) -> None:
    said: list[tuple[str, int]] = []

    with port.vault.writing(port.anna) as session:
        raw: Any = session.connection().connection.dbapi_connection
        execute = raw.cursor_factory.execute

        def heard(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
            found = execute(cursor, query, *args, **kwargs)
            said.append((str(query), cursor.rowcount))
            return found

        before = session.changed
        raw.cursor_factory = type("Heard", (raw.cursor_factory,), {"execute": heard})
        for count in (2, 300, 1500):
            rows = [{"project_id": port.project, "title": f"{count} {n}"} for n in range(count)]
            session.execute(insert(Item), rows)
        raw.cursor_factory = raw.cursor_factory.__mro__[1]
        assert (before, session.changed) == (False, True)
    assert [rows for _, rows in said] == [2, 300, 1500]
    assert len({query for query, _ in said}) == 1


def test_what_is_more_than_a_parameter_for_each_column_stays_as_it_is() -> None:
    plain = "INSERT INTO t (a, b) VALUES (%(a)s::VARCHAR, %(b)s)"
    arrays = in_arrays(plain, lambda name: {"b": "BOOLEAN"}[name])
    assert arrays is not None
    assert arrays.statement == "INSERT INTO t (a, b) SELECT * FROM unnest(%(a)s::VARCHAR[], %(b)s::BOOLEAN[])"
    assert arrays.of([{"a": 1, "b": 2}, {"a": 3, "b": 4}]) == {"a": [1, 3], "b": [2, 4]}
    for other in (
        "INSERT INTO t (a, b) VALUES (%(a)s, now())",
        "INSERT INTO t (a, b) VALUES (%(a)s, lower(%(b)s))",
        "INSERT INTO t (a) VALUES (%(a)s) RETURNING t.id",
        "INSERT INTO t (a) SELECT %(a)s",
        "UPDATE t SET a = %(a)s",
    ):
        assert in_arrays(other, str) is None


def test_a_statement_with_an_expression_in_it_is_still_understood(port: Port) -> None:
    rows = [{"title": f"row {n}", "project_id": port.project} for n in range(3)]
    with port.vault.writing(port.anna) as session:
        session.execute(insert(Item).values(state=func.lower(literal("SHUT"))), rows)
    assert port.truth("select count(*) from item where state = 'shut'") == [(3,)]


@pytest.mark.only("postgresql")
def test_values_that_make_no_array_go_in_one_by_one(port: Port) -> None:
    rows: list[dict[str, Any]] = [{"title": "one", "n": 1}, {"title": "two", "n": Decimal(2)}]
    assert {(row[0], row[3]) for row in added(port, rows)} == {("one", 1), ("two", 2)}
