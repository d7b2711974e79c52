"""Durable background work: what takes long is done by a worker process, as the person who asked for it.

A room registers what it can do, and starts it in the transaction that makes the thing the job works on:

    @job("label.import", roles=("owner", "manager"))
    def read_file(context: JobContext) -> None:
        for chunk in chunks_after(context.job.position):
            with context.writing() as session:
                session.add_all(chunk.rows)
                context.checkpoint(session, position=chunk.end)
            context.progress(chunk.end, total)

    with vault.writing(reader) as session:
        import_ = Import(...)
        session.add(import_)
        session.flush()
        import_.job_id = start(session, "label.import", project_id=project.id, subject_id=import_.id).id

Whatever commits is done: the job's row and the worker's order to begin are part of the same transaction. A job runs
at the level at which it was asked for, with no more clearance than its person had then and has now; that, and the
roles named above, are looked up again when it starts and with each progress report. A worker that dies is started
again and takes up what it had begun, so a job's function must bear being called again: what `checkpoint` wrote,
and rows written in the same transaction, are there together or not at all.

`Supervisor` keeps the worker process alive. `run_waiting` does the waiting jobs here and now, for tests and for
building a demonstration.
"""

from strongroom.jobs import moved  # noqa: F401 - what happens when things are marked otherwise
from strongroom.jobs.again import again
from strongroom.jobs.cancel import cancel
from strongroom.jobs.context import JobCancelledError, JobContext
from strongroom.jobs.kinds import job
from strongroom.jobs.resume import resume
from strongroom.jobs.routes import router
from strongroom.jobs.run import run_waiting
from strongroom.jobs.schemas import JobOut
from strongroom.jobs.start import start
from strongroom.jobs.supervisor import Supervisor
from strongroom.jobs.tables import Job

__all__ = [
    "Job",
    "JobCancelledError",
    "JobContext",
    "JobOut",
    "Supervisor",
    "again",
    "cancel",
    "job",
    "resume",
    "router",
    "run_waiting",
    "start",
]
