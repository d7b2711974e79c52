"""What a running job has in its hands."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from strongroom.jobs.tables import Job
from strongroom.markings import Marking
from strongroom.vault import Reader, ReaderSession, Vault, load

# Progress is for eyes: more often than this it is remembered, not written.
WRITE_EVERY_SECONDS = 0.25


class JobCancelledError(Exception):
    """Somebody asked for this job to stop; let it pass."""


class JobContext:
    """The vault, who the job is done for, its row as it was at the start, and ways to report.

    `job` is a copy to read from (`subject_id`, `project_id`, `position`, …); changes to it are not stored.
    """

    def __init__(self, vault: Vault, reader: Reader, job: Job, recheck: Callable[[], object]) -> None:
        self.vault = vault
        self.reader = reader
        self.job = job
        self._recheck = recheck
        self._reported: tuple[int, int | None, str] = (job.done, job.total, job.message)
        self._written: tuple[int, int | None, str] = self._reported
        self._next_write = 0.0

    def reading(self, *, up_to: Marking | None = None) -> AbstractContextManager[ReaderSession]:
        """A session that sees what the job's person may see; with `up_to`, what may be written at that level."""
        return self.vault.reading(self.reader, up_to=up_to)

    def writing(self) -> AbstractContextManager[ReaderSession]:
        """A session that writes at the job's level. Others wait meanwhile: keep it short."""
        return self.vault.writing(self.reader)

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Says how far the job is; call it as often as you like, outside of a writing session.

        Now and then this writes, and looks whether the job may go on: raises JobCancelledError when somebody
        cancelled it, NotPermittedError when its person may no longer have it done. `message` holds no content.
        """
        self._reported = (done, total if total is not None else self._reported[1], message)
        if time.monotonic() >= self._next_write:
            self._write()

    def check_cancelled(self) -> None:
        """The same look for stretches of work without any progress to report."""
        if time.monotonic() >= self._next_write:
            self._write()

    def checkpoint(
        self, session: ReaderSession, position: Any, *, done: int | None = None, total: int | None = None
    ) -> None:
        """Stores, in the transaction of `session` (one at the job's level), that the work is done up to `position`.

        `position` is anything that JSON can say; the next attempt finds it in `job.position`.
        """
        job = load(session, Job, self.job.id)
        job.reached = {"position": position}
        job.attempts = 0
        if done is not None:
            job.done = done
        if total is not None:
            job.total = total
        self._reported = (job.done, job.total, job.message)
        self._written = self._reported

    def _write(self) -> None:
        self._recheck()
        if self._reported == self._written:
            with self.reading() as session:
                cancelled = load(session, Job, self.job.id).cancel_requested
        else:
            with self.writing() as session:
                job = load(session, Job, self.job.id)
                cancelled = job.cancel_requested
                if self._reported[0] > job.done:
                    job.attempts = 0
                job.done, job.total, job.message = self._reported
            self._written = self._reported
        self._next_write = time.monotonic() + WRITE_EVERY_SECONDS
        if cancelled:
            raise JobCancelledError

    @property
    def reported(self) -> tuple[int, int | None, str]:
        """Done, total and message as last said, whether written or not."""
        return self._reported
