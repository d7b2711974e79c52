"""How a project is doing, from what the viewer sees and from nothing else. Nothing is remembered between viewers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations
from operator import attrgetter
from statistics import fmean, median
from typing import Any, NamedTuple, Protocol, cast

import orjson
from sqlalchemy import and_, bindparam, case, distinct, func, literal, select

from strongroom.label.cards import cards
from strongroom.label.consensus import consensus, likeness
from strongroom.label.form import ClassField, Questions, SpansField
from strongroom.label.project import present
from strongroom.label.schemas import (
    Agreement,
    AnnotatorProgress,
    AnswerCounts,
    Confusion,
    FieldAgreement,
    Hour,
    ProgressOut,
    QueueGroup,
    TaskCounts,
)
from strongroom.label.tables import (
    ORDINARY,
    TRAINING,
    Annotation,
    Assignment,
    Task,
    TaskConsensus,
    as_text,
    moment_text,
)
from strongroom.people import MarkingOut
from strongroom.vault import ReaderSession, clock, core

LOOKING = ("owner", "manager", "reviewer", "analyst", "auditor")
HOURS = 168
_PACE = timedelta(hours=24)
_PACE_ANSWERS = 10

_task, _assignment, _annotation = core(Task), core(Assignment), core(Annotation)
_consensus = core(TaskConsensus)


class _Answer(Protocol):
    """A row of `_ANSWERS`: thirty thousand of them are not copied."""

    task_id: str
    person_id: str
    result: str
    seconds: float
    submitted_at: str
    revision: int
    role: str


def progress(session: ReaderSession, project_id: str) -> ProgressOut:
    """Raises NotFoundError for a project that isn't there."""
    project = present(session, project_id)
    questions = Questions.model_validate(project.form)
    groups = session.connection().execute(_GROUPS, {"p_project": project_id}).all()
    tasks: defaultdict[str, list[_Answer]] = defaultdict(list)
    answers = cast("list[_Answer]", session.connection().execute(_ANSWERS, {"p_project": project_id}).all())
    for answer in answers:
        if answer.role == ORDINARY:
            tasks[answer.task_id].append(answer)
    found = {
        row.task_id: (row.value, row.basis)
        for row in session.connection().execute(_FOUND, {"p_project": project_id})
    }
    submitted, wanted = sum(row.submitted for row in groups), sum(row.wanted for row in groups)
    compared = _Comparison(questions)
    for task_id, group in tasks.items():
        if len(group) > 1:
            value, basis = found.get(task_id, (None, 0))
            fresh = value if basis == sum(answer.revision for answer in group) else None
            compared.add(sorted(group, key=_order), fresh)
    markings = {row.marking_id: session.marking(row.marking_id) for row in groups}
    ordered = sorted(
        groups, key=lambda row: (markings[row.marking_id].level.rank, str(markings[row.marking_id]))
    )
    session.audit("progress.read", "project", project_id, marking=[project, *markings.values()])
    return ProgressOut(
        tasks=_task_counts(session, project_id, groups),
        answers=AnswerCounts(submitted=submitted, wanted=wanted),
        throughput=_throughput(answers),
        median_seconds=median(answer.seconds for answer in answers) if answers else None,
        forecast_hours=_forecast(answers, wanted - submitted),
        agreement=compared.agreement(),
        confusion=compared.confusion(),
        annotators=_annotators(session, answers, compared),
        queue=[
            QueueGroup(
                marking=MarkingOut.of(markings[row.marking_id]),
                open_slots=row.open_slots,
                claimed=row.wanted - row.open_slots - row.submitted,
                submitted=row.submitted,
            )
            for row in ordered
        ],
        markings=[MarkingOut.of(markings[row.marking_id]) for row in ordered],
    )


def _task_counts(session: ReaderSession, project_id: str, groups: Sequence[Any]) -> TaskCounts:
    noted = session.connection().execute(_NOTED, {"p_project": project_id}).one()
    total = sum(row.tasks for row in groups)
    done = sum(row.done for row in groups)
    untouched = sum(row.untouched for row in groups)
    return TaskCounts(
        total=total,
        done=done,
        untouched=untouched,
        started=total - done - untouched,
        flagged=noted.flagged,
        skipped=noted.skipped,
    )


def _throughput(answers: Iterable[_Answer]) -> list[Hour]:
    hours = Counter(answer.submitted_at[:13] for answer in answers)
    return [
        Hour(hour=datetime.fromisoformat(f"{hour}:00:00+00:00"), answers=count)
        for hour, count in sorted(hours.items())[-HOURS:]
    ]


def _forecast(answers: Sequence[_Answer], missing: int) -> float | None:
    """Hours until nothing is missing, at the pace since the first answer of the last 24 hours."""
    if missing <= 0:
        return 0.0
    now = clock.now()
    since = _stored(now - _PACE)
    latest = [answer.submitted_at for answer in answers if answer.submitted_at > since]
    if len(latest) < _PACE_ANSWERS:
        return None
    hours = (now - _moment(min(latest))).total_seconds() / 3600
    return round(missing * max(hours, 1 / 60) / len(latest), 2)


def _annotators(
    session: ReaderSession, answers: Iterable[_Answer], compared: _Comparison
) -> list[AnnotatorProgress]:
    by_person: defaultdict[str, list[_Answer]] = defaultdict(list)
    for answer in answers:
        by_person[answer.person_id].append(answer)
    names = cards(session, by_person)
    shown = [
        AnnotatorProgress(
            person=names[person_id],
            answers=len(given),
            agreement_with_consensus=compared.with_consensus(person_id),
            median_seconds=median(answer.seconds for answer in given),
            last_at=_moment(max(answer.submitted_at for answer in given)),
        )
        for person_id, given in by_person.items()
    ]
    return sorted(shown, key=lambda each: (-each.answers, each.person.login))


class _Told(NamedTuple):
    """What one set of answers to a task says: per field, how alike its pairs are and how many there are; per answer, how
    alike it is to the consensus, over all fields; per field with one label, which answers meet which consensus."""

    pairs: dict[str, tuple[float, int]]
    alike: list[tuple[float, int]]
    confused: dict[str, list[tuple[str, str]]]


class _Comparison:
    """Answers to the same tasks, held against each other and against their consensus.

    Equal sets of answers say the same, so each is looked at once.
    """

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        self._fields = [each for each in questions.fields if isinstance(each, ClassField | SpansField)]
        self._parsed: dict[str, dict[str, Any]] = {}
        self._told: dict[tuple[str | None, ...], _Told] = {}
        self._times: Counter[tuple[str | None, ...]] = Counter()
        self._people: defaultdict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))

    def add(self, group: Sequence[_Answer], truth: str | None) -> None:
        """The answers to one task, in the order of submission, and the JSON of what the worker found them to say."""
        key = (truth, *[answer.result for answer in group])
        told = self._told.get(key)
        if told is None:
            results = [self._result(answer.result) for answer in group]
            told = self._told[key] = self._tell(results, None if truth is None else self._result(truth))
        self._times[key] += 1
        for answer, (alike, fields) in zip(group, told.alike, strict=True):
            total, count = self._people[answer.person_id]
            self._people[answer.person_id] = (total + alike, count + fields)

    def _tell(self, results: Sequence[Mapping[str, Any]], truth: Mapping[str, Any] | None) -> _Told:
        if truth is None:
            truth = {key: agreed.value for key, agreed in consensus(self._questions, results).items()}
        pairs: dict[str, tuple[float, int]] = {}
        confused: dict[str, list[tuple[str, str]]] = {}
        for field in self._fields:
            pairs[field.key] = _pairs(field, results)
            if _single(field) and field.key in truth:
                confused[field.key] = [
                    (result[field.key], truth[field.key]) for result in results if field.key in result
                ]
        alike = [
            (sum(likeness(field, result, truth) for field in self._fields), len(self._fields))
            for result in results
        ]
        return _Told(pairs, alike, confused)

    def agreement(self) -> Agreement:
        fields = []
        for field in self._fields:
            total, count = 0.0, 0
            for results, times in self._times.items():
                alike, pairs = self._told[results].pairs[field.key]
                total, count = total + alike * times, count + pairs * times
            if count:
                fields.append(FieldAgreement(field=field.key, share=round(total / count, 4), n=count))
        percent = round(100 * fmean(each.share for each in fields), 1) if fields else None
        return Agreement(percent=percent, fields=fields)

    def confusion(self) -> list[Confusion]:
        found = []
        for field in self._fields:
            counts: Counter[tuple[str, str]] = Counter()
            for results, times in self._times.items():
                for pair in self._told[results].confused.get(field.key, ()):
                    counts[pair] += times
            if counts:
                labels = [label.id for label in field.labels]
                labels += sorted({label for pair in counts for label in pair} - set(labels))
                rows = [[counts[answer, agreed] for agreed in labels] for answer in labels]
                found.append(Confusion(field=field.key, labels=labels, counts=rows))
        return found

    def with_consensus(self, person_id: str) -> float | None:
        total, count = self._people[person_id]
        return round(total / count, 4) if count else None

    def _result(self, text: str) -> dict[str, Any]:
        found = self._parsed.get(text)
        if found is None:
            found = self._parsed[text] = orjson.loads(text)
        return found


def _pairs(field: ClassField | SpansField, results: Sequence[Mapping[str, Any]]) -> tuple[float, int]:
    """How alike all pairs are, summed, and how many there are; for one label without looking at each of the n²."""
    if _single(field):
        counts = Counter(result.get(field.key) for result in results)
        return sum(n * (n - 1) / 2 for n in counts.values()), len(results) * (len(results) - 1) // 2
    alike = [likeness(field, one, other) for one, other in combinations(results, 2)]
    return sum(alike), len(alike)


def _single(field: ClassField | SpansField) -> bool:
    return isinstance(field, ClassField) and not field.multiple


def _stored(moment: datetime) -> str:
    """A moment as `moment_text` tells it, so that stored ones can be compared without being parsed."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _moment(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


_GROUPS = (
    select(
        _task.c.marking_id,
        func.count().label("tasks"),
        func.sum(_task.c.wanted).label("wanted"),
        func.sum(_task.c.open_slots).label("open_slots"),
        func.sum(_task.c.submitted).label("submitted"),
        func.sum(case((and_(_task.c.submitted == _task.c.wanted, _task.c.submitted > 0), 1), else_=0)).label(
            "done"
        ),
        func.sum(case((_task.c.open_slots == _task.c.wanted, 1), else_=0)).label("untouched"),
    )
    .where(_task.c.project_id == bindparam("p_project"), _task.c.role == ORDINARY)
    .group_by(_task.c.marking_id)
)
_NOTED = select(
    func.count(distinct(case((_assignment.c.flag.is_not(None), _assignment.c.task_id)))).label("flagged"),
    func.count(distinct(case((_assignment.c.state == "skipped", _assignment.c.task_id)))).label("skipped"),
).where(_assignment.c.project_id == bindparam("p_project"))
_ANSWERS = (
    select(
        _annotation.c.task_id,
        _annotation.c.person_id,
        as_text(_annotation.c.result).label("result"),
        _annotation.c.seconds,
        moment_text(_annotation.c.submitted_at).label("submitted_at"),
        _annotation.c.revision,
        _task.c.role,
    )
    .join(_task, _task.c.id == _annotation.c.task_id)
    .where(
        _annotation.c.project_id == bindparam("p_project"),
        _annotation.c.latest == literal(True),
        _task.c.role != TRAINING,
    )
)
_FOUND = select(_consensus.c.task_id, as_text(_consensus.c.value).label("value"), _consensus.c.basis).where(
    _consensus.c.project_id == bindparam("p_project")
)
_order = attrgetter("submitted_at", "person_id")
