"""What is stored about jobs: the job itself, at the level of the act, and the worker's order to run it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from strongroom.vault import Base, Marked, UtcDateTime, clock

OVER = ("done", "failed", "cancelled")


class Job(Marked, Base):
    """A piece of long work. `state` is queued, running, done, failed or cancelled.

    `run` counts how often the job was asked for (once,
    and once for each resume), `attempts` how often a worker took up this run without getting any further.
    """

    __tablename__ = "job"

    kind: Mapped[str] = mapped_column(String(64))
    project_id: Mapped[str | None] = mapped_column(String(32))
    subject_id: Mapped[str | None] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16), default="queued")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    message: Mapped[str] = mapped_column(Text, default="")
    reached: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    run: Mapped[int] = mapped_column(default=1)
    attempts: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The forecast counts from the latest start, and from what had been done by then.
    counted_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counted_done: Mapped[int] = mapped_column(default=0)

    @property
    def position(self) -> Any:
        """Where the work stands, as the latest checkpoint said; None before there was one."""
        return None if self.reached is None else self.reached["position"]


class Order(Base):
    """That a worker has to run a job, and as whom. Ids, a level and a clearance, never content; gone when the run is
    over.

    A plain table, since the worker must find its work before it is anybody: readers may add to it, in the transaction
    that makes the job, and never read it. `seal` proves that `start` or `resume` wrote the order, and not somebody who
    found a way to slip SQL into a session.
    """

    __tablename__ = "job_order"
    __table_args__ = {"info": {"access": "append"}}  # noqa: RUF012

    job_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32))
    login: Mapped[str] = mapped_column(String(64))
    level: Mapped[str] = mapped_column(Text)
    ceiling: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Not to be carried out before; None: at once."""
    seal: Mapped[str] = mapped_column(String(64))


Index("job_of_project", Job.marking_id, Job.project_id, Job.created_at)
