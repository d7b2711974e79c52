"""A workspace with a label room in it: people, projects, rows, a worker that works when told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select

import strongroom.assembly  # noqa: F401 - every table and every kind of job
from strongroom import jobs
from strongroom.jobs import Job
from strongroom.label import (
    assign,
    check,
    draft,
    export,
    imports,
    lease,
    project,
    refit,
    skip,
    submit,
    uploads,
)
from strongroom.label import dataset as datasets
from strongroom.label.desk import at_desk
from strongroom.label.rules import rules_of
from strongroom.label.schemas import (
    AssignmentOut,
    DatasetOut,
    ExportIn,
    ImportOptions,
    ImportOut,
    ProjectIn,
    SubmitOut,
)
from strongroom.label.tables import Dataset, Import, Project, Task
from strongroom.people import Idempotency, Person, set_roles
from strongroom.people.tables import ClearanceGrant
from strongroom.vault import Reader, Vault, load

CLASSES: dict[str, Any] = {
    "fields": [
        {
            "key": "kind",
            "kind": "class",
            "title": "Kind",
            "labels": [{"id": "spill"}, {"id": "fire"}, {"id": "none"}],
        }
    ]
}
EVERYTHING: dict[str, Any] = {
    "fields": [
        *CLASSES["fields"],
        {"key": "topics", "kind": "class", "title": "Topics", "multiple": True, "required": False,
         "labels": [{"id": "a"}, {"id": "b"}, {"id": "c"}]},
        {"key": "entities", "kind": "spans", "title": "Names", "labels": [{"id": "PER"}, {"id": "LOC"}]},
        {"key": "note", "kind": "text", "title": "Note", "max_length": 50},
    ]
}  # fmt: skip
NO_KEY = Idempotency(None, "")
HIGHEST = {"level": "Restricted", "compartments": ["PII", "PHI"], "circles": ["HARBOUR", "RELIEF", "LEGAL"]}


@dataclass
class Room:
    """Does in the label room what people do there, and says what came of it."""

    vault: Vault
    people: dict[str, Reader] = field(default_factory=dict)

    def person(self, login: str, clearance: dict[str, Any] | str = "Confidential") -> str:
        spec = {"level": clearance} if isinstance(clearance, str) else clearance
        with self.vault.registry(write=True) as session:
            person = Person(login=login, name=login.title())
            session.add(person)
            session.flush()
            session.add(
                ClearanceGrant(
                    person_id=person.id,
                    number=1,
                    clearance=json.dumps(self.vault.scheme.clearance(spec).to_json()),
                    reason="test",
                    given_by=None,
                )
            )
            person_id = person.id
        self.people[login] = Reader(
            person_id, login, self.vault.scheme.clearance(spec), self.vault.scheme.bottom, "session", "test"
        )
        return login

    def reader(self, login: str, level: str = "PUBLIC") -> Reader:
        known = self.people[login]
        return Reader(
            known.person_id, login, known.clearance, self.vault.scheme.parse(level), known.how, "test"
        )

    def project(
        self,
        form: dict[str, Any] | str | None = None,
        *,
        owner: str = "olga",
        level: str = "PUBLIC",
        overlap: int = 1,
        annotators: tuple[str, ...] = (),
        lease_seconds: int = 900,
        rules: dict[str, Any] | None = None,
    ) -> str:
        if owner not in self.people:
            self.person(owner, HIGHEST)
        for login in annotators:
            if login not in self.people:
                self.person(login)
        asked = ProjectIn.model_validate(
            {
                "form": form or CLASSES,
                "name": "Reports",
                "overlap": overlap,
                "lease_seconds": lease_seconds,
                "rules": rules,
            }
        )
        with self.vault.writing(self.reader(owner, level)) as session:
            made = project.create(session, asked)
            for login in annotators:
                set_roles(session, made.id, self.people[login].person_id, ["annotator"])
            return made.id

    def begin_import(
        self,
        project_id: str,
        content: bytes | str,
        name: str = "rows.jsonl",
        *,
        by: str = "olga",
        level: str = "PUBLIC",
        format_name: str = "auto",
        **options: Any,
    ) -> str:
        raw = content.encode() if isinstance(content, str) else content
        upload = uploads.stage(self.vault, BytesIO(raw))
        try:
            examined = imports.examine(upload, name, format_name, ImportOptions(**options))
            with project.from_above(self.vault, self.reader(by, level), project_id) as (session, found):
                return imports.begin(session, self.vault, found, examined).id
        finally:
            upload.path.unlink(missing_ok=True)

    def bring(
        self, project_id: str, content: bytes | str, name: str = "rows.jsonl", **options: Any
    ) -> ImportOut:
        """Import a file and let the worker finish it."""
        by = options.get("by", "olga")
        import_id = self.begin_import(project_id, content, name, **options)
        jobs.run_waiting(self.vault)
        return self.imported(import_id, by)

    def imported(self, import_id: str, by: str = "olga") -> ImportOut:
        with self.vault.reading(self.reader(by)) as session:
            return imports.out(session, [load(session, Import, import_id)])[0]

    def rejections(self, import_id: str, by: str = "olga") -> list[tuple[int, str]]:
        with self.vault.reading(self.reader(by)) as session:
            return [
                (each.line, each.reason) for each in imports.rejections(session, import_id, None, 500).items
            ]

    def rows(self, project_id: str, count: int, **row: Any) -> None:
        """`count` tasks with the texts "text 0", "text 1", …"""
        content = "".join(json.dumps({"text": f"text {n}", "id": n, **row}) + "\n" for n in range(count))
        found = self.bring(project_id, content)
        assert found.job.state == "done", found.job.message
        assert found.rejected == 0

    def next(
        self, login: str, project_id: str, *held: AssignmentOut, level: str = "PUBLIC"
    ) -> AssignmentOut | None:
        with self.vault.writing(self.reader(login, level)) as session:
            return assign.next_task(session, project_id, [each.id for each in held])

    def take(self, login: str, project_id: str, *held: AssignmentOut, level: str = "PUBLIC") -> AssignmentOut:
        found = self.next(login, project_id, *held, level=level)
        assert found is not None
        return found

    def submit(
        self,
        login: str,
        task: AssignmentOut,
        answer: dict[str, Any] | None = None,
        *,
        key: str | None = None,
        lease: str | None = None,
        level: str | None = None,
        seconds: float = 3.0,
    ) -> SubmitOut:
        answer = {"kind": "spill"} if answer is None else answer
        reader = self.reader(login, level or task.marking.text)
        idempotency = Idempotency(key, json.dumps(answer)) if key else NO_KEY
        with at_desk(self.vault, reader, task.id, answer) as (session, held):
            return submit.submit(
                session,
                held,
                lease=task.lease if lease is None else lease,
                answer=answer,
                seconds=seconds,
                idempotency=idempotency,
            )

    def draft(self, login: str, task: AssignmentOut, work: dict[str, Any], level: str | None = None) -> None:
        reader = self.reader(login, level or task.marking.text)
        with at_desk(self.vault, reader, task.id, work) as (session, held):
            draft.save(session, held, work)

    def skip(self, login: str, task: AssignmentOut, reason: str = "unclear") -> None:
        with at_desk(self.vault, self.reader(login, task.marking.text), task.id) as (session, held):
            skip.skip(session, held, task.lease, reason)

    def renew(self, login: str, task: AssignmentOut) -> None:
        with at_desk(self.vault, self.reader(login, task.marking.text), task.id) as (session, held):
            lease.renew(session, held, task.lease)

    def refit(self, project_id: str, *, by: str = "olga", level: str = "PUBLIC") -> None:
        """Let the worker look at the answers of a level, now."""
        with self.vault.writing(self.reader(by, level)) as session:
            refit.ask(session, project_id, rules_of(load(session, Project, project_id).rules), at_once=True)
        jobs.run_waiting(self.vault)
        with self.vault.reading(self.reader(by)) as session:
            states = session.execute(select(Job.state, Job.message).where(Job.kind == "label.refit")).all()
        assert {state for state, _ in states} == {"done"}, states

    def export(
        self, project_id: str, *, by: str = "olga", level: str = "PUBLIC", only_complete: bool = False
    ) -> DatasetOut:
        with project.from_above(self.vault, self.reader(by, level), project_id) as (session, found):
            dataset_id = export.begin(session, found, ExportIn(only_complete=only_complete)).id
        jobs.run_waiting(self.vault)
        with self.vault.reading(self.reader(by)) as session:
            return datasets.out(session, [load(session, Dataset, dataset_id)])[0]

    def download(
        self, dataset: DatasetOut, format_name: datasets.Format = "jsonl", *, by: str = "olga"
    ) -> bytes:
        with self.vault.reading(self.reader(by)) as session:
            file = datasets.download(session, dataset.id, format_name)
        return b"".join(file.content)

    def lines(self, dataset: DatasetOut) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.download(dataset).splitlines()]

    def count(self, project_id: str, *, by: str = "olga") -> int:
        with self.vault.reading(self.reader(by)) as session:
            return (
                session.scalar(select(func.count()).select_from(Task).where(Task.project_id == project_id))
                or 0
            )

    def wrong(self, project_id: str, *, by: str = "olga") -> list[str]:
        """What the proof of the queue objects to."""
        with self.vault.reading(self.reader(by)) as session:
            return check(session, project_id)


@pytest.fixture
def room(vault: Vault) -> Room:
    return Room(vault)
