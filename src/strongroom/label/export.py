"""Freezing answers into a dataset: asked for, written by a job, and from then on never changed.

The same answers give the same bytes: tasks come by marking and then in the order of their files, answers by the moment
of submission, keys in a fixed order, and nothing says when or by whom the export was made.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Table, and_, bindparam, func, literal, or_, select

from strongroom import jobs
from strongroom.jobs import JobContext, job
from strongroom.label import conll_lines
from strongroom.label.agreed import decided, told
from strongroom.label.consensus import ENOUGH_COMPARED, VERSION, Agreed, consensus
from strongroom.label.form import Questions, SpansField
from strongroom.label.rules import rules_of
from strongroom.label.schemas import ExportIn
from strongroom.label.tables import (
    GOLD,
    TRAINING,
    Adjudication,
    Annotation,
    Dataset,
    Findings,
    KnownAnswer,
    Project,
    Task,
    TaskConsensus,
    as_text,
    moment_text,
)
from strongroom.markings import Marking
from strongroom.people import Person
from strongroom.vault import Marked, ReaderSession, Staged, Vault, clock, core, derive_from_ids, load
from strongroom.vault.lineage import require_seen

EXPORTING = ("owner", "manager", "analyst", "evaluator")
_TOGETHER = 500
_REMEMBERED = 20_000
"""Parsed answers, and agreements, that are kept at hand: forms have few answers that differ, or all of them do."""

_task, _annotation, _consensus = core(Task), core(Annotation), core(TaskConsensus)


def begin(session: ReaderSession, project: Project, asked: ExportIn) -> Dataset:
    """A dataset to be, at the session's level, and the job that writes it. Versions count within the level."""
    version = (
        session.scalar(
            select(func.max(Dataset.version)).where(
                Dataset.marking_id == session.level_id, Dataset.project_id == project.id
            )
        )
        or 0
    ) + 1
    dataset = Dataset(
        project_id=project.id,
        job_id="",
        name=asked.name or f"{project.name} {version}",
        version=version,
        only_complete=asked.only_complete,
        guideline_version=project.guideline_version,
        created_at=clock.now(),
        created_by=session.reader.person_id,
    )
    session.add(dataset)
    session.flush()
    dataset.job_id = jobs.start(session, "label.export", project_id=project.id, subject_id=dataset.id).id
    session.flush()
    session.audit("dataset.begin", "dataset", dataset.id, project=project.id, version=version)
    return dataset


@job("label.export", roles=EXPORTING)
def write(context: JobContext) -> None:
    """Reads everything in one snapshot, writes the files aside, and finishes the dataset in one transaction."""
    assert context.job.subject_id is not None
    blobs = context.vault.blobs
    with context.reading(up_to=context.reader.level) as session:
        dataset = load(session, Dataset, context.job.subject_id)
        if dataset.finished_at is not None:
            return
        snapshot = _Snapshot(session, dataset, context.reader.level)
        files = {"jsonl": blobs.stage(_watched(context, snapshot.jsonl()))}
        if snapshot.spans is not None:
            files["conll"] = blobs.stage(_watched(context, snapshot.conll()))
    with context.writing() as session:
        stored = load(session, Dataset, dataset.id)
        kept = {name: blobs.put(session, file).id for name, file in files.items()}
        stored.jsonl_blob_id, stored.conll_blob_id = kept["jsonl"], kept.get("conll")
        stored.tasks, stored.answers = len(snapshot.task_ids), snapshot.answer_count
        stored.sha256 = files["jsonl"].sha256
        stored.manifest = {
            "form": snapshot.form,
            "guideline_version": dataset.guideline_version,
            "only_complete": dataset.only_complete,
            "tasks": stored.tasks,
            "answers": stored.answers,
            "markings": snapshot.markings,
            "consensus": {"version": VERSION, "methods": snapshot.methods},
            "files": [_file(name, file) for name, file in files.items()],
        }
        # Never before what it holds, whatever the clock did: by this it is known which answers those are.
        stored.finished_at = max(clock.now(), snapshot.latest)
        session.flush()
        # Raises for a source that isn't visible at the dataset's level: no task above it can have slipped in, and nothing
        # stays in it that was raised, held or purged while it was written.
        derive_from_ids(session, stored, Task, snapshot.task_ids, "export")
        for model, thing_ids in snapshot.held.items():
            require_seen(session, model, thing_ids)
        session.audit("dataset.finish", "dataset", dataset.id, tasks=stored.tasks, sha256=stored.sha256)
    context.progress(len(snapshot.task_ids), len(snapshot.task_ids))


def _watched(context: JobContext, parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts, some hundred at a time, as long as nobody cancels the job."""
    while chunk := b"".join(islice(parts, _TOGETHER)):
        yield chunk
        context.check_cancelled()


def _file(format_name: str, staged: Staged) -> dict[str, Any]:
    return {"format": format_name, "sha256": staged.sha256, "bytes": staged.size}


class Answer(NamedTuple):
    """One person's answer; `annotator` is the pseudonym."""

    annotator: str
    person: str
    result: dict[str, Any]
    revision: int
    submitted_at: str
    seconds: float
    guideline_version: int


class Review(NamedTuple):
    """What a reviewer decided, and why."""

    reviewer: str
    person: str
    result: dict[str, Any]
    note: str
    at: str
    guideline_version: int


class Labelled(NamedTuple):
    """A task with its answers in the order of submission, and what they agree on."""

    id: str
    external_id: str | None
    text: str
    data: dict[str, Any]
    marking: str
    answers: list[Answer]
    agreed: dict[str, Agreed]
    gold: bool
    review: Review | None


class _Snapshot:
    """A project's tasks no higher than a level, with their answers, streamed in the order of the files."""

    def __init__(self, session: ReaderSession, dataset: Dataset, level: Marking) -> None:
        project = load(session, Project, dataset.project_id)
        self.form = project.form
        self.methods: dict[str, str] = {}
        self._rules = rules_of(project.rules)
        self._questions = Questions.model_validate(project.form)
        self.spans = next((f for f in self._questions.fields if isinstance(f, SpansField)), None)
        self._session = session
        self._dataset = dataset
        self._people = {row.id: row.login for row in session.execute(select(Person.id, Person.login))}
        self._pseudonyms = _Pseudonyms(session.vault, project.id)
        self._results: dict[str, dict[str, Any]] = {}
        self._agreements: dict[tuple[str, ...], dict[str, Agreed]] = {}
        numbers = session.scalars(
            select(Task.marking_id).where(Task.project_id == project.id, Task.role != TRAINING).distinct()
        ).all()
        self._markings = sorted(
            ((marking, number) for number in numbers if (marking := session.marking(number)) <= level),
            key=lambda pair: str(pair[0]),
        )
        self.task_ids: list[str] = []
        self.answer_count = 0
        self.held: dict[type[Marked], set[str]] = {Annotation: set(), Adjudication: set(), KnownAnswer: set()}
        self._last, self._last_answer = dataset.created_at, ""

    @property
    def markings(self) -> list[str]:
        return [str(marking) for marking, _ in self._markings]

    @property
    def latest(self) -> datetime:
        """The moment of the latest of what was read."""
        answer = datetime.fromisoformat(_iso(self._last_answer)) if self._last_answer else self._last
        return max(self._last, answer)

    def jsonl(self) -> Iterator[bytes]:
        """A line of JSON a task; notes the tasks and counts the answers on the way."""
        for task in self._tasks():
            self.task_ids.append(task.id)
            self.answer_count += len(task.answers)
            yield orjson.dumps(
                {
                    "id": task.external_id or task.id,
                    "task_id": task.id,
                    "text": task.text,
                    "data": task.data,
                    "marking": task.marking,
                    "answers": [each._asdict() for each in task.answers],
                    "consensus": {key: agreed._asdict() for key, agreed in task.agreed.items()},
                    "gold": task.gold,
                    "review": None if task.review is None else task.review._asdict(),
                    "guideline_version": self._dataset.guideline_version,
                },
                option=orjson.OPT_APPEND_NEWLINE,
            )

    def conll(self) -> Iterator[bytes]:
        assert self.spans is not None
        for task in self._tasks():
            yield conll_lines.block(task, self.spans).encode()

    def _tasks(self) -> Iterator[Labelled]:
        connection = self._session.connection().execution_options(yield_per=_TOGETHER)
        for marking, number in self._markings:
            values = {"p_level": number, "p_project": self._dataset.project_id}
            modelled = self._modelled(marking, number)
            gold, reviews = self._known(number), self._reviews(number)
            answers = groupby(connection.execute(_ANSWERS, values), key=itemgetter(0))
            task_id, given = next(answers, _NO_MORE)
            rows = connection.execute(_COMPLETE if self._dataset.only_complete else _TASKS, values)
            for id_, position, external_id, text, data in rows:
                while task_id is not None and task_id < position:
                    task_id, given = next(answers, _NO_MORE)
                mine = list(given) if task_id == position else []
                said = [self._answer(each) for each in mine]
                agreed = modelled.get(id_) or self._agreed(tuple([each[2] for each in mine]))
                review = reviews.get(id_)
                for known, method in (
                    (gold.get(id_), "gold"),
                    (review and review.result, "adjudicated"),
                ):
                    if known:
                        results = [each.result for each in said]
                        agreed = decided(self._questions, agreed, results, known, method)
                yield Labelled(
                    id_,
                    external_id,
                    text,
                    orjson.loads(data),
                    str(marking),
                    said,
                    agreed,
                    id_ in gold,
                    review,
                )

    def _modelled(self, marking: Marking, number: int) -> dict[str, dict[str, Agreed]]:
        """What the worker found for a marking, or would find now; nothing where votes are counted."""
        seen = [each for other, each in self._markings if other <= marking]
        several = select(func.count()).where(_task.c.submitted >= 2, *self._of(_task, seen))
        counted = (
            self._rules.consensus == "majority" or (self._session.scalar(several) or 0) < ENOUGH_COMPARED
        )
        self.methods[str(marking)] = "majority" if counted else "model"
        if counted:
            return {}
        answers = select(func.sum(_annotation.c.revision)).join(_task, _task.c.id == _annotation.c.task_id)
        basis = self._session.scalar(
            answers.where(
                _annotation.c.latest == literal(True),
                _task.c.role != TRAINING,
                *self._of(_annotation, seen),
            )
        )
        found = self._session.scalar(
            select(Findings.basis).where(
                Findings.marking_id == number,
                Findings.project_id == self._dataset.project_id,
                Findings.found.is_not(None),
            )
        )
        if found != basis:
            from strongroom.label import judge  # NumPy and SciPy: only where there is something to do

            return judge.consensus_at(self._session, self._dataset.project_id, number, seen)
        rows = self._session.connection().execute(
            select(_consensus.c.task_id, _consensus.c.value, _consensus.c.detail).where(
                *self._of(_consensus, [number])
            )
        )
        return {task_id: told(value, detail) for task_id, value, detail in rows}

    def _known(self, number: int) -> dict[str, dict[str, Any]]:
        known = self._session.scalars(
            select(KnownAnswer).where(KnownAnswer.role == GOLD, *self._of(core(KnownAnswer), [number]))
        ).all()
        self._hold(KnownAnswer, {each.id: each.made_at for each in known})
        return {each.task_id: each.result for each in known}

    def _reviews(self, number: int) -> dict[str, Review]:
        decisions = self._session.scalars(
            select(Adjudication).where(
                Adjudication.latest == literal(True), *self._of(core(Adjudication), [number])
            )
        ).all()
        self._hold(Adjudication, {each.id: each.at for each in decisions})
        return {
            each.task_id: Review(
                self._pseudonyms[each.person_id],
                self._people[each.person_id],
                each.result,
                each.note,
                each.at.isoformat(),
                each.guideline_version,
            )
            for each in decisions
        }

    def _hold(self, model: type[Marked], things: dict[str, datetime]) -> None:
        self.held[model].update(things)
        self._last = max(self._last, *things.values()) if things else self._last

    def _of(self, table: Table, markings: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
        return (table.c.marking_id.in_(markings), table.c.project_id == self._dataset.project_id)

    def _answer(self, row: Sequence[Any]) -> Answer:
        _, person_id, result, revision, submitted_at, seconds, guideline_version, id_ = row
        self.held[Annotation].add(id_)
        self._last_answer = max(self._last_answer, submitted_at)
        return Answer(
            self._pseudonyms[person_id],
            self._people[person_id],
            self._result(result),
            revision,
            _iso(submitted_at),
            seconds,
            guideline_version,
        )

    def _result(self, text: str) -> dict[str, Any]:
        found = self._results.get(text)
        if found is None:
            found = orjson.loads(text)
            if len(self._results) < _REMEMBERED:
                self._results[text] = found
        return found

    def _agreed(self, answers: tuple[str, ...]) -> dict[str, Agreed]:
        """Few forms have many different answers: the same ones agree on the same."""
        found = self._agreements.get(answers)
        if found is None:
            found = consensus(self._questions, [self._result(each) for each in answers])
            if len(self._agreements) < _REMEMBERED:
                self._agreements[answers] = found
        return found


class _Pseudonyms(dict[str, str]):
    """A name that tells nobody who it is, the same in every export of a project."""

    def __init__(self, vault: Vault, project_id: str) -> None:
        super().__init__()
        self._key = vault.key(f"label.pseudonym.{project_id}")

    def __missing__(self, person_id: str) -> str:
        digest = hmac.digest(self._key, person_id.encode(), hashlib.sha256)
        self[person_id] = name = f"a-{digest.hex()[:10]}"
        return name


def _iso(stored: str) -> str:
    """ "2026-01-02 03:04:05.678901" as ISO 8601 in UTC."""
    return stored.replace(" ", "T") + "Z"


_NO_MORE: tuple[int | None, Iterable[Any]] = (None, ())

# JSON and moments come as the text they are stored as: parsing a hundred thousand of them costs more than the query.
_TASKS = (
    select(
        _task.c.id,
        _task.c.position,
        _task.c.external_id,
        _task.c.text,
        as_text(_task.c.data),
    )
    .where(
        _task.c.marking_id == bindparam("p_level"),
        _task.c.project_id == bindparam("p_project"),
        _task.c.role != TRAINING,
    )
    .order_by(_task.c.position)
)
_COMPLETE = _TASKS.where(
    or_(_task.c.role == GOLD, and_(_task.c.submitted == _task.c.wanted, _task.c.submitted > 0))
)
_ANSWERS = (
    select(
        _task.c.position,
        _annotation.c.person_id,
        as_text(_annotation.c.result),
        _annotation.c.revision,
        moment_text(_annotation.c.submitted_at),
        _annotation.c.seconds,
        _annotation.c.guideline_version,
        _annotation.c.id,
    )
    .join(_task, _task.c.id == _annotation.c.task_id)
    .where(
        _annotation.c.marking_id == bindparam("p_level"),
        _annotation.c.project_id == bindparam("p_project"),
        _annotation.c.latest == literal(True),
        _task.c.role != TRAINING,
    )
    .order_by(_task.c.position, _annotation.c.submitted_at, _annotation.c.id)
)
