"""Freezing answers into a dataset: asked for, written by a job, and from then on never changed.

The same answers give the same bytes: tasks come by marking and then in the order of their files, answers by the moment
of submission, keys in a fixed order, and nothing says when or by whom the export was made.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Row, Text, bindparam, func, literal, select, type_coerce

from strongroom import jobs
from strongroom.jobs import JobContext, job
from strongroom.label import conll_lines
from strongroom.label.consensus import Agreed, consensus
from strongroom.label.form import Questions, SpansField
from strongroom.label.schemas import ExportIn
from strongroom.label.tables import Annotation, Dataset, Project, Task, core
from strongroom.markings import Marking
from strongroom.people import Person
from strongroom.vault import ReaderSession, Staged, Vault, clock, derive_from_ids, load

EXPORTING = ("owner", "manager", "analyst", "evaluator")
_PROGRESS_EVERY = 500

_task, _annotation = core(Task), core(Annotation)


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
    with context.reading() as session:
        dataset = load(session, Dataset, context.job.subject_id)
        if dataset.finished_at is not None:
            return
        snapshot = _Snapshot(session, dataset, context.reader.level)
        lines: list[bytes] = []
        tagged: list[str] = []
        for number, labelled in enumerate(snapshot.tasks(), 1):
            lines.append(snapshot.line(labelled))
            if snapshot.spans is not None:
                tagged.append(conll_lines.block(labelled, snapshot.spans))
            if number % _PROGRESS_EVERY == 0:
                context.check_cancelled()
    _store(context, dataset, snapshot, lines, tagged)


def _store(
    context: JobContext, dataset: Dataset, snapshot: _Snapshot, lines: list[bytes], tagged: list[str]
) -> None:
    blobs = context.vault.blobs
    jsonl = blobs.stage(b"".join(lines))
    conll = blobs.stage("".join(tagged).encode()) if snapshot.spans is not None else None
    with context.writing() as session:
        stored = load(session, Dataset, dataset.id)
        stored.jsonl_blob_id = blobs.put(session, jsonl).id
        stored.conll_blob_id = blobs.put(session, conll).id if conll is not None else None
        stored.tasks, stored.answers = snapshot.task_count, snapshot.answer_count
        stored.sha256 = jsonl.sha256
        stored.manifest = {
            "form": snapshot.form,
            "guideline_version": dataset.guideline_version,
            "only_complete": dataset.only_complete,
            "tasks": snapshot.task_count,
            "answers": snapshot.answer_count,
            "markings": snapshot.markings,
            "files": [_file("jsonl", jsonl)] + ([_file("conll", conll)] if conll is not None else []),
        }
        stored.finished_at = clock.now()
        session.flush()
        # Raises for a source that isn't visible at the dataset's level: no task above it can have slipped in.
        derive_from_ids(session, stored, Task, snapshot.task_ids, "export")
        session.audit("dataset.finish", "dataset", dataset.id, tasks=snapshot.task_count, sha256=jsonl.sha256)
    context.progress(snapshot.task_count, snapshot.task_count)


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


class Labelled(NamedTuple):
    """A task with its answers in the order of submission, and what they agree on."""

    id: str
    external_id: str | None
    text: str
    data: dict[str, Any]
    marking: str
    answers: list[Answer]
    agreed: dict[str, Agreed]


class _Snapshot:
    """A project's tasks no higher than a level, with their answers, streamed in the order of the files."""

    def __init__(self, session: ReaderSession, dataset: Dataset, level: Marking) -> None:
        project = load(session, Project, dataset.project_id)
        self.form = project.form
        self._questions = Questions.model_validate(project.form)
        self.spans = next((f for f in self._questions.fields if isinstance(f, SpansField)), None)
        self._session = session
        self._dataset = dataset
        self._people = {row.id: row.login for row in session.execute(select(Person.id, Person.login))}
        self._pseudonyms = _Pseudonyms(session.vault, project.id)
        self._results: dict[str, dict[str, Any]] = {}
        self._agreements: dict[tuple[str, ...], dict[str, Agreed]] = {}
        numbers = session.scalars(
            select(Task.marking_id).where(Task.project_id == project.id).distinct()
        ).all()
        self._markings = sorted(
            ((marking, number) for number in numbers if (marking := session.marking(number)) <= level),
            key=lambda pair: str(pair[0]),
        )
        self.task_ids: list[str] = []
        self.answer_count = 0

    @property
    def task_count(self) -> int:
        return len(self.task_ids)

    @property
    def markings(self) -> list[str]:
        return [str(marking) for marking, _ in self._markings]

    def tasks(self) -> Iterator[Labelled]:
        for marking, number in self._markings:
            values = {"p_level": number, "p_project": self._dataset.project_id}
            connection = self._session.connection()
            answers: defaultdict[str, list[Row[Any]]] = defaultdict(list)
            for row in connection.execute(_ANSWERS, values):
                answers[row.task_id].append(row)
            for row in connection.execute(_COMPLETE if self._dataset.only_complete else _TASKS, values):
                given = answers.get(row.id, [])
                self.task_ids.append(row.id)
                self.answer_count += len(given)
                yield Labelled(
                    row.id,
                    row.external_id,
                    row.text,
                    orjson.loads(row.data),
                    str(marking),
                    [self._answer(each) for each in given],
                    self._agreed(tuple(each.result for each in given)),
                )

    def line(self, task: Labelled) -> bytes:
        """The task as a line of JSON."""
        return orjson.dumps(
            {
                "id": task.external_id or task.id,
                "task_id": task.id,
                "text": task.text,
                "data": task.data,
                "marking": task.marking,
                "answers": [each._asdict() for each in task.answers],
                "consensus": {key: agreed._asdict() for key, agreed in task.agreed.items()},
                "guideline_version": self._dataset.guideline_version,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )

    def _answer(self, row: Row[Any]) -> Answer:
        return Answer(
            self._pseudonyms[row.person_id],
            self._people[row.person_id],
            self._result(row.result),
            row.revision,
            _iso(row.submitted_at),
            row.seconds,
            row.guideline_version,
        )

    def _result(self, text: str) -> dict[str, Any]:
        found = self._results.get(text)
        if found is None:
            found = self._results[text] = orjson.loads(text)
        return found

    def _agreed(self, answers: tuple[str, ...]) -> dict[str, Agreed]:
        """Few forms have many different answers: the same ones agree on the same."""
        found = self._agreements.get(answers)
        if found is None:
            found = consensus(self._questions, [self._result(each) for each in answers])
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
    """SQLite's "2026-01-02 03:04:05.678901" as ISO 8601 in UTC."""
    return stored.replace(" ", "T") + "Z"


_in_group = (
    _task.c.marking_id == bindparam("p_level"),
    _task.c.project_id == bindparam("p_project"),
)
# JSON and moments come as the text they are stored as: parsing a hundred thousand of them costs more than the query.
_TASKS = (
    select(_task.c.id, _task.c.external_id, _task.c.text, type_coerce(_task.c.data, Text).label("data"))
    .where(*_in_group)
    .order_by(_task.c.position)
)
_COMPLETE = _TASKS.where(_task.c.submitted == _task.c.wanted)
_ANSWERS = (
    select(
        _annotation.c.task_id,
        _annotation.c.person_id,
        type_coerce(_annotation.c.result, Text).label("result"),
        _annotation.c.revision,
        type_coerce(_annotation.c.submitted_at, Text).label("submitted_at"),
        _annotation.c.seconds,
        _annotation.c.guideline_version,
    )
    .where(
        _annotation.c.marking_id == bindparam("p_level"),
        _annotation.c.project_id == bindparam("p_project"),
        _annotation.c.latest == literal(True),
    )
    .order_by(_annotation.c.submitted_at, _annotation.c.id)
)
