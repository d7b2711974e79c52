"""Clearances: read from storage, met with ceilings, given by one person to another.

A clearance is stored as its canonical JSON. That text is also the key of the caches here, so that a request costs a
look-up and no parsing, and a new grant is a new key: nothing has to be forgotten when a clearance changes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from strongroom.errors import InvalidError, NotPermittedError
from strongroom.markings import Clearance, MarkingError, Scheme, SchemeError
from strongroom.people.tables import ClearanceGrant, Person


class Clearances:
    """Reads stored clearances of one scheme."""

    def __init__(self, scheme: Scheme) -> None:
        self.scheme = scheme
        self._nobodys = scheme.clearance({"level": scheme.bottom.level.long})
        self._read = lru_cache(maxsize=4096)(self._parse)
        self._effective = lru_cache(maxsize=4096)(self._meet)

    def read(self, stored: str | None) -> Clearance:
        """The clearance stored as `stored`; for None (nobody cleared this person) the least there is."""
        return self._nobodys if stored is None else self._read(stored)

    def effective(self, stored: str | None, *ceilings: str | None) -> Clearance:
        """What is left of a clearance under its ceilings; None is no ceiling."""
        return self._effective(stored, *ceilings)

    def canonical(self, given: Mapping[str, Any], login: str) -> str:
        """What to store for a clearance that came in as JSON. `name` is always the person's own login.

        Raises InvalidError with the place and what was expected there.
        """
        try:
            clearance = self.scheme.clearance({**given, "name": login})
        except MarkingError as error:
            mistake = {
                "where": "body.clearance",
                "why": str(error),
                "position": error.position,
                "expected": error.expected,
            }
            raise InvalidError("That clearance cannot be read.", errors=[mistake]) from error
        except SchemeError as error:
            mistake = {"where": "body.clearance", "why": str(error)}
            raise InvalidError("That clearance cannot be read.", errors=[mistake]) from error
        return json.dumps(clearance.to_json(), sort_keys=True, ensure_ascii=False)

    def _parse(self, stored: str) -> Clearance:
        return self.scheme.clearance(json.loads(stored))

    def _meet(self, stored: str | None, *ceilings: str | None) -> Clearance:
        clearance = self.read(stored)
        for ceiling in ceilings:
            if ceiling is not None:
                clearance = clearance.meet(self.read(ceiling))
        return clearance


def give(session: Session, person: Person, clearance: str, *, reason: str, by: str | None) -> ClearanceGrant:
    """Gives `person` a clearance (canonical JSON), in force from the next request on.

    `by` is the id of the security officer, None for an operator at the console. Raises NotPermittedError for a
    clearance given to oneself.
    """
    if by == person.id:
        raise NotPermittedError(
            "Nobody gives a clearance to themselves.", remedy="Ask another security officer, or the operator."
        )
    latest = session.scalar(
        select(func.max(ClearanceGrant.number)).where(ClearanceGrant.person_id == person.id)
    )
    grant = ClearanceGrant(
        person_id=person.id, number=(latest or 0) + 1, clearance=clearance, reason=reason, given_by=by
    )
    session.add(grant)
    return grant


def in_force(session: Session, person_ids: Sequence[str]) -> dict[str, str]:
    """The clearance in force (canonical JSON) of each of these people who was given one."""
    rows = session.execute(
        select(ClearanceGrant.person_id, ClearanceGrant.clearance)
        .where(ClearanceGrant.person_id.in_(person_ids))
        .order_by(ClearanceGrant.number)
    )
    return dict(rows.all())


def history(session: Session, person_id: str) -> list[tuple[ClearanceGrant, Person | None]]:
    """What a person has been given and by whom, newest first; None is an operator at the console."""
    rows = session.execute(
        select(ClearanceGrant, Person)
        .outerjoin(Person, Person.id == ClearanceGrant.given_by)
        .where(ClearanceGrant.person_id == person_id)
        .order_by(ClearanceGrant.number.desc())
    )
    return [(grant, by) for grant, by in rows]
