"""Running one job: who it is done for is looked up again, its work is called, its end is put on record."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import structlog

from strongroom.errors import BusyError, NotFoundError, StorageFullError, StrongroomError
from strongroom.jobs import order as orders
from strongroom.jobs.context import JobCancelledError, JobContext
from strongroom.jobs.kinds import Kind, kind_of
from strongroom.jobs.principal import reader_now
from strongroom.jobs.tables import OVER, Job
from strongroom.vault import Reader, Vault, clock, load

# A run that was taken up this often without getting any further has killed its worker each time.
ATTEMPTS = 5
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0

log = structlog.get_logger("strongroom.jobs")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class _End:
    state: str
    message: str = ""


def run_waiting(vault: Vault) -> int:
    """Runs every job that waits, here and now, and says how many. Not beside a worker on the same workspace."""
    count = 0
    while waiting := orders.waiting(vault):
        for job_id, number in waiting:
            run(vault, job_id, number)
            count += 1
    return count


def run(vault: Vault, job_id: str, number: int) -> None:
    """Carries out an order, if it stands, to whatever end. Raises nothing that came of the job's work."""
    order = orders.find(vault, job_id, number)
    if order is not None:
        as_ordered = orders.reader_of(vault, order)
        with structlog.contextvars.bound_contextvars(job_id=job_id, run=number):
            job = _insisted(lambda: _begin(vault, as_ordered, job_id, number))
            if job is not None:
                end = _worked(vault, as_ordered, job)
                _insisted(lambda: _finish(vault, as_ordered, job, end))
    _insisted(lambda: orders.strike(vault, job_id, number))


def _begin(vault: Vault, as_ordered: Reader, job_id: str, number: int) -> Job | None:
    """The job, now running; None when there is nothing to do about it (any more)."""
    with vault.writing(as_ordered) as session:
        try:
            job = load(session, Job, job_id)
        except NotFoundError:
            return None
        if job.state in OVER or job.run != number or session.marking(job) != as_ordered.level:
            return None
        now = clock.now()
        job.state = "running"
        job.attempts += 1
        job.started_at = job.started_at or now
        job.counted_from = now
        job.counted_done = job.done
        session.flush()
        session.expunge(job)
        return job


def _worked(vault: Vault, as_ordered: Reader, job: Job) -> _End:
    """Does the job, and says how it ended. What a room didn't foresee is told by its kind only: its words may hold
    content."""
    if job.attempts > ATTEMPTS:
        log.error("job given up", kind=job.kind, attempts=job.attempts)
        return _End("failed", f"It stopped the worker {ATTEMPTS} times without getting any further.")
    if job.cancel_requested:
        return _End("cancelled")
    try:
        _work(vault, as_ordered, job)
    except JobCancelledError:
        return _End("cancelled")
    except StrongroomError as error:
        log.warning("job failed", kind=job.kind, error=error.code)
        return _End("failed", " ".join(filter(None, (error.detail, error.remedy))))
    except Exception as error:
        log.error("job broke", kind=job.kind, error=type(error).__qualname__, frames=places(error))
        return _End(
            "failed", f"Something unexpected happened ({type(error).__name__}); the server's log has more."
        )
    return _End("done")


def _work(vault: Vault, as_ordered: Reader, job: Job) -> None:
    kind: Kind = kind_of(job.kind)

    def recheck() -> Reader:
        return reader_now(vault, as_ordered, job, kind.roles)

    context = JobContext(vault, recheck(), job, recheck)
    log.debug("job starts", kind=job.kind, attempt=job.attempts)
    try:
        kind.work(context)
    finally:
        job.done, job.total, job.message = context.reported


def _finish(vault: Vault, as_ordered: Reader, job: Job, end: _End) -> None:
    with vault.writing(as_ordered) as session:
        try:
            stored = load(session, Job, job.id)
        except NotFoundError:
            log.warning("job is gone", kind=job.kind)  # marked otherwise or purged, and ended there
            return
        stored.state = end.state
        stored.done, stored.total = max(stored.done, job.done), job.total
        stored.message = end.message or job.message
        stored.finished_at = clock.now()
        session.audit(f"job.{end.state}", "job", job.id, of=job.kind)
    log.info("job is over", kind=job.kind, state=end.state)


def places(error: BaseException) -> list[str]:
    """Where an error came from, for the log: its own words may hold content."""
    return [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)][-12:]


def _insisted(act: Callable[[], Answer]) -> Answer:
    """Tries until there is room and a turn to write: a job's end must not get lost because the disk is full."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return act()
        except (BusyError, StorageFullError) as error:
            log.warning("job waits", error=error.code)
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
