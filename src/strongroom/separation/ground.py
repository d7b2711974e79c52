"""The ground that both worlds stand on: a workspace with the people of the trial in it, and work for them."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, get_args

from sqlalchemy import select

from strongroom.label.tables import Project
from strongroom.markings import Clearance, Marking
from strongroom.people.clearances import Clearances, give
from strongroom.people.enrol import add_person
from strongroom.people.memberships import set_roles
from strongroom.people.passwords import Passwords
from strongroom.people.schemas import Role, Scope
from strongroom.people.settings import AccessSettings
from strongroom.people.sign_in import store_password
from strongroom.people.tokens import issue
from strongroom.separation.actors import Actor, Reply, Request
from strongroom.separation.cast import Cast, everything
from strongroom.separation.strategies import Pool
from strongroom.separation.world import InProcess, Opened, World
from strongroom.vault import Reader, Vault, clock, ids
from strongroom.vault.markings_table import InternedMarking

PASSWORD = "the first password of all"  # noqa: S105 (of accounts that exist in copies alone)
JOINED = 20

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
    ]
}


class Store:
    """Where workspaces and their copies lie. This one: in folders, in SQLite."""

    def url(self, folder: Path) -> str:
        """The address of the folder's database, empty for SQLite."""
        return ""

    def copy(self, source: Path, target: Path) -> Path:
        """A workspace like another one that is closed."""
        return Path(shutil.copytree(source, target))

    def forget(self, folder: Path) -> None:
        """The database of that folder isn't needed any more."""


class Stored(Protocol):
    """What a ground needs to know of where it lies: a `Store`, or what does the same."""

    def url(self, folder: Path) -> str: ...
    def copy(self, source: Path, target: Path) -> Path: ...
    def forget(self, folder: Path) -> None: ...


@dataclass(frozen=True)
class Ground:
    """`tokens` (id and secret) and `people` (ids) by login; `projects` by login: those that each person is in."""

    folder: Path
    cast: Cast
    moment: datetime
    tokens: dict[str, tuple[str, str]]
    people: dict[str, str]
    projects: dict[str, tuple[str, ...]]
    shared: str
    store: Stored

    def pool(self, actor: Actor) -> Pool:
        """What the actor knows at the beginning."""
        token_id, secret = self.tokens[actor.login]
        pool = Pool(token=secret, password=PASSWORD, keep=frozenset([token_id]))
        for project in (*self.projects[actor.login], self.shared):
            pool.add("project_id", project)
        return pool

    def own(self, actor: Actor, request: Request) -> Request:
        """The request as that actor sends it, by token and at the own level."""
        return replace(request, secret=self.tokens[actor.login][1], level=actor.level)

    @contextmanager
    def two(self, scratch: Path, opened: Opened = InProcess) -> Iterator[tuple[World, World]]:
        """Two worlds on copies in `scratch`, which are gone afterwards."""
        a, b = scratch / "a", scratch / "b"
        try:
            for folder in (a, b):
                self.store.copy(self.folder, folder)
            with opened(a, self.store.url(a)) as first, opened(b, self.store.url(b)) as second:
                yield first, second
        finally:
            for folder in (a, b):
                self.store.forget(folder)
                shutil.rmtree(folder, ignore_errors=True)


def lay(
    folder: Path, cast: Cast, moment: datetime, *, seed: str = "ground", store: Stored | None = None
) -> Ground:
    """Puts the people of `cast` into the workspace in `folder`, as owners of a new project at the bottom, which holds
    items at everybody's level, and of the latest projects that are there already, as far as they may see them."""
    store = store or Store()
    dice = random.Random(seed)  # noqa: S311
    database = store.url(folder)
    with (
        ids.drawn_from(dice),
        clock.at(moment - timedelta(hours=1)),
        Vault.open(folder, database=database) as vault,
    ):
        people, tokens = _enrol(vault, cast)
        projects = _join(vault, cast, people)
    ground = Ground(folder, cast, moment, tokens, people, projects, "", store)
    with InProcess(folder, database) as world:
        return replace(ground, shared=_shared_project(world, ground))


def markings_in_use(vault: Vault) -> list[Marking]:
    """What rows of the workspace are marked with, in the order of first use, as far as the scheme lists it."""
    query = select(InternedMarking.text).order_by(InternedMarking.id)
    with vault.reading(_reader(vault, "", "operator", everything(vault.scheme))) as session:
        return [vault.scheme.parse(text) for text in session.scalars(query)]


def _reader(vault: Vault, person_id: str, login: str, clearance: Clearance) -> Reader:
    return Reader(
        person_id=person_id,
        login=login,
        clearance=clearance,
        level=vault.scheme.bottom,
        how="operator",
        request_id="",
    )


def _enrol(vault: Vault, cast: Cast) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    people, tokens = {}, {}
    hashed = Passwords(AccessSettings().argon2_memory_mib).hash(PASSWORD)
    clearances = Clearances(vault.scheme)
    with vault.registry(write=True) as session:
        for actor in cast.everyone:
            person = add_person(session, actor.login, actor.login.title(), actor.duties)
            session.flush()
            stored = clearances.canonical(actor.clearance, actor.login)
            give(session, person, stored, reason="two worlds", by=None)
            store_password(session, person.id, hashed, keep_sign_in=None)
            token, secret = issue(session, person.id, "two worlds", get_args(Scope), days=30, longest_days=30)
            people[actor.login], tokens[actor.login] = person.id, (token.id, secret)
    return people, tokens


def _join(vault: Vault, cast: Cast, people: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """Makes everybody an owner of the projects that they may see, in the copy."""
    held = vault.scheme.clearance(cast.chief.clearance)
    chief = _reader(vault, people[cast.chief.login], cast.chief.login, held)
    joined: dict[str, list[str]] = {actor.login: [] for actor in cast.everyone}
    with vault.reading(chief) as session:
        latest = select(Project.id, Project.marking_id).order_by(Project.created_at.desc()).limit(JOINED)
        found = [(id_, session.marking(number)) for id_, number in session.execute(latest)]
    for project_id, level in found:
        with vault.writing(chief, level) as session:
            for actor in cast.everyone:
                if cast.permits(actor, str(level)):
                    set_roles(session, project_id, people[actor.login], get_args(Role))
                    joined[actor.login].append(project_id)
    return {login: tuple(projects) for login, projects in joined.items()}


def _shared_project(world: World, ground: Ground) -> str:
    cast = ground.cast
    chief = cast.chief

    def done(request: Request) -> Reply:
        at_bottom = replace(ground.own(chief, request), level=cast.base)
        reply = world.act(chief, at_bottom, ground.moment - timedelta(hours=1), 0)
        if reply.status >= 300:
            raise RuntimeError(
                f"the ground of the trial could not be laid: {request.operation}: {reply.body!r}"
            )
        return reply

    body = {"name": "Shared", "description": "", "guideline": "Read.", "form": FORM, "overlap": 2}
    project: str = json.loads(done(Request("create_project", "POST", "/projects", body=body)).body)["id"]
    for person in ground.people.values():
        path = f"/projects/{project}/members/{person}"
        done(Request("set_member", "PUT", path, body={"roles": list(get_args(Role))}))
    rows = [
        {"id": f"{number}-{n}", "text": f"Item {n} of {marking.lower()} at the quay.", "marking": marking}
        for number, marking in enumerate(cast.markings[:-1])
        for n in range(3)
    ]
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    files: dict[str, Any] = {"file": ("rows.jsonl", content)}
    form = {"format": "jsonl", "options": "{}"}
    done(Request("begin_import", "POST", f"/projects/{project}/imports", files=files, form=form))
    return project
