"""Stopping a job: at once while it waits, at its next report while it runs. What it did stays done."""

from __future__ import annotations

from strongroom.errors import ConflictError
from strongroom.jobs.tables import OVER, Job
from strongroom.vault import ReaderSession, clock


def cancel(session: ReaderSession, job: Job) -> None:
    """Raises ConflictError for a job that is over."""
    if job.state in OVER:
        raise ConflictError(f"This job is {job.state} already.")
    job.cancel_requested = True
    if job.state == "queued":
        job.state = "cancelled"
        job.finished_at = clock.now()
    session.audit("job.cancel", "job", job.id, of=job.kind)
