"""Asking for a job."""

from __future__ import annotations

from datetime import datetime

from strongroom.jobs.kinds import kind_of
from strongroom.jobs.order import give
from strongroom.jobs.tables import Job
from strongroom.vault import ReaderSession


def start(
    session: ReaderSession,
    kind: str,
    *,
    project_id: str | None = None,
    subject_id: str | None = None,
    total: int | None = None,
    due_at: datetime | None = None,
) -> Job:
    """A new job at the level of this writing session; a worker takes it up as soon as the transaction is committed,
    or when `due_at` has come.

    `subject_id` names what the job works on, in the terms of its kind. Raises KeyError for an unknown kind.
    """
    job = Job(
        kind=kind_of(kind).name,
        project_id=project_id,
        subject_id=subject_id,
        total=total,
        created_by=session.reader.person_id,
    )
    session.add(job)
    session.flush()
    give(session, job, due_at)
    return job
