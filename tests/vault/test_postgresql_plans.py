"""What PostgreSQL plans under the policies, and what it knows about tables that grow."""

from __future__ import annotations

import psycopg
import pytest
from postgresql_attacks import as_role
from sample_port import Port
from sample_rooms import Item

from strongroom.vault.tables import core

pytestmark = pytest.mark.only("postgresql")


def test_an_index_is_searched_once_for_each_readable_marking(port: Port) -> None:
    """Not for each claimed one times each readable one: with a hundred markings that is ten milliseconds a search."""

    def plan(connection: psycopg.Connection[tuple[str]]) -> str:
        connection.execute("set enable_seqscan = off")
        found = connection.execute("explain select title from item where marking_id = 1 and secret = 'x'")
        return "\n".join(line for (line,) in found)

    searched = next(line for line in as_role(port, "reader", plan).splitlines() if "Index Cond" in line)
    assert searched.count("ANY") == 1, searched


def test_the_database_learns_how_large_a_table_is(port: Port) -> None:
    known = "select cast(reltuples as int) from pg_class where relname = 'item'"
    assert port.truth(known) == [(-1,)]
    port.vault.learn_size(core(Item))
    assert port.truth(known) == port.truth("select count(*) from item")


def test_learning_waits_for_nobody(port: Port) -> None:
    with port.vault._system.writing() as connection:
        connection.exec_driver_sql(
            "lock table item in share update exclusive mode"
        )  # as the server's own look does
        port.vault.learn_size(core(Item))
