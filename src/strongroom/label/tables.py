"""What the label room stores.

Every row carries a marking, and everything that an annotator causes (a claim, a draft, an answer) carries exactly the
marking of its task. `Task.open_slots`, `Task.submitted` and `Task.offered` repeat what the assignments say, so that a
claim is one seek in an index; `strongroom.label.check` proves that they agree.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from strongroom.vault import Base, Marked

LIVE = ("claimed", "submitted")
"""The states of an assignment that hold a slot."""

ORDINARY, GOLD, TRAINING = "task", "gold", "training"
"""The roles of a task."""


class Project(Marked, Base):
    """A form put to a pile of tasks. Deleting sets `removed_at`; nothing is lost by it."""

    __tablename__ = "project"
    __table_args__ = (
        Index("ix_project_removed", "marking_id", "removed_at"),
        CheckConstraint("overlap >= 1", name="overlap"),
        CheckConstraint("lease_seconds >= 1", name="lease"),
    )

    name: Mapped[str]
    description: Mapped[str] = mapped_column(Text)
    guideline: Mapped[str] = mapped_column(Text)
    guideline_version: Mapped[int]
    form: Mapped[dict[str, Any]]
    overlap: Mapped[int]
    lease_seconds: Mapped[int]
    rules: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """How many answers, gold, qualification, review: see `strongroom.label.rules`. None: the usual ones."""
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    removed_at: Mapped[datetime | None]


class Import(Marked, Base):
    """A file that was brought in, at the working level of who brought it."""

    __tablename__ = "import"
    __table_args__ = (Index("ix_import_project", "marking_id", "project_id", "created_at"),)
    sources = ("project_id",)

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    job_id: Mapped[str]
    file_name: Mapped[str]
    format: Mapped[str]
    options: Mapped[dict[str, Any]]
    rejected: Mapped[int]
    read_through: Mapped[int]
    """The number of the last row whose refusal is on record: a resumed import goes on behind it."""
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class ImportTally(Marked, Base):
    """What an import brought at one marking, known at that marking only."""

    __tablename__ = "import_tally"
    __table_args__ = (UniqueConstraint("marking_id", "import_id", name="uq_import_tally"),)
    sources = ("import_id",)

    import_id: Mapped[str] = mapped_column(ForeignKey("import.id"))
    added: Mapped[int]
    already_there: Mapped[int]
    read_through: Mapped[int]
    """The number of the last row of this marking that is dealt with."""


class ImportRejection(Marked, Base):
    """A row that was not taken, and why. Never what it said."""

    __tablename__ = "import_rejection"
    __table_args__ = (Index("ix_import_rejection", "marking_id", "import_id", "number"),)
    sources = ("import_id",)

    import_id: Mapped[str] = mapped_column(ForeignKey("import.id"))
    number: Mapped[int]
    line: Mapped[int]
    place: Mapped[str | None]
    reason: Mapped[str]
    expected: Mapped[str | None]


class Task(Marked, Base):
    """One item to be labelled by `wanted` people.

    `position` is its place in its file and never moves. `turn` is its place in the queue: a slot that comes free sends
    its task to the end, so that everyone's way through the queue leads only forward.
    """

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("marking_id", "project_id", "content_hash", name="uq_task_content"),
        Index("ix_task_position", "marking_id", "project_id", "position"),
        Index("ix_task_offered", "marking_id", "project_id", "offered", "turn"),
        CheckConstraint("open_slots >= 0", name="open_slots"),
        CheckConstraint("submitted >= 0", name="submitted"),
        CheckConstraint("open_slots + submitted <= wanted", name="slots"),
        CheckConstraint("offered = (open_slots > 0 AND NOT named)", name="offered"),
    )
    sources = ("project_id", "import_id")

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    import_id: Mapped[str] = mapped_column(ForeignKey("import.id"))
    external_id: Mapped[str | None]
    text: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]]
    content_hash: Mapped[str] = mapped_column(String(64))
    wanted: Mapped[int]
    open_slots: Mapped[int]
    submitted: Mapped[int]
    position: Mapped[int]
    turn: Mapped[int]
    named: Mapped[bool]
    """True where only the people listed may be asked."""
    offered: Mapped[bool]
    """True where anyone may claim a slot now."""
    role: Mapped[str] = mapped_column(String(16), default=ORDINARY)
    """`task`, or `gold` or `training`: those stand in no queue, and every claim of one makes its own slot."""


class TaskPerson(Marked, Base):
    """A person who may be asked about a task. `waiting`: the task can be claimed by this person now."""

    __tablename__ = "task_person"
    __table_args__ = (
        UniqueConstraint("marking_id", "task_id", "person_id", name="uq_task_person"),
        Index("ix_task_person_waiting", "marking_id", "project_id", "person_id", "waiting", "position"),
    )
    sources = ("task_id",)

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    person_id: Mapped[str]
    position: Mapped[int]
    waiting: Mapped[bool]


class Assignment(Marked, Base):
    """A task in one person's hands. It holds a slot while it is claimed and once it is submitted.

    A person has at most one assignment on a task, for ever: a lost lease that is taken up again is the same row, with
    the same lease and the draft that lay there.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("marking_id", "task_id", "slot", name="uq_assignment_slot"),
        UniqueConstraint("marking_id", "task_id", "person_id", name="uq_assignment_person"),
        Index("ix_assignment_lease", "marking_id", "project_id", "state", "lease_until"),
        Index("ix_assignment_mine", "marking_id", "project_id", "person_id", "state"),
        Index("ix_assignment_turn", "marking_id", "project_id", "person_id", "turn"),
        Index("ix_assignment_recent", "marking_id", "person_id", "project_id", "changed_at"),
        CheckConstraint("state IN ('claimed', 'submitted', 'skipped', 'expired')", name="state"),
        CheckConstraint("(state IN ('claimed', 'submitted')) = (slot IS NOT NULL)", name="slot"),
        CheckConstraint("(state = 'submitted') = (revision > 0)", name="revision"),
        CheckConstraint("(state = 'skipped') = (skip_reason IS NOT NULL)", name="skip"),
        CheckConstraint("slot >= 0", name="slot_number"),
    )
    sources = ("task_id",)

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    person_id: Mapped[str]
    slot: Mapped[int | None]
    turn: Mapped[int | None]
    """How far this person had come in the queue: it goes on behind the greatest. None on a named task."""
    state: Mapped[str] = mapped_column(String(16))
    lease: Mapped[str] = mapped_column(String(64))
    lease_until: Mapped[datetime]
    claimed_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    draft: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    draft_saved_at: Mapped[datetime | None]
    skip_reason: Mapped[str | None] = mapped_column(Text)
    flag: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int]
    """How many answers were submitted; the current one is the annotation of this revision."""


class Annotation(Marked, Base):
    """An answer as it was submitted. A later revision sets `latest` to false here and changes nothing else."""

    __tablename__ = "annotation"
    __table_args__ = (
        UniqueConstraint("marking_id", "assignment_id", "revision", name="uq_annotation_revision"),
        UniqueConstraint("marking_id", "person_id", "request_key", name="uq_annotation_request"),
        Index("ix_annotation_project", "marking_id", "project_id", "latest"),
        Index("ix_annotation_task", "marking_id", "task_id", "latest"),
        CheckConstraint("revision >= 1", name="revision"),
        CheckConstraint("seconds >= 0", name="seconds"),
    )
    sources = ("assignment_id", "task_id")

    assignment_id: Mapped[str] = mapped_column(ForeignKey("assignment.id"))
    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    person_id: Mapped[str]
    result: Mapped[dict[str, Any]]
    revision: Mapped[int]
    latest: Mapped[bool]
    seconds: Mapped[float]
    submitted_at: Mapped[datetime]
    guideline_version: Mapped[int]
    origin: Mapped[str] = mapped_column(String(16))
    """`desk`: submitted by the person. `import`: brought in with a file, as this person's answer."""
    request_key: Mapped[str | None]
    """The idempotency key of the request, and what it asked, so that the same request is answered the same."""
    request_hash: Mapped[str | None] = mapped_column(String(64))


class KnownAnswer(Marked, Base):
    """The right answer to a gold or training task. It never leaves through the desk of who is asked a gold task."""

    __tablename__ = "known_answer"
    __table_args__ = (
        UniqueConstraint("marking_id", "task_id", name="uq_known_answer"),
        Index("ix_known_answer_role", "marking_id", "project_id", "role", "position"),
    )
    sources = ("task_id",)

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    role: Mapped[str] = mapped_column(String(16))
    position: Mapped[int]
    result: Mapped[dict[str, Any]]
    """Some fields of the form at least; an answer is held against these."""
    explanation: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(String(16))
    """`import` or `adjudication`."""
    made_at: Mapped[datetime]
    made_by: Mapped[str]


class Adjudication(Marked, Base):
    """What a reviewer decided a task's answer to be. A later one sets `latest` to false here."""

    __tablename__ = "adjudication"
    __table_args__ = (
        UniqueConstraint("marking_id", "task_id", "number", name="uq_adjudication_number"),
        Index("ix_adjudication_project", "marking_id", "project_id", "latest"),
    )
    sources = ("task_id",)

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    person_id: Mapped[str]
    result: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    latest: Mapped[bool]
    at: Mapped[datetime]
    guideline_version: Mapped[int]


class TaskConsensus(Marked, Base):
    """What the answers to a task say together, as the worker found it.

    `basis` is the sum of the revisions of the answers that it rests on: as long as they have the same, it is of today.
    """

    __tablename__ = "task_consensus"
    __table_args__ = (
        UniqueConstraint("marking_id", "task_id", name="uq_task_consensus"),
        Index("ix_task_consensus_disputed", "marking_id", "project_id", "disputed", "confidence"),
    )
    sources = ("task_id",)

    task_id: Mapped[str] = mapped_column(ForeignKey("task.id"))
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    value: Mapped[dict[str, Any]]
    """Field -> what was agreed."""
    detail: Mapped[dict[str, Any]]
    """Field -> [share, votes, answers, confidence, method]."""
    confidence: Mapped[float]
    disputed: Mapped[bool]
    basis: Mapped[int]


class Findings(Marked, Base):
    """What the worker found out about a project from the answers that may be seen at one level, and the job that does it."""

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("marking_id", "project_id", name="uq_findings"),)
    sources = ("project_id",)

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    job_id: Mapped[str]
    answers: Mapped[int]
    basis: Mapped[int]
    """The sum of the revisions of all answers that were looked at."""
    found: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    made_at: Mapped[datetime | None]


class Standing(Marked, Base):
    """Whether a person is given tasks of a project: `working`, `failed` the qualification, or `paused`."""

    __tablename__ = "standing"
    __table_args__ = (
        UniqueConstraint("marking_id", "project_id", "person_id", name="uq_standing"),
        CheckConstraint("state IN ('working', 'failed', 'paused')", name="state"),
    )
    sources = ("project_id",)

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    person_id: Mapped[str]
    state: Mapped[str] = mapped_column(String(16))
    correct: Mapped[int]
    counted: Mapped[int]
    """Of the gold answers that this was decided on."""
    counted_from: Mapped[datetime | None]
    """Gold answers before this moment no longer count: somebody lifted a pause then."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[str | None]
    """Who lifted it; None where the rule decided."""


class Dataset(Marked, Base):
    """An immutable snapshot of answers. Its job fills it once; a finished one never changes."""

    __tablename__ = "dataset"
    __table_args__ = (
        UniqueConstraint("marking_id", "project_id", "version", name="uq_dataset_version"),
        CheckConstraint(
            "(sha256 IS NULL) = (finished_at IS NULL) AND (sha256 IS NULL) = (manifest IS NULL)",
            name="finished",
        ),
    )
    sources = ("project_id",)

    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    job_id: Mapped[str]
    name: Mapped[str]
    version: Mapped[int]
    only_complete: Mapped[bool]
    guideline_version: Mapped[int]
    tasks: Mapped[int | None]
    answers: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The form, the counts and the hashes of the files, as they were."""
    jsonl_blob_id: Mapped[str | None]
    conll_blob_id: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    finished_at: Mapped[datetime | None]


class _MomentText(FunctionElement[str]):
    name = "moment_text"
    inherit_cache = True
    type = Text()


@compiles(_MomentText)
def _as_stored(element: FunctionElement[str], compiler: SQLCompiler, **kwargs: Any) -> str:
    return compiler.process(element.clauses, **kwargs)


@compiles(_MomentText, "postgresql")
def _as_written(element: FunctionElement[str], compiler: SQLCompiler, **kwargs: Any) -> str:
    column = compiler.process(element.clauses, **kwargs)
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"


def moment_text(column: ColumnElement[datetime]) -> ColumnElement[str]:
    """A moment as "2026-01-02 03:04:05.678901" in UTC: parsing a hundred thousand of them costs more than the query."""
    return _MomentText(column)


def as_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """A JSON column as the text that it is, for whoever reads thousands of equal ones and parses each once."""
    return cast_to(column, Text)
