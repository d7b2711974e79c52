"""Names for ids, many at once."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from strongroom.people import Person, PersonCard
from strongroom.vault import ReaderSession, listed


def cards(session: ReaderSession, person_ids: Iterable[str]) -> dict[str, PersonCard]:
    ids = listed(sorted(set(person_ids)))
    rows = session.execute(select(Person.id, Person.login, Person.name).where(Person.id.in_(ids)))
    return {id_: PersonCard(id=id_, login=login, name=name) for id_, login, name in rows}
