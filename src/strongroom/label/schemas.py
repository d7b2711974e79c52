"""What goes over the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from strongroom.jobs import JobOut
from strongroom.label.form import MAX_OVERLAP, Questions
from strongroom.label.rules import Rules
from strongroom.people import MarkingOut, PersonCard, Role

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Result = Annotated[
    dict[str, Any],
    Field(
        description="Keyed by field. class: a label id, or a list of them; spans: a list of {start, end, label} in "
        "code points, end exclusive; text: a string."
    ),
]
Seconds = Annotated[
    float, Field(ge=0, le=86_400 * 7, allow_inf_nan=False, description="Time worked on the task.")
]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = Field(default=None, description="Give it as `cursor` to go on; null at the end.")


# --- projects


class ProjectIn(_In):
    """`form` is an object, or a whole form file as YAML or JSON text. What the form says of name, description,
    guideline, overlap and lease holds where the request itself says nothing."""

    form: dict[str, Any] | Annotated[str, Field(max_length=500_000)]
    name: Name | None = None
    description: Annotated[str, Field(max_length=2_000)] | None = None
    guideline: Annotated[str, Field(max_length=200_000)] | None = None
    overlap: Annotated[int, Field(ge=1, le=MAX_OVERLAP)] | None = None
    lease_seconds: Annotated[int, Field(ge=30, le=86_400)] | None = None
    rules: Rules | None = None


class ProjectPatch(_In):
    """What is left out stays. `overlap` and `rules` also apply to the tasks that the caller sees."""

    name: Name | None = None
    description: Annotated[str, Field(max_length=2_000)] | None = None
    guideline: Annotated[str, Field(max_length=200_000)] | None = None
    form: dict[str, Any] | Annotated[str, Field(max_length=500_000)] | None = None
    overlap: Annotated[int, Field(ge=1, le=MAX_OVERLAP)] | None = None
    rules: Rules | None = Field(default=None, description="All of them: what is left out of it is as usual.")


class ProjectOut(BaseModel):
    id: str
    name: str
    description: str
    guideline: str = Field(description="Markdown.")
    guideline_version: int = Field(description="Counts the changes of guideline and form, from 1.")
    form: Questions
    overlap: int
    lease_seconds: int
    rules: Rules
    marking: MarkingOut
    roles: list[str] = Field(description="The caller's own.")
    created_at: datetime


class MemberIn(_In):
    roles: Annotated[list[Role], Field(min_length=1, max_length=7)]

    @field_validator("roles")
    @classmethod
    def _each_once(cls, roles: list[Role]) -> list[Role]:
        return sorted(set(roles))


class MemberOut(BaseModel):
    person: PersonCard
    roles: list[str]


# --- home


class HomeProject(BaseModel):
    id: str
    name: str
    waiting: int = Field(description="Tasks of this marking that the caller can be given now.")
    mine_open: int
    submitted_by_me: int


class HomeGroup(BaseModel):
    marking: MarkingOut
    projects: list[HomeProject]


class ManagedProject(BaseModel):
    id: str
    name: str
    marking: MarkingOut


class HomeOut(BaseModel):
    groups: list[HomeGroup]
    manages: list[ManagedProject]


# --- at the desk


class NextIn(_In):
    held: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=50)] = Field(
        default=[], description="Assignments that the client has in hand: it wants another one."
    )


class DeskTask(BaseModel):
    id: str
    external_id: str | None
    text: str
    data: dict[str, Any]


class AssignmentOut(BaseModel):
    id: str
    project_id: str
    task: DeskTask
    marking: MarkingOut
    state: Literal["claimed", "submitted", "skipped", "expired"]
    lease: str
    lease_until: datetime
    draft: dict[str, Any] | None
    result: dict[str, Any] | None = Field(description="The latest submitted answer.")
    revision: int = Field(description="Answers submitted so far; 0 for none.")
    flag: str | None
    training: bool = Field(
        default=False,
        description="To learn from: it counts for nothing, and says the right answer afterwards.",
    )


class LeaseIn(_In):
    lease: Annotated[str, Field(max_length=64)]


class LeaseOut(BaseModel):
    lease_until: datetime


class DraftIn(_In):
    result: Result
    seconds: Seconds | None = None


class DraftOut(BaseModel):
    saved_at: datetime


class SubmitIn(_In):
    lease: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Not needed for a further revision of a submitted answer."
    )
    result: Result
    seconds: Seconds = 0.0


class Feedback(BaseModel):
    """What a training task says once it is answered."""

    right: bool
    result: dict[str, Any] = Field(description="The right answer, on the fields that it is about.")
    explanation: str


class SubmitOut(BaseModel):
    assignment_id: str
    revision: int
    submitted_at: datetime
    feedback: Feedback | None = Field(default=None, description="Of a training task.")


class SkipIn(_In):
    lease: Annotated[str, Field(max_length=64)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class FlagIn(_In):
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] = Field(
        description="Empty takes the flag away."
    )


class StateOut(BaseModel):
    assignment_id: str
    state: Literal["claimed", "submitted", "skipped", "expired"]
    flag: str | None


class RecentOut(BaseModel):
    assignment_id: str
    task_id: str
    excerpt: str
    summary: str
    marking: MarkingOut
    submitted_at: datetime | None
    changed_at: datetime
    revision: int
    state: Literal["claimed", "submitted", "skipped", "expired"]


# --- data in


class ImportOptions(_In):
    """How to read a file. A column that isn't named is looked for by its usual names."""

    text_column: str | None = None
    id_column: str | None = None
    marking_column: str | None = None
    people_column: str | None = Field(
        default=None, description="Logins of those who may be asked, by ; or , or blank."
    )
    gold_column: str | None = Field(
        default=None,
        description="The right answer of a row: a label id where the form has one choice, else a JSON object by field. "
        "Rows that have one become gold or training tasks; annotators never see the column.",
    )
    explanation_column: str | None = Field(default=None, description="Why it is the right answer.")
    known_as: Literal["gold", "training"] = "gold"
    default_marking: str | None = Field(
        default=None, description="Of rows without one; else the working level."
    )
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: Literal["utf-8", "utf-16", "latin-1", "windows-1252"] | None = None
    answers_of: str | None = Field(
        default=None,
        description="CoNLL: the login of the person whose answers the tags are. Without it, tags are not taken.",
    )
    answers_field: str | None = Field(default=None, description="The spans field of those answers.")


class Tally(BaseModel):
    marking: MarkingOut
    added: int
    already_there: int


class ImportOut(BaseModel):
    id: str
    file_name: str
    format: str
    marking: MarkingOut = Field(description="Of the record itself: the working level it was begun at.")
    job: JobOut
    tallies: list[Tally]
    rejected: int
    created_at: datetime
    created_by: PersonCard


class RejectionOut(BaseModel):
    line: int
    reason: str
    where: str | None = None
    expected: str | None = None


# --- progress and tasks


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


class Hour(BaseModel):
    hour: datetime
    answers: int


class FieldAgreement(BaseModel):
    field: str
    share: float = Field(
        description="Mean likeness of two answers to one task, 0…1; F1 for several labels and spans."
    )
    n: int = Field(description="Pairs of answers compared.")


class Agreement(BaseModel):
    percent: float | None = Field(
        description="Mean over the fields, 0…100; null before two people answered one task."
    )
    fields: list[FieldAgreement]


class Confusion(BaseModel):
    """For a field with one label: `counts[answer][consensus]` over tasks with two answers or more."""

    field: str
    labels: list[str]
    counts: list[list[int]]


class AnnotatorProgress(BaseModel):
    person: PersonCard
    answers: int
    agreement_with_consensus: float | None = Field(description="0…1, over tasks with two answers or more.")
    median_seconds: float | None
    last_at: datetime | None


class QueueGroup(BaseModel):
    marking: MarkingOut
    open_slots: int
    claimed: int
    submitted: int


class ProgressOut(BaseModel):
    """All of it from what the caller sees."""

    tasks: TaskCounts
    answers: AnswerCounts
    throughput: list[Hour] = Field(description="Hours with answers, the latest 168 at most, oldest first.")
    median_seconds: float | None
    forecast_hours: float | None = Field(
        description="Wanted answers that are missing, at the pace of the last 24 hours; null without at least 10."
    )
    agreement: Agreement
    confusion: list[Confusion]
    annotators: list[AnnotatorProgress]
    queue: list[QueueGroup]
    markings: list[MarkingOut]


class FieldConsensus(BaseModel):
    value: Any
    share: float
    votes: int
    answers: int
    confidence: float | None = Field(
        default=None, description="How probably the value is right, 0…1; null where votes were only counted."
    )
    method: Literal["majority", "model", "adjudicated", "gold"] = "majority"


class TaskRow(BaseModel):
    id: str
    external_id: str | None
    excerpt: str
    marking: MarkingOut
    wanted: int
    submitted: int
    claimed: int
    flagged: bool
    role: Literal["task", "gold", "training"] = Field(
        default="task",
        description="Gold and training tasks have known answers, and no number of answers is wanted.",
    )
    disputed: bool = Field(default=False, description="A reviewer should decide: see the project's disputes.")
    consensus: dict[str, FieldConsensus] | None = None


class AnswerOut(BaseModel):
    person: PersonCard
    result: dict[str, Any]
    revision: int
    submitted_at: datetime
    seconds: float


class ReviewOut(BaseModel):
    """A reviewer's decision."""

    person: PersonCard
    result: dict[str, Any]
    note: str
    at: datetime
    number: int = Field(description="Counts the decisions on this task, from 1.")


class KnownOut(BaseModel):
    """The right answer to a gold or training task, on the fields that it is about."""

    result: dict[str, Any]
    explanation: str


class TaskOut(TaskRow):
    text: str
    data: dict[str, Any]
    answers: list[AnswerOut]
    flags: list[str]
    skips: list[str] = Field(description="The reasons of those who skipped it.")
    review: ReviewOut | None
    known: KnownOut | None
    may_review: bool = Field(
        description="Whether the caller, having the role, may decide what its answer is."
    )


class DisputeOut(BaseModel):
    task: TaskRow
    confidence: float = Field(description="How sure the consensus is, 0…1.")
    mine: bool = Field(description="Whether the caller answered it.")
    open_to_me: bool = Field(description="Whether the caller, having the role, may decide it.")


class ReviewIn(_In):
    result: Result
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)] = ""


class GoldIn(_In):
    explanation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)] = ""


# --- what the worker found out


class Interval(BaseModel):
    value: float | None
    low: float | None = Field(description="The ends of the interval that holds it nineteen times of twenty.")
    high: float | None
    items: int


class Stretch(Interval):
    begin: datetime
    end: datetime


class Histogram(BaseModel):
    bins: list[float] = Field(description="The ends of the intervals.")
    tasks: list[int]
    mean: float | None


class TasksWithAnswers(BaseModel):
    answers: int
    tasks: int


class RuleFindings(BaseModel):
    """How the rule of confidence is doing. `settled` tasks are asked no further; `reached` of them are sure enough."""

    target: float
    least: int
    most: int
    budget: int | None
    left: int | None = Field(description="Of the budget; counted over what may be seen at this marking.")
    tasks: int
    settled: int
    reached: int
    answers: int
    spent: int = Field(description="Answers of settled tasks.")
    fixed: int = Field(description="Answers that `most` for each settled task would have taken.")
    saved: int
    by_answers: list[TasksWithAnswers] = Field(description="Settled tasks.")


class ForecastPoint(BaseModel):
    judgements: int
    right: float | None = Field(description="Labels that so many more judgements are expected to set right.")


class FieldFindings(BaseModel):
    """For a field with one label."""

    field: str
    method: Literal["majority", "model"]
    weights: dict[str, float]
    expected_accuracy: float | None
    forecast: list[ForecastPoint]
    alpha: Interval = Field(description="Krippendorff's α, nominal.")
    ac1: Interval = Field(description="Gwet's AC1.")
    over_time: list[Stretch] = Field(description="α in stretches of the work, of equally many tasks.")
    confusion: Confusion


class PersonField(BaseModel):
    field: str
    answers: int
    skill: float | None = Field(description="How probably an answer is right, 0…1.")
    low: float | None
    high: float | None
    stretches: list[float | None] = Field(description="Skill in four equal stretches of the person's work.")
    change: float | None = Field(description="From the first stretch to the last, in shares.")
    p_value: float | None = Field(description="Of as large a change where nothing changes.")


class PersonFindings(BaseModel):
    person: PersonCard
    answers: int
    gold: int
    gold_right: int
    fields: list[PersonField]


class SuspicionOut(BaseModel):
    """Somebody whose answers look as if they didn't depend on the tasks, and what speaks for it."""

    person: PersonCard
    field: str
    answers: int
    evidence: float = Field(description="In nats; from 3 on.")
    favourite: str
    favourite_share: float
    right: float
    by_chance: float


class LevelFindings(BaseModel):
    """Made from the answers that may be seen at this marking; of tasks, those that are marked so."""

    marking: MarkingOut
    made_at: datetime
    answers: int
    behind: int = Field(description="Answers that came since.")
    methods: dict[str, Literal["majority", "model"]] = Field(description="By field.")
    confidence: Histogram
    rule: RuleFindings | None
    fields: list[FieldFindings]
    annotators: list[PersonFindings]
    suspicions: list[SuspicionOut]


class StandingOut(BaseModel):
    """What gold said about a person, and what became of it."""

    person: PersonCard
    marking: MarkingOut
    state: Literal["working", "failed", "paused"]
    correct: int = Field(description="Gold answers that were right, of `counted`, when it was decided.")
    counted: int
    changed_at: datetime
    changed_by: PersonCard | None = Field(description="Who lifted it; null where the rule decided.")


class FindingsOut(BaseModel):
    """What the worker found out, marking by marking, of those that the caller sees."""

    levels: list[LevelFindings]
    standings: list[StandingOut]


# --- data out


class ExportIn(_In):
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    only_complete: bool = Field(
        default=False, description="Only tasks that have all the answers that were wanted."
    )


class DatasetFile(BaseModel):
    format: Literal["jsonl", "conll"]
    sha256: str
    bytes: int


class DatasetOut(BaseModel):
    id: str
    name: str
    version: int
    job: JobOut
    marking: MarkingOut
    tasks: int | None
    answers: int | None
    sha256: str | None = Field(description="Of the JSONL file; null until the job is done.")
    files: list[DatasetFile]
    guideline_version: int
    created_at: datetime
    created_by: PersonCard
