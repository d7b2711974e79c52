"""Where things come from, and that nothing lies below its sources."""

from __future__ import annotations

import pytest
from sample_port import Port
from sample_rooms import Draft, Item, Note, Project, Tag
from sqlalchemy import insert, select, update

from strongroom.errors import NotFoundError, NotPermittedError
from strongroom.vault import derive, derive_from_ids, lineage, lineage_check, load
from strongroom.vault.lineage import DerivationEdge, Related
from strongroom.vault.lineage_check import Violation


def test_foreign_keys_and_edges_are_both_lineage(port: Port) -> None:
    with port.vault.writing(port.bert, port.high) as session:
        high, low = load(session, Item, port.high_item), load(session, Item, port.low_item)
        draft = Draft(name="dataset")
        session.add(draft)
        derive(session, draft, [low, high, low], "export")
        assert lineage.sources_of(session, high) == [Related("project", port.project, "project_id")]
        made_of = lineage.sources_of(session, draft)
        assert {(each.kind, each.id) for each in made_of} == {("item", low.id), ("item", high.id)}
        assert {each.how for each in made_of} == {"export"}
        made = lineage.derived_from(session, low)
        assert {each.kind for each in made} == {"note", "draft"}
    with port.vault.reading(port.anna) as session:
        low = load(session, Item, port.low_item)
        assert [each.kind for each in lineage.derived_from(session, low)] == ["note"]
    assert lineage_check.check(port.vault) == []


def test_what_cannot_be_seen_is_no_source(port: Port) -> None:
    with port.vault.reading(port.bert) as session:
        high = load(session, Item, port.high_item)
    with port.vault.writing(port.bert, port.low) as session:
        draft = Draft(name="too low")
        session.add(draft)
        with pytest.raises(NotFoundError):
            derive(session, draft, [high], "export")
        with pytest.raises(NotFoundError):
            derive_from_ids(session, draft, Item, [port.low_item, "absent"], "export")
    assert port.truth("select * from derivation_edge") == []


def test_a_derivation_is_recorded_by_who_writes_the_derived_thing(port: Port) -> None:
    with port.vault.writing(port.bert, port.high) as session:
        low, tag = load(session, Item, port.low_item), load(session, Tag, port.low_tag)
        with pytest.raises(ValueError, match="writes the derived thing"):
            derive(session, low, [tag], "x")


def test_edges_are_for_good(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        draft = Draft(name="d")
        session.add(draft)
        derive(session, draft, [load(session, Item, port.low_item)], "export")
        session.commit()
        with pytest.raises(NotPermittedError):
            session.execute(update(DerivationEdge).values(how="x"))
        session.rollback()


def test_check_finds_what_was_forced_in(port: Port) -> None:
    note_id = port.truth("select id from note where body = 'HIGH NOTE'")[0][0]
    low_id = port.id_of(port.low)
    port.force("update note set marking_id = :m where id = :n", m=low_id, n=note_id)
    with port.vault.writing(port.bert, port.high) as session:
        draft = Draft(name="d")
        session.add(draft)
        derive(session, draft, [load(session, Item, port.high_item)], "export")
    port.force("update draft set marking_id = :m", m=low_id)
    assert set(lineage_check.check(port.vault)) == {
        Violation("note", note_id, "item", port.high_item, "item_id"),
        Violation("draft", draft.id, "item", port.high_item, "export"),
    }


def test_ten_thousand_sources_at_once(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.execute(insert(Item), [{"title": str(n), "project_id": port.project} for n in range(10_000)])
        draft = Draft(name="dataset")
        session.add(draft)
        session.flush()
        ids = session.scalars(select(Item.id)).all()
        derive_from_ids(session, draft, Item, ids, "export")
    assert port.truth("select count(*) from derivation_edge") == [(10_001,)]
    assert lineage_check.check(port.vault) == []


def test_the_sources_of_a_row_without_any(port: Port) -> None:
    with port.vault.reading(port.anna) as session:
        assert lineage.sources_of(session, load(session, Project, port.project)) == []
        assert lineage.derived_from(session, session.scalars(select(Note)).one()) == []
