"""May the person who ordered a job still have it done? Asked when it starts, and with each report."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from strongroom.errors import NotPermittedError
from strongroom.jobs.tables import Job
from strongroom.people import Clearances, roles_of
from strongroom.people.tables import ClearanceGrant, Person
from strongroom.vault import Reader, Vault


def reader_now(vault: Vault, as_ordered: Reader, job: Job, roles: tuple[str, ...]) -> Reader:
    """The person as they are now, with no more clearance than when they gave the order.

    Raises NotPermittedError when the account is closed, the clearance no longer permits the job's level, or none of
    `roles` in the job's project is theirs any more.
    """
    with vault.registry() as session:
        active = session.scalar(select(Person.active).where(Person.id == as_ordered.person_id))
        grant = session.scalar(
            select(ClearanceGrant.clearance)
            .where(ClearanceGrant.person_id == as_ordered.person_id)
            .order_by(ClearanceGrant.number.desc())
            .limit(1)
        )
    if not active:
        raise NotPermittedError("The account of the person who asked for this job is closed.")
    clearance = Clearances(vault.scheme).read(grant).meet(as_ordered.clearance)
    if not clearance.permits(as_ordered.level):
        raise NotPermittedError(
            "The clearance of the person who asked for this job no longer permits its level."
        )
    reader = replace(as_ordered, clearance=clearance)
    if roles and job.project_id is not None:
        with vault.reading(reader) as session:
            held = roles_of(session, job.project_id, reader.person_id)
        if set(roles).isdisjoint(held):
            raise NotPermittedError(
                "The person who asked for this job has no role for it in the project any more."
            )
    return reader
