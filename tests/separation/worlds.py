"""Two worlds: the same program, the same clock, the same dice. In world B people act whom the observer may not see."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from fastapi import APIRouter
from starlette.testclient import TestClient

from strongroom import assembly  # noqa: F401  (makes every table and kind of job known)
from strongroom.jobs import run_waiting
from strongroom.markings import Scheme
from strongroom.people.clearances import Clearances, give
from strongroom.people.enrol import add_person
from strongroom.people.tokens import issue
from strongroom.separation.actors import Actor, Reply, Request
from strongroom.separation.strategies import Stage
from strongroom.vault import Vault, clock, ids
from strongroom.web.app import create_app

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SCOPES = ["read", "label", "manage", "admin"]


#: No two of these may see each other's work: their clearances are incomparable.
OBSERVERS = (
    Actor("harbour", {"level": "Internal", "circles": ["HARBOUR"]}, "INTERNAL//FOR HARBOUR"),
    Actor("relief", {"level": "Internal", "circles": ["RELIEF"]}, "INTERNAL//FOR RELIEF", ("administrator",)),
    Actor(
        "doctor",
        {"level": "Confidential", "compartments": ["PII"]},
        "CONFIDENTIAL//PII",
        ("security_officer",),
    ),
)
#: Sees everything and works where none of them can look.
CHIEF = Actor(
    "chief",
    {"level": "Restricted", "compartments": ["PII", "PHI"], "circles": ["HARBOUR", "RELIEF"]},
    "RESTRICTED//PHI",
)
#: Works at the level of the first observer, so that what the observer should see does show.
COLLEAGUE = Actor("colleague", OBSERVERS[0].clearance, OBSERVERS[0].level)
CAST = (*OBSERVERS, CHIEF, COLLEAGUE)


#: The last marking is none.
STAGE = Stage(
    ("PUBLIC", "INTERNAL", *(actor.level for actor in OBSERVERS), "RESTRICTED//PHI", "NONSENSE"),
    tuple(actor.login for actor in CAST),
)


def _reply(response: httpx.Response) -> Reply:
    return Reply(response.status_code, tuple(sorted(response.headers.multi_items())), response.content)


class World:
    """A running program on its own copy of the workspace. Close it, or use `with`."""

    def __init__(self, folder: Path, tokens: dict[str, str], routers: Sequence[APIRouter] = ()) -> None:
        self._stack = ExitStack()
        self.vault = self._stack.enter_context(Vault.open(folder))
        self.app = create_app(self.vault, routers=routers)
        self._http = self._stack.enter_context(TestClient(self.app, base_url="http://localhost"))
        self._tokens = tokens
        self._acts: dict[str, int] = {}

    def act(self, actor: Actor, request: Request, when: datetime, seed: int) -> Reply:
        """Sends the request and does the jobs that it started. The dice depend on the actor and on how often the
        actor acted before, on nobody else."""
        number = self._acts[actor.login] = self._acts.get(actor.login, 0) + 1
        dice = random.Random(f"{seed} {actor.login} {number}")
        with ids.drawn_from(dice), clock.at(when):
            response = self._http.request(
                request.method,
                "/api/v1" + request.path,
                params=request.query,
                json=request.body,
                files=request.files,
                data=request.form,
                headers={
                    "Authorization": f"Bearer {self._tokens[actor.login]}",
                    "Strongroom-Level": actor.level,
                    **request.headers,
                },
            )
            run_waiting(self.vault)
        return _reply(response)

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Ground:
    """The workspace that both worlds start from."""

    folder: Path
    tokens: dict[str, str]
    people: dict[str, str]
    project: str

    @contextmanager
    def two(self, scratch: Path, routers: Sequence[APIRouter] = ()) -> Iterator[tuple[World, World]]:
        with ExitStack() as stack:
            worlds = []
            for name in ("a", "b"):
                shutil.copytree(self.folder, scratch / name)
                worlds.append(stack.enter_context(World(scratch / name, self.tokens, routers)))
            yield worlds[0], worlds[1]
        for name in ("a", "b"):
            shutil.rmtree(scratch / name)


def lay_ground(folder: Path) -> Ground:
    """Everybody is owner of one project at the bottom, which holds items of everybody's level."""
    tokens: dict[str, str] = {}
    people: dict[str, str] = {}
    with ids.drawn_from(random.Random("ground")), clock.at(START - timedelta(days=1)):
        with Vault.create(folder, Scheme.load("corporate")) as vault, vault.registry(write=True) as session:
            for actor in CAST:
                person = add_person(session, actor.login, actor.login.title(), actor.duties)  # type: ignore[arg-type]
                session.flush()
                stored = Clearances(vault.scheme).canonical(actor.clearance, actor.login)
                give(session, person, stored, reason="two worlds", by=None)
                _, secret = issue(session, person.id, "two worlds", SCOPES, days=30, longest_days=30)  # type: ignore[arg-type]
                people[actor.login], tokens[actor.login] = person.id, secret
        with World(folder, tokens) as world:
            bottom = Actor("chief", CHIEF.clearance, "PUBLIC")
            project = _shared_project(world, bottom, people)
    return Ground(folder, tokens, people, project)


def _shared_project(world: World, chief: Actor, people: dict[str, str]) -> str:
    form = {
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
        ]
    }
    made = world.act(
        chief,
        Request(
            "create_project",
            "POST",
            "/projects",
            body={"name": "Shared", "description": "", "guideline": "Read.", "form": form, "overlap": 2},
        ),
        START,
        0,
    )
    assert made.status == 201, made.body
    project: str = json.loads(made.body)["id"]
    for login, person in people.items():
        roles = ["owner", "manager", "reviewer", "annotator", "analyst", "auditor"]
        put = Request("set_roles", "PUT", f"/projects/{project}/members/{person}", body={"roles": roles})
        answer = world.act(chief, put, START, 0)
        assert answer.status < 300, (login, answer.body)
    markings = ["PUBLIC", "INTERNAL", *(observer.level for observer in OBSERVERS), CHIEF.level]
    rows = [
        {
            "id": f"{marking[:3]}-{n}",
            "text": f"Item {n} of {marking.lower()} at the quay.",
            "marking": marking,
        }
        for marking in markings
        for n in range(3)
    ]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    file = Request(
        "import_file",
        "POST",
        f"/projects/{project}/imports",
        files={"file": ("rows.jsonl", content)},
        form={"format": "jsonl", "options": "{}"},
    )
    answer = world.act(chief, file, START, 0)
    assert answer.status < 300, answer.body
    return project
