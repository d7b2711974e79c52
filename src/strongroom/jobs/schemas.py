"""Jobs as they go over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, Field

from strongroom.jobs.tables import Job
from strongroom.vault import clock


class JobOut(BaseModel):
    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int = Field(description="How much of `total` has been worked through.")
    total: int | None = Field(description="Null while it isn't known.")
    message: str = Field(description="What it is at, or why it ended.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    eta_seconds: int | None = Field(
        description="Until it is done, at the pace so far; null where that says nothing."
    )

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state,
            done=job.done,
            total=job.total,
            message=job.message,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            eta_seconds=_eta_seconds(job),
        )


def _eta_seconds(job: Job) -> int | None:
    if job.state != "running" or job.counted_from is None or job.total is None:
        return None
    passed = (clock.now() - job.counted_from).total_seconds()
    progressed = job.done - job.counted_done
    if progressed <= 0 or passed <= 0:
        return None
    return round(max(0, job.total - job.done) * passed / progressed)
