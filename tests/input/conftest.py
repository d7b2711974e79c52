"""A workspace with work in it, asked by nobody, by an annotator and by somebody who may do everything."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from schemathesis.python import asgi
from starlette.types import ASGIApp, Receive, Scope, Send

from databases import Sqlite
from strongroom import assembly  # noqa: F401 (makes every table and kind of job known)
from strongroom.jobs import run_waiting
from strongroom.markings import Scheme
from strongroom.people import credentials, sign_in
from strongroom.people.clearances import Clearances, give
from strongroom.people.enrol import add_person
from strongroom.people.sign_in import Visit
from strongroom.people.tokens import issue
from strongroom.separation.actors import Reply, Request
from strongroom.separation.strategies import Operation, Pool
from strongroom.vault import Vault
from strongroom.web import Settings, create_app
from strongroom.web.app import build

LONG = bool(os.environ.get("STRONGROOM_LONG"))
OPENAPI: dict[str, Any] = json.loads(json.dumps(build(Settings()).openapi()))
HIGH = "RESTRICTED//PHI"
FORM = {
    "fields": [
        {
            "key": "kind",
            "kind": "class",
            "title": "Kind",
            "labels": [{"id": "spill", "title": "Spill"}, {"id": "fire", "title": "Fire"}],
        },
        {
            "key": "places",
            "kind": "spans",
            "title": "Places",
            "required": False,
            "labels": [{"id": "place", "title": "Place"}],
        },
        {"key": "note", "kind": "text", "title": "Note", "required": False, "max_length": 200},
    ]
}

#: Path parameters that are words, and the one whose kind they say.
WORDS = {"kind": ["task"], "of_kind": ["task"], "side": ["from"]}
ABSENT = "0123456789abcdef0123456789abcdef"


def path_of(operation: Operation, **ids: str) -> str:
    """The path with these ids in it; all others are absent."""
    words = {word: found[0] for word, found in WORDS.items()}
    names = re.findall(r"\{(\w+)\}", operation.path)
    return operation.path.format(**{**dict.fromkeys(names, ABSENT), **words, **ids})


@dataclass
class House:
    """`tokens` and `people` (ids) by login. `seen` are ids by parameter that the owner and the annotator may see;
    `hidden` those of work that neither may see; `spare` those that a test may do away with."""

    vault: Vault
    app: ASGIApp
    client: Any
    tokens: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)
    hidden: dict[str, list[str]] = field(default_factory=dict)

    def ask(
        self,
        method: str,
        path: str,
        *,
        who: str | None = None,
        headers: dict[str, str] | None = None,
        **given: Any,
    ) -> Any:
        """Sends a request by API token, does the jobs that it started, answers the response."""
        entry = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        response = self.client.request(
            method, f"http://localhost{path}", headers={**entry, **(headers or {})}, **given
        )
        run_waiting(self.vault)
        return response

    def in_person(self, login: str) -> dict[str, str]:
        """The headers of a fresh browser session."""
        gate = self.app.app.state.gate  # type: ignore[attr-defined]
        with self.vault.registry(write=True) as session:
            visit = Visit(address="127.0.0.1", request_id="")
            secret = sign_in.begin(session, gate, self.people[login], visit, how="link")
        return {
            "Cookie": f"strongroom_session={secret}",
            "X-CSRF-Token": credentials.csrf_token(secret),
        }


class _Named:
    """The app as loopback knows it, whatever name the test client calls it by."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            others = [pair for pair in scope["headers"] if pair[0] != b"host"]
            scope = {**scope, "headers": [*others, (b"host", b"localhost")]}
        await self.app(scope, receive, send)


PEOPLE: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "owner": ({"level": "Internal"}, ["administrator", "security_officer", "auditor"]),
    "annotator": ({"level": "Internal"}, []),
    "other": ({"level": "Internal"}, []),
    "hidden": ({"level": "Restricted", "compartments": ["PHI"]}, []),
}


@pytest.fixture(scope="module")
def house(databases: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("input") / "workspace"
    with databases.create(folder, Scheme.load("corporate")) as vault:
        app = _Named(create_app(vault, Settings(workspace=folder)))
        with asgi.get_client(app) as client:
            made = House(vault, app, client)
            _enrol(made)
            made.seen = work(made, "owner", "annotator", "INTERNAL")
            made.hidden = work(made, "hidden", "hidden", HIGH)
            yield made
    databases.forget(folder)


def _enrol(house: House) -> None:
    clearances = Clearances(house.vault.scheme)
    with house.vault.registry(write=True) as session:
        for login, (clearance, duties) in PEOPLE.items():
            person = add_person(session, login, login.title(), duties)
            session.flush()
            give(session, person, clearances.canonical(clearance, login), reason="input", by=None)
            scopes: list[Any] = ["read", "label", "manage", "admin"]
            _, secret = issue(session, person.id, "input", scopes, days=30, longest_days=30)
            house.people[login], house.tokens[login] = person.id, secret


def work(house: House, owner: str, annotator: str, level: str) -> dict[str, list[str]]:
    """A project with rows, an answer and an export at one level; the ids of all that, by path parameter."""
    pool = Pool()

    def done(who: str, method: str, path: str, **given: Any) -> Any:
        response = house.ask(method, f"/api/v1{path}", who=who, headers={"Strongroom-Level": level}, **given)
        assert response.status_code < 300, (path, response.content)
        told = Reply(response.status_code, (), response.content)
        pool.harvest(Request("", method, path), told)
        return response.json() if response.content else None

    project = done(owner, "POST", "/projects", json={"name": "Quay", "form": FORM, "overlap": 2})["id"]
    roles = {"roles": ["annotator"]}
    if annotator != owner:
        done(owner, "PUT", f"/projects/{project}/members/{house.people[annotator]}", json=roles)
    rows = "".join(json.dumps({"id": f"r{n}", "text": f"Text {n} at the quay"}) + "\n" for n in range(6))
    file = {"file": ("rows.jsonl", rows.encode() + b"{broken\n")}
    done(owner, "POST", f"/projects/{project}/imports", files=file, data={"format": "jsonl", "options": "{}"})
    for _ in range(2):
        claimed = done(annotator, "POST", f"/projects/{project}/next", json={"held": []})
    answer = {"lease": claimed["lease"], "result": {"kind": "fire"}, "seconds": 2.0}
    done(annotator, "POST", f"/assignments/{claimed['id']}/submit", json=answer)
    done(owner, "POST", f"/projects/{project}/exports", json={})
    for path in ("tasks", "imports", "datasets", "members", "progress"):
        done(owner, "GET", f"/projects/{project}/{path}")
    seen = {parameter: list(ids) for parameter, ids in pool.seen.items()}
    return {**seen, **WORDS, "thing_id": seen["task_id"]}
