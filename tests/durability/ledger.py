"""People at work over HTTP who remember what was acknowledged to them, and a look whether it is all there.

An entry is said when the answer has come, never before; what was asked and not answered may have happened or not.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from strongroom.jobs import run_waiting
from strongroom.label.tables import Annotation, Assignment, Dataset, Import, Project, Task
from strongroom.vault import Blob, Vault, core, lineage_check

from ..replay.crowd import create_project, wait_for
from ..replay.plain_http import Answer, Connection, multipart
from ..replay.workspace import Staff

PATIENCE = 1800.0
"""Seconds without an answer, or without the end of a job: a server that is killed again and again is rarely up."""
Said = dict[str, Any]
Say = Callable[..., None]


@dataclass
class Ledger:
    """What was said, in the order of its saying; `say` also tells another recorder, if there is one."""

    told: list[Say] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    waited: list[float] = field(default_factory=list)
    """Seconds that each answer took to be saved."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, **said: Any) -> None:
        with self._lock:
            self.said.append(said)
        for tell in self.told:
            tell(**said)

    def refuse(self, answer: Answer) -> None:
        with self._lock:
            self.refused[f"{answer.status} {answer.body[:160]!r}"] += 1

    def of_kind(self, *kinds: str) -> int:
        return sum(1 for said in self.said if said["kind"] in kinds)

    @property
    def acknowledged(self) -> int:
        """Everything but what was only asked for."""
        return len(self.said) - self.of_kind("asked")


def form(overlap: int = 2) -> dict[str, Any]:
    labels = [{"id": label, "title": label} for label in ("yes", "no")]
    fields = [
        {"key": "answer", "kind": "class", "title": "Answer", "labels": labels},
        {"key": "note", "kind": "text", "title": "Note", "required": False},
    ]
    return {
        "name": f"Durable {uuid.uuid4().hex[:6]}",
        "description": "",
        "guideline": "Answer.",
        "overlap": overlap,
        "form": {"fields": fields},
    }


def rows(count: int, prefix: str = "t") -> list[dict[str, Any]]:
    return [
        {"id": f"{prefix}{n}", "text": f"Item {prefix}{n} " + "of the harbour " * 8} for n in range(count)
    ]


def bring_in(connection: Connection, project: str, ledger: Ledger, prefix: str, count: int = 300) -> str:
    """Asks for an import and says that it was acknowledged; its id."""
    given = rows(count, prefix)
    content = "".join(json.dumps(row) + "\n" for row in given).encode()
    raw = multipart("rows.jsonl", content, {"format": "jsonl", "options": "{}"})
    answer = connection("POST", f"/projects/{project}/imports", raw=raw)
    if answer.status != 202:
        ledger.refuse(answer)
        return ""
    made: str = answer.json()["id"]
    ledger.say(kind="import", id=made, project=project, rows=[row["id"] for row in given])
    return made


class Crowd:
    """Annotators, and a manager who imports in one place and exports in another, until `stop`."""

    def __init__(self, port: int, who: Staff, ledger: Ledger, *, tasks: int = 400, seed: int = 1) -> None:
        self.ledger = ledger
        self._who = who
        self._port = port
        self._seed = seed
        self._ended = threading.Event()
        self._failures: list[BaseException] = []
        manager = Connection(port, who.manager_token)
        members = {who.ids[login]: ["annotator"] for login in who.tokens}
        self.project = create_project(manager, form(), members)
        ledger.say(kind="project", id=self.project)
        wait_for(manager, f"/imports/{bring_in(manager, self.project, ledger, 't', tasks)}")
        acts = [(self._annotator, login) for login in who.tokens]
        acts += [(self._importer, "importer"), (self._exporter, "exporter")]
        self._threads = [
            threading.Thread(target=self._guarded, args=act, name=act[1], daemon=True) for act in acts
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    @property
    def at_work(self) -> bool:
        return not self._failures and any(thread.is_alive() for thread in self._threads)

    def _guarded(self, act: Callable[[str], None], login: str) -> None:
        try:
            act(login)
        except BaseException as error:
            self._failures.append(error)

    def _annotator(self, login: str) -> None:
        chance = random.Random(f"{self._seed} {login}")
        connection = Connection(self._port, self._who.tokens[login], patience_seconds=PATIENCE)
        while not self._ended.is_set():
            got = connection("POST", f"/projects/{self.project}/next", {"held": []})
            if got.status != 200:
                if got.status == 204:
                    return
                self.ledger.refuse(got)
                continue
            work = got.json()
            if chance.random() < 0.4:
                self._draft(connection, work, chance)
            if chance.random() < 0.9:
                self._submit(connection, work, chance)
                if chance.random() < 0.2:
                    self._submit(connection, work, chance)

    def _draft(self, connection: Connection, work: dict[str, Any], chance: random.Random) -> None:
        result = self._result(chance)
        self.ledger.say(kind="asked", assignment=work["id"], result=result)
        kept = connection("PUT", f"/assignments/{work['id']}/draft", {"result": result})
        if kept.status == 200:
            self.ledger.say(kind="draft", assignment=work["id"], result=result)
        else:
            self.ledger.refuse(kept)

    def _submit(self, connection: Connection, work: dict[str, Any], chance: random.Random) -> None:
        result = self._result(chance)
        body = {"lease": work["lease"], "result": result, "seconds": 1.0}
        began = time.monotonic()
        sent = connection("POST", f"/assignments/{work['id']}/submit", body)
        self.ledger.waited.append(time.monotonic() - began)
        if sent.status == 200:
            revision = sent.json()["revision"]
            self.ledger.say(kind="submit", assignment=work["id"], revision=revision, result=result)
        else:
            self.ledger.refuse(sent)

    def _result(self, chance: random.Random) -> dict[str, Any]:
        note = "".join(chance.choices("abcdefgh ", k=chance.randint(0, 600))).strip()
        return {"answer": chance.choice(["yes", "no"]), **({"note": note} if note else {})}

    def _importer(self, _: str) -> None:
        connection = Connection(self._port, self._who.manager_token, patience_seconds=PATIENCE)
        turn = 0
        while not self._ended.wait(0.5):
            turn += 1
            made = connection("POST", "/projects", form())
            if made.status == 201:
                self.ledger.say(kind="project", id=made.json()["id"])
            bring_in(connection, self.project, self.ledger, f"m{turn}-", 60)

    def _exporter(self, _: str) -> None:
        connection = Connection(self._port, self._who.manager_token, patience_seconds=PATIENCE)
        while not self._ended.wait(0.5):
            self._export(connection)

    def _export(self, connection: Connection) -> None:
        answer = connection("POST", f"/projects/{self.project}/exports", {})
        if answer.status != 202:
            self.ledger.refuse(answer)
            return
        dataset = answer.json()["id"]
        self.ledger.say(kind="export", id=dataset)
        wait_for(connection, f"/datasets/{dataset}", PATIENCE)
        file = connection("GET", f"/datasets/{dataset}/download?format=jsonl")
        if file.status == 200:
            self.ledger.say(kind="exported", id=dataset, sha256=hashlib.sha256(file.body).hexdigest())


def lost(vault: Vault, said: list[Said]) -> list[str]:
    """What was acknowledged and isn't there, or is there twice; and whatever else is wrong with the workspace."""
    run_waiting(vault)
    faults = [*_answers(vault, said), *_drafts(vault, said), *_things(vault, said)]
    faults += [f"{each} lies below its source" for each in lineage_check.check(vault)]
    faults += [f"blob {blob_id} is damaged" for blob_id in vault.blobs.damaged()]
    return faults


def _answers(vault: Vault, said: list[Said]) -> list[str]:
    table, assignments = core(Annotation), core(Assignment)
    with vault._system.reading() as connection:
        stored = connection.execute(
            select(table.c.assignment_id, table.c.revision, table.c.result, table.c.latest)
        ).all()
        claims = connection.execute(select(assignments.c.task_id, assignments.c.person_id)).all()
    there = {(row.assignment_id, row.revision): row.result for row in stored}
    faults = []
    if len(there) != len(stored):
        faults.append("a revision is there twice")
    latest = Counter(row.assignment_id for row in stored if row.latest)
    faults += [f"assignment {key} has {count} latest answers" for key, count in latest.items() if count != 1]
    faults += [
        f"{pair} was claimed twice" for pair, count in Counter(map(tuple, claims)).items() if count > 1
    ]
    for each in said:
        if each["kind"] == "submit" and there.get((each["assignment"], each["revision"])) != each["result"]:
            faults.append(f"answer {each['assignment']} revision {each['revision']} is lost")
    return faults


def _drafts(vault: Vault, said: list[Said]) -> list[str]:
    table = core(Assignment)
    with vault._system.reading() as connection:
        stored = {
            row.id: (row.draft, row.revision)
            for row in connection.execute(select(table.c.id, table.c.draft, table.c.revision))
        }
    kept: dict[str, list[Any]] = {}
    revisions: defaultdict[str, int] = defaultdict(int)
    for each in said:
        if each["kind"] == "draft":
            kept[each["assignment"]] = [each["result"]]
        elif each["kind"] == "asked" and each["assignment"] in kept:
            kept[each["assignment"]].append(each["result"])
        elif each["kind"] == "submit":
            kept.pop(each["assignment"], None)
            revisions[each["assignment"]] = each["revision"]
    return [
        f"the draft of {assignment} is lost"
        for assignment, possible in kept.items()
        if assignment not in stored
        or not (stored[assignment][0] in possible or stored[assignment][1] > revisions[assignment])
    ]


def _things(vault: Vault, said: list[Said]) -> list[str]:
    with vault._system.reading() as connection:
        projects = set(connection.scalars(select(core(Project).c.id)))
        imports = set(connection.scalars(select(core(Import).c.id)))
        datasets = {row.id: row for row in connection.execute(select(core(Dataset)))}
        files = {row.id: row.sha256 for row in connection.execute(select(Blob.id, Blob.sha256))}
        table = core(Task)
        tasks = Counter(map(tuple, connection.execute(select(table.c.project_id, table.c.external_id))))
    faults = [f"{key} was brought in {count} times" for key, count in tasks.items() if count > 1]
    for each in said:
        if each["kind"] == "project" and each["id"] not in projects:
            faults.append(f"project {each['id']} is lost")
        elif each["kind"] == "import":
            missing = sum(1 for row in each["rows"] if (each["project"], row) not in tasks)
            if each["id"] not in imports or missing:
                faults.append(f"import {each['id']} lacks {missing} tasks")
        elif each["kind"] in ("export", "exported"):
            stored = datasets.get(each["id"])
            if stored is None or stored.finished_at is None:
                faults.append(f"dataset {each['id']} is lost")
            elif each["kind"] == "exported" and files.get(stored.jsonl_blob_id) != each["sha256"]:
                faults.append(f"the file of dataset {each['id']} is another one")
    return faults
