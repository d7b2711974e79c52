"""Having a job that is over done once more, for work that comes back: one row of it, however often it is done."""

from __future__ import annotations

from datetime import datetime

from strongroom.jobs.order import give
from strongroom.jobs.tables import OVER, Job
from strongroom.vault import ReaderSession


def again(session: ReaderSession, job: Job, due_at: datetime | None = None) -> bool:
    """Has the job run again from the start, as the session's reader; in a session at the job's level.

    Does nothing for a job that waits. False for one that is running: what is asked for may come too late for that run.
    """
    if job.state == "running":
        return False
    if job.state in OVER:
        job.state = "queued"
        job.cancel_requested = False
        job.message = ""
        job.reached = None
        job.done = job.counted_done = 0
        job.finished_at = None
        job.attempts = 0
        job.run += 1
        session.flush()
        give(session, job, due_at)
    return True
