"""A workspace with an app over it, and people in it. Passwords are hashed with the real parameters, so few have one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated, Any

import pytest
from fastapi import APIRouter
from starlette.testclient import TestClient

from strongroom.people import Membership, Principal, VaultDep, clearances, enrol, project, sign_in, tokens
from strongroom.people.gate import Gate
from strongroom.people.tables import Person
from strongroom.vault import Reader, Vault
from strongroom.web import Settings, create_app

ADDRESS = "http://127.0.0.1:8710"

router = APIRouter(tags=["test"])


@router.get("/projects/{project_id}/room")
def enter_room(project_id: str, who: Annotated[Principal, project()]) -> dict[str, str]:
    return {"login": who.person.login}


@router.post("/projects/{project_id}/room")
def label_room(project_id: str, who: Annotated[Principal, project("annotator", "owner")]) -> dict[str, str]:
    return {"level": str(who.reader.level)}


@router.delete("/projects/{project_id}/room")
def close_room(
    project_id: str, who: Annotated[Principal, project("owner")], vault: VaultDep
) -> dict[str, str]:
    with vault.writing(who.reader) as session:
        return {"level": str(session.level)}


class House:
    """The workspace, and short ways to fill it."""

    def __init__(self, vault: Vault, settings: Settings, stack: ExitStack) -> None:
        self.vault = vault
        self.app = create_app(vault, settings, routers=[router])
        self.gate: Gate = self.app.state.gate
        self._stack = stack

    def visitor(self, **headers: str) -> TestClient:
        """A browser in which nobody is signed in."""
        return self._stack.enter_context(TestClient(self.app, base_url=ADDRESS, headers=headers))

    def person(
        self, login: str, clearance: dict[str, Any] | None = None, *duties: str, password: str = ""
    ) -> str:
        """A new account; answers its id."""
        hashed = self.gate.passwords.hash(password) if password else None
        with self.vault.registry(write=True) as session:
            person = enrol.add_person(session, login, login.title(), duties)
            if clearance is not None:
                stored = self.gate.clearances.canonical(clearance, login)
                clearances.give(session, person, stored, reason="for the test", by=None)
            if hashed:
                sign_in.store_password(session, person.id, hashed, keep_sign_in=None)
            return person.id

    def clear(self, login: str, clearance: dict[str, Any]) -> None:
        with self.vault.registry(write=True) as session:
            person = enrol.find_person(session, login=login)
            stored = self.gate.clearances.canonical(clearance, login)
            clearances.give(session, person, stored, reason="for the test", by=None)

    def browser(self, login: str) -> TestClient:
        """A browser in which this person is signed in, and which sends the CSRF token as our pages do."""
        client = self.visitor()
        with self.vault.registry(write=True) as session:
            link = sign_in.new_link(session, self.gate, self._find(session, login).id)
        entered = client.post("/api/v1/session/link", json={"token": link})
        client.headers["X-CSRF-Token"] = entered.json()["csrf_token"]
        return client

    def program(
        self, login: str, *scopes: str, ceiling: dict[str, Any] | None = None, days: int = 30
    ) -> TestClient:
        """A program that carries an API token of this person."""
        stored = None if ceiling is None else self.gate.clearances.canonical(ceiling, login)
        with self.vault.registry(write=True) as session:
            person = self._find(session, login)
            _, secret = tokens.issue(
                session,
                person.id,
                "test",
                scopes or ("read",),  # type: ignore[arg-type]
                days=days,
                longest_days=365,
                ceiling=stored,
            )
        return self.visitor(Authorization=f"Bearer {secret}")

    def project(self, level: str, **roles: str) -> str:
        """A project at a level, as far as roles go: somebody's login -> role. Answers its id."""
        project_id = "e" * 32
        marking = self.vault.scheme.parse(level)
        top = self.vault.scheme.clearance(
            {"level": "Restricted", "compartments": ["PII", "PHI"], "circles": ["HARBOUR"]}
        )
        with self.vault.registry() as session:
            ids = {login: self._find(session, login).id for login in roles}
        operator = Reader("0" * 32, "operator", top, marking, "operator", "0" * 32)
        with self.vault.writing(operator) as session:
            for login, role in roles.items():
                session.add(Membership(project_id=project_id, person_id=ids[login], role=role))
        return project_id

    @staticmethod
    def _find(session: Any, login: str) -> Person:
        return enrol.find_person(session, login=login)


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def house(vault: Vault, settings: Settings) -> Iterator[House]:
    with ExitStack() as stack:
        yield House(vault, settings, stack)
