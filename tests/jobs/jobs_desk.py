"""Somebody at a desk, who starts jobs and looks at them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from strongroom.jobs import Job, start
from strongroom.people import Clearances, Person
from strongroom.people.tables import ClearanceGrant
from strongroom.vault import Reader, Vault


@dataclass
class Desk:
    """Acts as a person on a vault: gives them clearances, starts jobs for them, looks at the jobs."""

    vault: Vault
    person_id: str
    login: str

    def clear(self, level: str) -> None:
        clearance = self.vault.scheme.clearance({"level": level, "name": self.login})
        with self.vault.registry(write=True) as session:
            number = session.scalars(select(func.count()).select_from(ClearanceGrant)).one() + 1
            session.add(
                ClearanceGrant(
                    person_id=self.person_id,
                    number=number,
                    clearance=json.dumps(clearance.to_json()),
                    reason="test",
                    given_by=None,
                )
            )

    def close_account(self) -> None:
        with self.vault.registry(write=True) as session:
            session.get_one(Person, self.person_id).active = False

    def reader(self, level: str = "INTERNAL") -> Reader:
        with self.vault.registry() as session:
            grant = session.scalar(
                select(ClearanceGrant.clearance)
                .where(ClearanceGrant.person_id == self.person_id)
                .order_by(ClearanceGrant.number.desc())
                .limit(1)
            )
        return Reader(
            person_id=self.person_id,
            login=self.login,
            clearance=Clearances(self.vault.scheme).read(grant),
            level=self.vault.scheme.parse(level),
            how="session",
            request_id="test",
        )

    def start(self, kind: str, *, level: str = "INTERNAL", project_id: str | None = None) -> str:
        with self.vault.writing(self.reader(level)) as session:
            return start(session, kind, project_id=project_id).id

    def job(self, job_id: str) -> Job:
        """As someone who may see everything sees it."""
        everything = self.vault.scheme.clearance({"level": "Restricted"})
        reader = Reader(self.person_id, self.login, everything, self.vault.scheme.bottom, "operator", "test")
        with self.vault.reading(reader) as session:
            return session.get_one(Job, job_id)

    def wait(self, job_id: str, *states: str, within_seconds: float = 300.0) -> Job:
        job: Job = until(lambda: (job := self.job(job_id)).state in (states or OVER) and job, within_seconds)
        return job


OVER = ("done", "failed", "cancelled")


def until(look: Callable[[], Any], within_seconds: float = 300.0) -> Any:
    give_up = time.monotonic() + within_seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < give_up, "this took too long"
        time.sleep(0.01)


def person(vault: Vault, login: str, level: str) -> Desk:
    """A new account, cleared up to `level`."""
    with vault.registry(write=True) as session:
        account = Person(login=login, name=login.title())
        session.add(account)
        session.flush()
        desk = Desk(vault, account.id, login)
    desk.clear(level)
    return desk
