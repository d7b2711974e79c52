"""Letting a job that failed or was cancelled go on where it stopped."""

from __future__ import annotations

from strongroom.errors import ConflictError
from strongroom.jobs.order import give
from strongroom.jobs.tables import Job
from strongroom.vault import ReaderSession


def resume(session: ReaderSession, job: Job) -> None:
    """Has the job run again, from now on as the session's reader. Raises ConflictError for one that needn't."""
    if job.state not in ("failed", "cancelled"):
        raise ConflictError(f"This job is {job.state}: there is nothing to resume.")
    job.state = "queued"
    job.cancel_requested = False
    job.message = ""
    job.finished_at = None
    job.attempts = 0
    job.run += 1
    session.flush()
    give(session, job)
    session.audit("job.resume", "job", job.id, of=job.kind)
