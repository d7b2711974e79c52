"""Jobs belong to their project: when that is marked otherwise, or taken out of sight, they are too.

One that waited or ran was to be done at the old marking, where it is no more. It is over; whoever sees it resumes it.
"""

from __future__ import annotations

from sqlalchemy import Connection, update

from strongroom.jobs.tables import OVER, Job
from strongroom.vault import clock, core
from strongroom.vault.listed import batched
from strongroom.vault.remark import Moved, after_moving
from strongroom.vault.ties import aside, follows

_job = core(Job)

follows("job", "project_id", "project")
aside("job")


@after_moving
def end(connection: Connection, moved: Moved) -> None:
    for some in batched(list(moved.get("job", ()))):
        connection.execute(
            update(_job)
            .where(_job.c.id.in_(some), _job.c.state.not_in(OVER))
            .values(
                state="failed",
                message="What it was done for was marked otherwise meanwhile.",
                finished_at=clock.now(),
            )
        )
