"""What the server answers, typed. Fields that a newer server adds are ignored; times are aware and in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class Marking(BaseModel):
    text: str
    portion: str
    level: str

    def __str__(self) -> str:
        return self.text


class Person(BaseModel):
    id: str
    login: str
    name: str


class Session(BaseModel):
    """Who the token speaks for, and at which working level."""

    person: Person
    level: Marking


class Project(BaseModel):
    id: str
    name: str
    description: str
    guideline: str
    guideline_version: int
    form: dict[str, Any]
    overlap: int
    lease_seconds: int
    marking: Marking
    roles: list[str]
    created_at: datetime


class Member(BaseModel):
    person: Person
    roles: list[str]


class Job(BaseModel):
    """`state` is queued, running, done, failed or cancelled; `done` of `total` is how far it came."""

    id: str
    kind: str
    state: str
    done: int
    total: int | None
    message: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    eta_seconds: int | None

    @property
    def over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")


class Tally(BaseModel):
    """Of one marking: rows added, and rows that were there before."""

    marking: Marking
    added: int
    already_there: int


class Import(BaseModel):
    id: str
    file_name: str
    format: str
    job: Job
    tallies: list[Tally]
    rejected: int
    created_at: datetime

    @property
    def added(self) -> int:
        return sum(tally.added for tally in self.tallies)

    @property
    def already_there(self) -> int:
        return sum(tally.already_there for tally in self.tallies)


class Rejection(BaseModel):
    """A row that was not imported: `line` counts from 1 in the file."""

    line: int
    reason: str
    where: str | None = None
    expected: str | None = None


class Task(BaseModel):
    id: str
    external_id: str | None
    text: str
    data: dict[str, Any]


class Assignment(BaseModel):
    """One task in one person's hands: `lease` proves it, until `lease_until`.

    `state` is claimed, submitted, skipped or expired; `revision` counts the answers submitted so far.
    """

    id: str
    project_id: str
    task: Task
    marking: Marking
    state: str
    lease: str
    lease_until: datetime
    draft: dict[str, Any] | None
    result: dict[str, Any] | None
    revision: int
    flag: str | None


class Dataset(BaseModel):
    """An immutable export; `sha256` is that of its JSONL file, null until its job is done."""

    id: str
    name: str
    version: int
    job: Job
    marking: Marking
    tasks: int | None
    answers: int | None
    sha256: str | None
    guideline_version: int
    created_at: datetime


class TaskCounts(BaseModel):
    total: int
    done: int
    started: int
    untouched: int
    flagged: int
    skipped: int


class AnswerCounts(BaseModel):
    submitted: int
    wanted: int


class Progress(BaseModel):
    """Where a project stands, over what the token's person may see."""

    tasks: TaskCounts
    answers: AnswerCounts
    median_seconds: float | None
    forecast_hours: float | None
    agreement: dict[str, Any]
    annotators: list[dict[str, Any]]
    markings: list[Marking]
