"""A house with two levels of work in it: people who label, a dataset of what they labelled, and two security officers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from strongroom.jobs import run_waiting
from strongroom.label import check
from strongroom.markings import Scheme
from strongroom.people.clearances import Clearances, give
from strongroom.people.enrol import add_person
from strongroom.people.tokens import issue
from strongroom.vault import Reader, Vault
from strongroom.vault.database import VARIABLE
from strongroom.web.app import create_app

SECRET = "The harbour master keeps the blue ledger under the third floorboard of the customs shed."
SCOPES = ["read", "label", "manage", "admin"]
FORM = {
    "fields": [
        {"key": "kind", "kind": "class", "title": "Kind", "labels": [{"id": "spill"}, {"id": "fire"}]},
        {"key": "note", "kind": "text", "title": "Note", "required": False},
    ]
}
INTERNAL = "INTERNAL//FOR HARBOUR"
HIGHER = "CONFIDENTIAL//PII//FOR HARBOUR"
PEOPLE: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "olga": ({"level": "Restricted", "compartments": ["PII", "PHI"], "circles": ["HARBOUR", "RELIEF"]}, ()),
    "anna": ({"level": "Internal", "circles": ["HARBOUR"]}, ()),
    "bert": ({"level": "Internal", "circles": ["HARBOUR"]}, ()),
    "otto": ({"level": "Internal", "circles": ["HARBOUR"]}, ("security_officer",)),
    "odile": (
        {"level": "Confidential", "compartments": ["PII"], "circles": ["HARBOUR"]},
        ("security_officer",),
    ),
    "oskar": (
        {"level": "Confidential", "compartments": ["PII"], "circles": ["HARBOUR"]},
        ("security_officer",),
    ),
    "greta": ({"level": "Internal", "circles": ["HARBOUR"]}, ("auditor",)),
    "stranger": ({"level": "Internal", "circles": ["RELIEF"]}, ("security_officer",)),
}


@dataclass
class Answered:
    status: int
    body: Any
    raw: bytes


@dataclass
class House:
    """Says what people ask of the running program, and what it answers."""

    vault: Vault
    http: TestClient
    tokens: dict[str, str]
    people: dict[str, str]
    project: str = ""
    tasks: dict[str, str] = field(default_factory=dict)

    def ask(
        self, login: str, method: str, path: str, body: Any = None, *, level: str = INTERNAL, **more: Any
    ) -> Answered:
        headers = {"Authorization": f"Bearer {self.tokens[login]}", "Strongroom-Level": level}
        headers |= more.pop("headers", {})
        response = self.http.request(method, f"/api/v1{path}", json=body, headers=headers, **more)
        kind = response.headers.get("content-type", "").partition(";")[0]
        answer = response.json() if kind.endswith("json") else None
        return Answered(response.status_code, answer, response.content)

    def done(self, login: str, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self.ask(login, method, path, body, **more)
        assert answer.status < 300, (path, answer.status, answer.body)
        run_waiting(self.vault)
        return answer.body

    def bring(self, rows: list[dict[str, Any]], *, level: str = INTERNAL, name: str = "rows.jsonl") -> str:
        """Import rows into the project; the id of the import."""
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        answer = self.done(
            "olga",
            "POST",
            f"/projects/{self.project}/imports",
            level=level,
            files={"file": (name, content)},
            data={"format": "jsonl", "options": "{}"},
        )
        imported: str = answer["id"]
        listed = self.done("olga", "GET", f"/projects/{self.project}/tasks?limit=500", level=level)
        self.tasks |= {item["external_id"]: item["id"] for item in listed["items"]}
        return imported

    def answer(self, login: str, *, level: str = INTERNAL, note: str = "") -> tuple[str, str]:
        """Take the next task and answer it: (task id, assignment id)."""
        given = self.done(login, "POST", f"/projects/{self.project}/next", {"held": []}, level=level)
        result = {"kind": "spill", **({"note": note} if note else {})}
        self.done(
            login,
            "POST",
            f"/assignments/{given['id']}/submit",
            {"lease": given["lease"], "result": result, "seconds": 2},
            level=level,
        )
        return given["task"]["id"], given["id"]

    def export(self, *, level: str = INTERNAL) -> str:
        made = self.done("olga", "POST", f"/projects/{self.project}/exports", {"name": "out"}, level=level)
        found: str = made["id"]
        job = self.done("olga", "GET", f"/datasets/{found}", level=level)["job"]
        assert job["state"] == "done", job
        return found

    def download(self, login: str, dataset: str, *, level: str = INTERNAL) -> Answered:
        return self.ask(login, "GET", f"/datasets/{dataset}/download", level=level)

    def truth(self, sql: str, **values: Any) -> list[Any]:
        """What the database holds, whoever may see it."""
        with self.vault._system.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql), values)]

    def queue_is_right(self) -> bool:
        """What tasks say of their slots is what the answers say."""
        clearance, _ = PEOPLE["olga"]
        scheme = self.vault.scheme
        reader = Reader(
            self.people["olga"], "olga", scheme.clearance(clearance), scheme.bottom, "test", "test"
        )
        with self.vault.reading(reader) as session:
            return check(session, self.project) == []

    def marking_of(self, kind: str, thing_id: str) -> str:
        sql = f"select m.text from {kind} t join marking m on m.id = t.marking_id where t.id = :id"
        return str(self.truth(sql, id=thing_id)[0][0])

    def spill(
        self, kind: str, thing_id: str, *, by: str = "otto", should_be: str = "purge", level: str = INTERNAL
    ) -> Any:
        body = {"kind": kind, "thing_id": thing_id, "should_be": should_be, "reason": "it should not be here"}
        return self.done(by, "POST", "/spills", body, level=level)

    def decide(
        self, spill: str, decision: str, *, by: str = "otto", level: str = INTERNAL, **more: Any
    ) -> Any:
        decided = self.done(
            by, "POST", f"/spills/{spill}/decisions", {"decision": decision, **more}, level=level
        )
        listed = self.done(by, "GET", f"/spills/{spill}", level=level)["decisions"]
        return next(each for each in listed if each["id"] == decided["id"])


@pytest.fixture(scope="session")
def people_at_work(
    databases: Any, tmp_path_factory: pytest.TempPathFactory, scheme: Scheme
) -> tuple[Path, Any, Any, str]:
    """A workspace with everybody in it and one project; copied for each test."""
    made: tuple[Path, Any, Any, str] = databases.once(
        "people at work",
        lambda: _enrolled(tmp_path_factory.mktemp("custody") / "workspace", databases, scheme),
    )
    return made


def _enrolled(folder: Path, databases: Any, scheme: Scheme) -> tuple[Path, Any, Any, str]:
    tokens, people = {}, {}
    with databases.create(folder, scheme) as vault:
        with vault.registry(write=True) as session:
            for login, (clearance, duties) in PEOPLE.items():
                person = add_person(session, login, login.title(), duties)  # type: ignore[arg-type]
                session.flush()
                give(
                    session,
                    person,
                    Clearances(scheme).canonical(clearance, login),
                    reason="test",
                    by=None,
                )
                _, token = issue(session, person.id, "test", SCOPES, days=30, longest_days=30)  # type: ignore[arg-type]
                people[login], tokens[login] = person.id, token
        with TestClient(create_app(vault), base_url="http://localhost") as http:
            house = House(vault, http, tokens, people)
            made = house.done(
                "olga",
                "POST",
                "/projects",
                {"name": "Harbour", "guideline": "Read.", "form": FORM, "overlap": 2},
                level="PUBLIC",
            )
            for login in ("anna", "bert"):
                house.done(
                    "olga",
                    "PUT",
                    f"/projects/{made['id']}/members/{people[login]}",
                    {"roles": ["annotator"]},
                    level="PUBLIC",
                )
    return folder, tokens, people, made["id"]


@pytest.fixture
def house(
    tmp_path: Path, databases: Any, people_at_work: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    folder, tokens, people, project = people_at_work
    workspace = databases.copy(folder, tmp_path / "workspace")
    monkeypatch.setenv(VARIABLE, databases.url(workspace))
    with (
        Vault.open(workspace) as vault,
        TestClient(create_app(vault), base_url="http://localhost") as http,
    ):
        yield House(vault, http, tokens, people, project)
    databases.forget(workspace)


@pytest.fixture
def busy(house: House) -> House:
    """Four tasks at two markings, two of them answered, and a dataset at each marking."""
    house.bring(
        [
            {"id": "t1", "text": SECRET},
            {"id": "t2", "text": "A crane stands still on quay four since Monday."},
            {"id": "t3", "text": "Fuel on the water near berth nine.", "marking": HIGHER},
            {"id": "t4", "text": SECRET, "marking": HIGHER},
        ]
    )
    house.answer("anna", note="Anna saw the blue ledger with her own eyes.")
    house.answer("anna")
    return house
