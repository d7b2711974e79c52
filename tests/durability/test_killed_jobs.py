"""Imports and exports whose worker dies at each commit, and wherever else something lasts, come out as if nothing had been."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from strongroom.jobs import Job, resume, run_waiting
from strongroom.jobs import order as orders
from strongroom.label import import_rows
from strongroom.label.tables import Dataset, Import, ImportRejection, ImportTally, Task
from strongroom.markings import Scheme
from strongroom.people.tables import Person
from strongroom.vault import AuditEntry, Reader, Vault, clock, core, load

from ..label.conftest import HIGHEST, Room
from . import figures
from .launch import dying_at, replace

ROWS = 120
COMMIT = "sqlalchemy.orm:Session.commit"
PLACES = (
    "strongroom.vault.blobs:BlobStore.stage:after:1",
    "strongroom.vault.blobs:BlobStore.put:before:1",
    "strongroom.vault.blobs:BlobStore.put:after:1",
    "strongroom.jobs.run:_finish:before:1",
    "strongroom.jobs.run:_finish:after:1",
    "strongroom.jobs.order:strike:after:1",
)


@dataclass
class Waiting:
    """A workspace in which one job waits, and who asked for it."""

    folder: Path
    olga: Reader
    project: str

    def copy(self, place: Path) -> Path:
        return shutil.copytree(self.folder, place)

    def room(self, vault: Vault) -> Room:
        return Room(vault, {"olga": self.olga})


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "CHUNK_ROWS", 25)


@pytest.fixture(scope="module")
def waiting_import(tmp_path_factory: pytest.TempPathFactory, scheme: Scheme) -> Waiting:
    folder = tmp_path_factory.mktemp("import") / "workspace"
    lines = [
        {"id": f"t{n}", "text": f"Item {n}", "marking": "INTERNAL" if n % 3 else "CONFIDENTIAL//PII"}
        if n % 40 != 7
        else {"id": f"t{n}", "text": ""}
        for n in range(ROWS)
    ]
    with Vault.create(folder, scheme) as vault:
        room = Room(vault)
        room.person("olga", HIGHEST)
        project = room.project()
        room.begin_import(project, "".join(json.dumps(line) + "\n" for line in lines))
        return Waiting(folder, room.people["olga"], project)


@pytest.fixture(scope="module")
def waiting_export(tmp_path_factory: pytest.TempPathFactory, scheme: Scheme) -> Waiting:
    folder = tmp_path_factory.mktemp("export") / "workspace"
    with Vault.create(folder, scheme) as vault:
        room = Room(vault)
        room.person("olga", HIGHEST)
        project = room.project(annotators=("ann",))
        room.rows(project, 30)
        for _ in range(20):
            room.submit("ann", room.take("ann", project))
        run_waiting(vault)
        with pytest.MonkeyPatch.context() as patched:  # it is asked for, and nobody works
            patched.setattr("strongroom.jobs.run_waiting", lambda _: 0)
            room.export(project)
        return Waiting(folder, room.people["olga"], project)


def killed(folder: Path, fault: str) -> bool:
    """Lets a process of its own do what waits until the fault kills it; False when it came to the end."""
    child = os.fork()
    if not child:
        try:
            replace(*dying_at(fault))
            with Vault.open(folder) as vault:
                run_waiting(vault)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def outcome(folder: Path) -> dict[str, Any]:
    """What a job left behind, but for times and chosen ids."""
    with Vault.open(folder) as vault:
        run_waiting(vault)
        with vault._system.reading() as connection:

            def rows(*columns: Any) -> list[tuple[Any, ...]]:
                return sorted(map(tuple, connection.execute(select(*columns))))

            task, tally, dataset, job = core(Task).c, core(ImportTally).c, core(Dataset).c, core(Job).c
            action = core(AuditEntry).c.action
            found: dict[str, Any] = {
                "tasks": rows(task.marking_id, task.position, task.external_id, task.text),
                "tallies": rows(tally.marking_id, tally.added, tally.already_there),
                "refused": rows(core(ImportRejection).c.number, core(ImportRejection).c.reason),
                "counted": rows(core(Import).c.rejected),
                "jobs": rows(job.kind, job.state, job.message),
                "on record": Counter(each for (each,) in rows(action) if each.startswith("job.")),
                "datasets": rows(dataset.version, dataset.tasks, dataset.answers, dataset.sha256),
            }
        found["waiting"] = orders.waiting(vault, clock.now())
        found["damaged"] = vault.blobs.damaged()
        vault.blobs.sweep(older_than_seconds=0)
        found["files"] = sum(1 for path in (folder / "blobs").rglob("*") if path.is_file())
        found["uploads"] = len(list((folder / "uploads").iterdir()))
    return found


def deaths(waiting: Waiting, place: Path, faults: Iterable[str]) -> int:
    """Tries one fault after the other until one isn't met any more; how many deaths left everything as without."""
    expected = outcome(waiting.copy(place / "whole"))
    assert {state for _, state, _ in expected["jobs"]} == {"done"}
    count = 0
    for fault in faults:
        folder = waiting.copy(place / "workspace")
        if not killed(folder, fault):
            break
        assert outcome(folder) == expected, fault
        shutil.rmtree(folder)
        count += 1
    figures.note("deaths of a job", count=count)
    return count


def commits(moment: str) -> Iterable[str]:
    return (f"{COMMIT}:{moment}:{number}" for number in itertools.count(1))


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_import_killed_at_any_commit_comes_out_the_same(
    waiting_import: Waiting, tmp_path: Path, moment: str
) -> None:
    assert deaths(waiting_import, tmp_path, commits(moment)) >= 8


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_export_killed_at_any_commit_comes_out_the_same(
    waiting_export: Waiting, tmp_path: Path, moment: str
) -> None:
    assert deaths(waiting_export, tmp_path, commits(moment)) >= 4


def test_an_export_killed_between_its_steps_comes_out_the_same(
    waiting_export: Waiting, tmp_path: Path
) -> None:
    assert deaths(waiting_export, tmp_path, PLACES) == len(PLACES)


def test_an_import_killed_twice_comes_out_the_same(waiting_import: Waiting, tmp_path: Path) -> None:
    expected = outcome(waiting_import.copy(tmp_path / "whole"))
    folder = waiting_import.copy(tmp_path / "twice")
    assert killed(folder, f"{COMMIT}:after:3")
    assert killed(folder, f"{COMMIT}:after:3")
    assert outcome(folder) == expected


def test_who_lost_the_account_meanwhile_has_nothing_more_done_and_that_is_on_record(
    waiting_import: Waiting, tmp_path: Path
) -> None:
    folder = waiting_import.copy(tmp_path / "workspace")
    assert killed(folder, f"{COMMIT}:after:3")
    with Vault.open(folder) as vault:
        with vault._system.reading() as connection:
            before = connection.scalar(select(func.count()).select_from(core(Task)))
        assert before
        with vault.registry(write=True) as session:
            session.get_one(Person, waiting_import.olga.person_id).active = False
        run_waiting(vault)
        with vault._system.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(core(Task))) == before
            (state,) = connection.scalars(select(core(Job).c.state))
            ends = connection.scalars(
                select(core(AuditEntry).c.action).where(core(AuditEntry).c.action == "job.failed")
            )
            assert (state, len(ends.all())) == ("failed", 1)
        with vault.registry(write=True) as session:
            session.get_one(Person, waiting_import.olga.person_id).active = True
        with vault.writing(waiting_import.olga) as session:
            resume(session, load(session, Job, session.scalars(select(Job.id)).one()))
        run_waiting(vault)
        assert waiting_import.room(vault).count(waiting_import.project) == ROWS - 3
