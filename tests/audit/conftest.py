"""A workspace in which people at several levels act, and auditors who may see more or less of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from strongroom.people import clearances, enrol, tokens
from strongroom.people.clearances import Clearances
from strongroom.vault import Reader, Vault
from strongroom.web import Settings, create_app

EVERYTHING = {
    "level": "Restricted",
    "compartments": ["PII", "PHI", "PCI", "MNPI"],
    "circles": ["FINANCE", "HARBOUR", "LEGAL", "MEDICAL", "PEOPLE", "RELIEF", "SECURITY"],
    "attributes": ["privileged"],
}


@dataclass
class Hall:
    """Short ways to act, to ask, and to tamper."""

    vault: Vault
    checkpoints: Path
    stack: ExitStack
    ids: dict[str, str] = field(default_factory=dict)

    def person(self, login: str, clearance: dict[str, Any], *duties: str) -> str:
        with self.vault.registry(write=True) as session:
            person = enrol.add_person(session, login, login.title(), duties)  # type: ignore[arg-type]
            session.flush()
            stored = Clearances(self.vault.scheme).canonical(clearance, login)
            clearances.give(session, person, stored, reason="for the test", by=None)
            self.ids[login] = person.id
            return person.id

    def reader(self, login: str, level: str) -> Reader:
        with self.vault.registry() as session:
            held = clearances.in_force(session, [self.ids[login]])[self.ids[login]]
        clearance = Clearances(self.vault.scheme).read(held)
        return Reader(self.ids[login], login, clearance, self.vault.scheme.parse(level), "session", "r" * 32)

    def act(
        self, login: str, level: str, action: str = "task.change", thing: str = "t" * 32, **facts: Any
    ) -> None:
        outcome = facts.pop("outcome", "done")
        with self.vault.writing(self.reader(login, level)) as session:
            session.audit(action, "task", thing, outcome, **facts)

    def see(self, login: str, level: str, thing: str = "t" * 32) -> None:
        with self.vault.reading(self.reader(login, level)) as session:
            session.audit("task.read", "task", thing, marking=session.level)

    def program(self, login: str, *scopes: str) -> TestClient:
        """A program with a token of this person, at the app."""
        with self.vault.registry(write=True) as session:
            person = enrol.find_person(session, login=login)
            scopes = scopes or ("read", "label", "manage", "admin")
            _, secret = tokens.issue(session, person.id, "test", scopes, days=1, longest_days=1)  # type: ignore[arg-type]
        headers = {"Authorization": f"Bearer {secret}"}
        return self.stack.enter_context(TestClient(self.app, base_url="http://localhost", headers=headers))

    @cached_property
    def app(self) -> FastAPI:
        return create_app(self.vault, Settings(checkpoints=self.checkpoints))

    def force(self, sql: str, **values: Any) -> None:
        """Change the database past the program, as somebody with its password would."""
        with self.vault._system.writing() as connection:
            assert connection.execute(text(sql), values).rowcount > 0

    def truth(self, sql: str, **values: Any) -> list[Any]:
        with self.vault._system.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql), values)]


@pytest.fixture
def hall(vault: Vault, tmp_path: Path) -> Iterator[Hall]:
    with ExitStack() as stack:
        hall = Hall(vault, tmp_path / "elsewhere", stack)
        hall.person("anna", {"level": "Internal"})
        hall.person("bert", {"level": "Confidential", "compartments": ["PII"]})
        hall.person("low", {"level": "Internal"}, "auditor")
        hall.person("top", EVERYTHING, "auditor")
        yield hall
