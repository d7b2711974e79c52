"""Kinds of jobs that only the tests have: the worker process imports this module in place of the rooms."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from strongroom import assembly  # noqa: F401 - a worker knows every table, else it would refit the database
from strongroom.errors import InvalidError, StorageFullError
from strongroom.jobs import Job, JobContext, cancel, job
from strongroom.people import Person, Receipt
from strongroom.vault import load

CHUNKS = 6
ONLY_BY_BELL = "STRONGROOM_TEST_ONLY_BY_BELL"

if os.environ.get(ONLY_BY_BELL):  # in the worker process, whose main module this is: it never looks by itself
    sys.modules["__main__"].LOOK_EVERY_SECONDS = 3600.0  # type: ignore[attr-defined]


@job("test.chunks")
def chunks(context: JobContext) -> None:
    """Writes CHUNKS lines (receipts, which are marked rows that are there without any room).

    Dies as the file `die_at` in the workspace says: `N before`, `N within` or `N after` chunk N.
    """
    for number in range(context.job.position or 0, CHUNKS):
        _die(context, number, "before")
        with context.writing() as session:
            session.add(
                Receipt(
                    person_id=context.reader.person_id,
                    key_hash=f"line {number} of {context.job.id}",
                    request_hash="",
                    answer=context.job.id,
                )
            )
            session.flush()
            _die(context, number, "within")
            context.checkpoint(session, number + 1, done=number + 1, total=CHUNKS)
        _die(context, number, "after")
        context.progress(number + 1, CHUNKS)


@job("test.deadly")
def deadly(context: JobContext) -> None:
    """Kills its worker each time."""
    os.kill(os.getpid(), signal.SIGKILL)


@job("test.patient")
def patient(context: JobContext) -> None:
    """Goes on until it is cancelled, or until there is a file `enough`."""
    for done in range(context.job.done, 100_000):
        if (context.vault.folder / "enough").exists():
            return
        context.progress(done)
        time.sleep(0.01)


@job("test.refused")
def refused(context: JobContext) -> None:
    raise InvalidError("The third line has no text.", remedy="Give it one.")


@job("test.finds_the_disk_full")
def finds_the_disk_full(context: JobContext) -> None:
    if context.job.run == 1:
        raise StorageFullError("There is no room left to write.", remedy="Free some space.")


@job("test.broken")
def broken(context: JobContext) -> None:
    raise ValueError("the secret word is aubergine")


@job("test.for_managers", roles=("owner", "manager"))
def for_managers(context: JobContext) -> None:
    """Nothing to do."""


def _die(context: JobContext, number: int, when: str) -> None:
    order = context.vault.folder / "die_at"
    if order.exists() and order.read_text() == f"{number} {when}":
        order.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def die_at(workspace: Path, number: int, when: str) -> None:
    (workspace / "die_at").write_text(f"{number} {when}")


@job("test.sees")
def sees(context: JobContext) -> None:
    """Says how far its person's clearance reaches."""
    context.progress(1, 1, str(context.reader.clearance.to_json()["level"]))


@job("test.closes_its_own_account")
def closes_its_own_account(context: JobContext) -> None:
    with context.vault.registry(write=True) as session:
        session.get_one(Person, context.reader.person_id).active = False
    context.progress(1)


@job("test.cancels_itself")
def cancels_itself(context: JobContext) -> None:
    """Five steps; somebody cancels it after the third of its first run."""
    for step in range(context.job.position or 0, 5):
        with context.writing() as session:
            context.checkpoint(session, step + 1, done=step + 1, total=5)
        if step == 2:
            with context.writing() as session:
                cancel(session, load(session, Job, context.job.id))
            context.check_cancelled()


@job("test.talkative")
def talkative(context: JobContext) -> None:
    """Reports a thousand times within a moment; its message says how many reports were written."""
    written, last = 0, -1
    until = time.monotonic() + 0.6
    done = 0
    while time.monotonic() < until:
        done += 1
        context.progress(done)
        with context.vault.reading(context.reader) as session:
            stored = load(session, Job, context.job.id).done
        written, last = (written + 1, stored) if stored != last and stored else (written, stored)
    context.progress(done, message=str(written))
