"""Each act in its transaction, each disclosure before the session ends, and nothing that can be rewritten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sample_port import Port
from sample_rooms import Draft, Item
from sqlalchemy import delete, select, update

from strongroom.errors import NotFoundError, NotPermittedError
from strongroom.vault import AuditEntry, Vault, clock, load


def entries(port: Port) -> list[tuple[str, str | None, int]]:
    return [
        (action, object_id, marking_id)
        for action, object_id, marking_id in port.truth(
            "select action, object_id, marking_id from audit_entry order by at"
        )
    ]


def test_an_act_is_recorded_with_everything_about_it(port: Port) -> None:
    moment = datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC)
    with clock.at(moment), port.vault.writing(port.bert, port.high) as session:
        session.add(Draft(name="x"))
        session.audit("draft.create", "draft", "d1", count=3, ids=["a", "b"])
    with port.vault.reading(port.bert) as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.at, entry.actor_id, entry.how, entry.request_id) == (
            moment,
            "bert",
            "session",
            "request-1",
        )
        assert (entry.action, entry.kind, entry.object_id, entry.outcome) == (
            "draft.create",
            "draft",
            "d1",
            "done",
        )
        assert (entry.clearance, entry.level) == (str(port.bert.clearance), str(port.high))
        assert entry.scheme_hash == port.vault.scheme.hash
        assert entry.facts == {"count": 3, "ids": ["a", "b"]}
        assert session.marking(entry) is port.high


def test_an_act_that_fails_is_not_recorded_as_done(port: Port) -> None:
    with pytest.raises(RuntimeError), port.vault.writing(port.anna) as session:  # noqa: PT012
        session.audit("draft.create", "draft")
        raise RuntimeError
    assert entries(port) == []


def test_a_disclosure_is_recorded_at_the_marking_of_what_was_disclosed(port: Port) -> None:
    with port.vault.reading(port.dora) as session:
        item = load(session, Item, port.high_item)
        session.audit("item.read", "item", item.id, marking=item)
    assert entries(port) == [("item.read", port.high_item, port.id_of(port.high))]


def test_a_disclosure_of_several_things_goes_to_their_join(port: Port) -> None:
    with port.vault.reading(port.dora) as session:
        session.audit("item.list", "item", marking=[port.low, port.high, port.side])
    joined = port.high | port.side
    assert entries(port) == [("item.list", None, port.id_of(joined))]


def test_a_disclosure_without_a_marking_goes_as_high_as_all_that_could_be_read(port: Port) -> None:
    with port.vault.reading(port.bert) as session:
        session.audit("item.list", "item")
    assert entries(port) == [("item.list", None, port.id_of(port.high))]


def test_a_disclosure_is_on_record_when_the_session_has_ended(port: Port) -> None:
    with port.vault.reading(port.anna) as session:
        session.audit("item.read", "item", marking=port.low)
        assert entries(port) == []
    assert len(entries(port)) == 1


def test_a_disclosure_that_cannot_be_recorded_raises(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("the log can't be written")

    monkeypatch.setattr(Vault, "_record", broken)
    with pytest.raises(OSError, match="log"), port.vault.reading(port.anna) as session:
        session.audit("item.read", "item", marking=port.low)


def test_a_session_that_breaks_off_discloses_nothing(port: Port) -> None:
    with pytest.raises(RuntimeError), port.vault.reading(port.anna) as session:  # noqa: PT012
        session.audit("item.read", "item", marking=port.low)
        raise RuntimeError
    assert entries(port) == []


def test_nothing_hidden_can_be_recorded_as_disclosed(port: Port) -> None:
    with port.vault.reading(port.anna) as session, pytest.raises(NotFoundError):
        session.audit("item.read", "item", marking=port.id_of(port.high))


def test_an_auditor_reads_what_the_auditor_dominates(port: Port) -> None:
    for reader, level in ((port.anna, port.low), (port.bert, port.high), (port.cleo, port.side)):
        with port.vault.writing(reader, level) as session:
            session.audit("draft.create", "draft")
    seen = {}
    for reader in (port.anna, port.bert, port.cleo, port.dora):
        with port.vault.reading(reader) as session:
            seen[reader.login] = set(session.scalars(select(AuditEntry.actor_id)))
    assert seen == {
        "anna": {"anna"},
        "bert": {"anna", "bert"},
        "cleo": {"anna", "cleo"},
        "dora": {"anna", "bert", "cleo"},
    }


def test_no_reader_changes_or_deletes_an_entry(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        session.audit("draft.create", "draft")
        for change in (update(AuditEntry).values(actor_id="x"), delete(AuditEntry)):
            with pytest.raises(NotPermittedError, match="for good"), session.begin_nested():
                session.execute(change)
        session.rollback()


def test_facts_are_ids_and_counts(port: Port) -> None:
    with port.vault.writing(port.anna) as session:
        for fact in ("x" * 201, object(), ["y" * 201]):
            with pytest.raises(ValueError, match="id or a count"):
                session.audit("draft.create", "draft", content=fact)
        with pytest.raises(ValueError, match="name of an action"):
            session.audit("He wrote: attack at dawn", "draft")


def test_the_registry_appends_at_the_bottom(port: Port) -> None:
    with port.vault.registry(write=True) as session:
        session.audit("sign_in", "person", "p1", "refused", how="password", tries=3)
        session.audit("token.create", "token", "t1", actor=port.anna)
    with port.vault.reading(port.anna) as session:
        rows = session.execute(
            select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.how).order_by(AuditEntry.action)
        )
        assert rows.all() == [("sign_in", None, "password"), ("token.create", "anna", "session")]
        assert {session.marking(e) for e in session.scalars(select(AuditEntry))} == {port.vault.scheme.bottom}
