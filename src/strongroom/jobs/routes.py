"""HTTP: see how a job is getting on, stop it, let it go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter

from strongroom.errors import NotPermittedError
from strongroom.jobs.cancel import cancel
from strongroom.jobs.resume import resume
from strongroom.jobs.schemas import JobOut
from strongroom.jobs.tables import Job
from strongroom.people import IdempotencyDep, Principal, VaultDep, once, roles_of, signed_in
from strongroom.people.receipts import Idempotency
from strongroom.vault import ReaderSession, Vault, load

router = APIRouter(tags=["jobs"])


@router.get("/jobs/{job_id}")
def get_job(job_id: str, who: Annotated[Principal, signed_in], vault: VaultDep) -> JobOut:
    """How far a job is: for those who asked for it, and for the project's managers."""
    with vault.reading(who.reader) as session:
        return JobOut.of(_own(session, job_id))


@router.post("/jobs/{job_id}/cancel")
def cancel_job(
    job_id: str, who: Annotated[Principal, signed_in], vault: VaultDep, idempotency: IdempotencyDep
) -> JobOut:
    """Stops a job, at its own level. What it has done by then stays, and it can be resumed."""
    return _act(vault, who, job_id, idempotency, cancel)


@router.post("/jobs/{job_id}/resume")
def resume_job(
    job_id: str, who: Annotated[Principal, signed_in], vault: VaultDep, idempotency: IdempotencyDep
) -> JobOut:
    """Lets a failed or cancelled job go on where it stopped, on the caller's behalf and at the job's level."""
    return _act(vault, who, job_id, idempotency, resume)


def _act(
    vault: Vault,
    who: Principal,
    job_id: str,
    idempotency: Idempotency,
    verb: Callable[[ReaderSession, Job], None],
) -> JobOut:
    with vault.reading(who.reader) as session:
        level = session.marking(_own(session, job_id))
    if level != who.reader.level:
        raise NotPermittedError(
            f"This job belongs to the level {level}.", remedy="Change your working level to it."
        )

    with vault.writing(who.reader) as session:

        def acted() -> JobOut:
            job = _own(session, job_id)
            verb(session, job)
            return JobOut.of(job)

        return once(session, who.person.id, idempotency, JobOut, acted)


def _own(session: ReaderSession, job_id: str) -> Job:
    job = load(session, Job, job_id)
    person_id = session.reader.person_id
    manages = job.project_id is not None and not {"owner", "manager"}.isdisjoint(
        roles_of(session, job.project_id, person_id)
    )
    if job.created_by != person_id and not manages:
        raise NotPermittedError("This job is somebody else's.")
    return job
