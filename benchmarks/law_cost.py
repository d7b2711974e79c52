"""What the law costs: the labelling loop through reader connections, beside the same loop on the bare tables.

    python benchmarks/law_cost.py [--rounds 15] [--annotations 150] [--items 4000] [--annotators 8]

One run, one process, two copies of one workspace, the sides alternating; CPU seconds of this process. Both sides run the
room's own functions (next, submit) with the same statements, audit entries, turns and syncs. What the bare side
lacks is the guard: views and triggers, the authorizer, the sight of a connection. SQLite.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from strongroom import assembly  # noqa: F401 (makes every table known)
from strongroom.jobs import run_waiting
from strongroom.label import assign, submit
from strongroom.label.desk import at_desk
from strongroom.markings import Scheme
from strongroom.people import Idempotency
from strongroom.people.clearances import Clearances, give
from strongroom.people.enrol import add_person
from strongroom.people.tokens import issue
from strongroom.separation.actors import Actor, Request
from strongroom.separation.world import InProcess
from strongroom.vault import Reader, Vault, clock, ids
from strongroom.vault.sight import Guarded, Sight

BAR = 0.15
CLEARANCE = {"level": "Confidential", "compartments": ["PII"], "circles": ["HARBOUR"]}
LEVEL = "INTERNAL"
FORM = {
    "fields": [
        {
            "key": "answer",
            "kind": "class",
            "title": "Answer",
            "labels": [{"id": "alpha", "title": "Alpha"}, {"id": "beta", "title": "Beta"}],
        }
    ]
}
_PRAGMAS = ("journal_mode = wal", "foreign_keys = on", "synchronous = full", "mmap_size = 268435456")


class BareConnection(sqlite3.Connection, Guarded):
    """What a session asks of its connection, and no guard."""

    level_id: int | None = None

    def look(self, sight: Sight) -> None:
        self.level_id = sight.level_id


def bare_engine(database: Path, *, immediate: bool) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(database)),
        poolclass=QueuePool,
        connect_args={"factory": BareConnection, "check_same_thread": False, "isolation_level": None},
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: Any) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def bare(folder: Path) -> Vault:
    vault = Vault.open(folder, database="")
    vault._readers = bare_engine(folder / "strongroom.db", immediate=False)
    vault._writers = bare_engine(folder / "strongroom.db", immediate=True)
    return vault


def lay(folder: Path, items: int, annotators: int) -> tuple[str, dict[str, str]]:
    """A workspace with a project and its items; the project, and people's ids by login."""
    people: dict[str, str] = {}
    scheme = Scheme.load("corporate")
    with Vault.create(folder, scheme, database="") as vault, vault.registry(write=True) as session:
        for login in ["owner", *(f"a{n}" for n in range(annotators))]:
            person = add_person(session, login, login)
            session.flush()
            stored = Clearances(scheme).canonical(CLEARANCE, login)
            give(session, person, stored, reason="benchmark", by=None)
            people[login] = person.id
        scopes: list[Any] = ["read", "label", "manage"]
        _, secret = issue(session, people["owner"], "benchmark", scopes, days=1, longest_days=1)
    owner = Actor("owner", CLEARANCE, LEVEL)
    with InProcess(folder) as world:

        def done(request: Request) -> Any:
            reply = world.act(owner, request, clock.now(), ids.new_id())
            assert reply.status < 300, reply.body
            return json.loads(reply.body)

        form = {"name": "Law", "form": FORM, "overlap": 1}
        entry = {"secret": secret, "level": LEVEL}
        project = str(done(Request("create_project", "POST", "/projects", body=form, **entry))["id"])
        for login, person in people.items():
            if login != "owner":
                path, roles = f"/projects/{project}/members/{person}", {"roles": ["annotator"]}
                done(Request("set_member", "PUT", path, body=roles, **entry))
        rows = "".join(
            json.dumps({"text": f"Report {n} of the crane at berth {n % 40}."}) + "\n" for n in range(items)
        )
        file = {
            "files": {"file": ("rows.jsonl", rows.encode())},
            "form": {"format": "jsonl", "options": "{}"},
        }
        done(Request("begin_import", "POST", f"/projects/{project}/imports", **file, **entry))
        run_waiting(world.vault)
    return project, people


def loop(vault: Vault, project: str, people: dict[str, str]) -> Callable[[int], None]:
    """Annotates so many items, people in turn."""
    level = vault.scheme.parse(LEVEL)
    readers = [
        Reader(id_, login, vault.scheme.clearance({**CLEARANCE, "name": login}), level, "token", "benchmark")
        for login, id_ in people.items()
        if login != "owner"
    ]

    def annotate(count: int) -> None:
        for number in range(count):
            reader = readers[number % len(readers)]
            work = assign.give(vault, reader, project, ())
            assert work is not None, "too few items"
            with at_desk(vault, reader, work.id) as (session, held):
                key = Idempotency(ids.new_id(), "r")
                submit.submit(
                    session, held, lease=work.lease, answer={"answer": "alpha"}, seconds=2.0, idempotency=key
                )

    return annotate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--annotations", type=int, default=150)
    parser.add_argument("--items", type=int, default=4000)
    parser.add_argument("--annotators", type=int, default=8)
    given = parser.parse_args()
    needed = (given.rounds + 1) * given.annotations
    assert given.items >= needed, f"--items must be at least {needed}"
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        project, people = lay(folder / "guarded", given.items, given.annotators)
        shutil.copytree(folder / "guarded", folder / "bare")
        with Vault.open(folder / "guarded", database="") as ours, bare(folder / "bare") as theirs:
            sides = [loop(vault, project, people) for vault in (ours, theirs)]
            for annotate in sides:
                annotate(given.annotations)
            taken: tuple[list[float], list[float]] = ([], [])
            gc.disable()
            for round_ in range(given.rounds):
                for side in (0, 1) if round_ % 2 else (1, 0):
                    began = time.process_time()
                    sides[side](given.annotations)
                    taken[side].append((time.process_time() - began) / given.annotations)
            gc.enable()
    law, plain = (statistics.median(each) * 1e3 for each in taken)
    costs = sorted(one / other - 1 for one, other in zip(*taken, strict=True))
    print(f"{given.rounds} rounds of {given.annotations} annotations, load {os.getloadavg()[0]:.1f}")
    print(f"bare tables    {plain:7.3f} ms CPU per annotation (next + submit)")
    print(f"under the law  {law:7.3f} ms")
    cost = statistics.median(costs)
    print(f"the law costs  {cost:7.1%}  (rounds {costs[0]:.1%} to {costs[-1]:.1%}; bar {BAR:.0%})")
    sys.exit(cost >= BAR)


if __name__ == "__main__":
    main()
