"""What counts hidden entries is for the vault alone: no session knows the log's own tables."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from strongroom.errors import StrongroomError

from .conftest import Hall

TABLES = ("audit_leaf", "audit_tile", "audit_tree", "audit_checkpoint")
REFUSED = (SQLAlchemyError, StrongroomError)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("how", ["reading", "writing", "registry", "registry to write"])
def test_no_session_reads_or_writes_a_table_of_the_log(hall: Hall, how: str, table: str) -> None:
    hall.act("anna", "INTERNAL")
    hall.vault.audit_log.take_up()
    top = hall.reader("top", "INTERNAL")
    sessions = {
        "reading": lambda: hall.vault.reading(top),
        "writing": lambda: hall.vault.writing(top),
        "registry": hall.vault.registry,
        "registry to write": lambda: hall.vault.registry(write=True),
    }
    for sql in (f"select count(*) from {table}", f"delete from {table}"):
        with pytest.raises(REFUSED), sessions[how]() as session:
            session.execute(text(sql))
    assert hall.truth("select count(*) from audit_leaf")[0][0] > 0


@pytest.mark.parametrize("sql", ["select entry_id from audit_waiting", "delete from audit_waiting"])
def test_no_reader_reads_or_takes_away_what_waits(hall: Hall, sql: str) -> None:
    """Some databases refuse, some show nothing."""
    hall.act("bert", "CONFIDENTIAL//PII")
    with suppress(*REFUSED), hall.vault.writing(hall.reader("top", "INTERNAL")) as session:
        found = session.execute(text(sql))
        assert not found.returns_rows or found.all() == []
    assert hall.truth("select 1 from audit_waiting")


def test_what_somebody_looks_into_up_there_does_not_show_down_here(hall: Hall) -> None:
    """A reader at CONFIDENTIAL reads something INTERNAL: that is as confidential as what the reader works on."""
    bert = hall.reader("bert", "CONFIDENTIAL//PII")
    with hall.vault.reading(bert) as session:
        session.audit("task.read", "task", "t" * 32, marking=hall.vault.scheme.parse("INTERNAL"))
    ((marking,),) = hall.truth(
        "select m.text from audit_entry a join marking m on m.id = a.marking_id where a.action = 'task.read'"
    )
    assert marking == "CONFIDENTIAL//PII"
