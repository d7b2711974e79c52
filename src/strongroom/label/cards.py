"""Names for ids, many at once."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from sqlalchemy import func, select

from strongroom.people import Person, PersonCard
from strongroom.vault import ReaderSession


def cards(session: ReaderSession, person_ids: Iterable[str]) -> dict[str, PersonCard]:
    listed = func.json_each(orjson.dumps(sorted(set(person_ids))).decode()).table_valued("value")
    rows = session.execute(
        select(Person.id, Person.login, Person.name).where(Person.id.in_(select(listed.c.value)))
    )
    return {id_: PersonCard(id=id_, login=login, name=name) for id_, login, name in rows}
