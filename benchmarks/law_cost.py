"""What the law costs: the labelling loop through reader connections, beside the same loop on the bare tables.

    python benchmarks/law_cost.py [--rounds 15] [--annotations 100] [--annotators 8]

One run, one process, two copies of one workspace, the sides alternating; CPU seconds of this process. Both sides send the
same statements, write the same audit entries, wait for the same turns and syncs. What the bare side lacks is the guard: views
and triggers, the authorizer, the sight of a connection. Measured twice: whole requests through the app, as the server
does them (the bar stands here), and the room's own functions without everything around them. SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import structlog
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
from strongroom.vault.glance import Glances
from strongroom.vault.sight import Direct, Sight
from strongroom.web import Settings, create_app

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


class BareConnection(sqlite3.Connection, Direct):
    """What a session asks of its connection, and no guard."""

    level_id: int | None = None

    def look(self, sight: Sight) -> None:
        self.level_id = sight.level_id

    def find(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        return self.execute(sql, values).fetchall()

    def change(self, sql: str, values: Sequence[Any]) -> int:
        return self.execute(sql, values).rowcount


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
    vault._registry_readers = vault._readers
    vault._registry_writers = vault._writers
    vault._reader_glances = vault._registry_glances = Glances(vault._readers)
    return vault


def lay(folder: Path, items: int, annotators: int) -> tuple[str, dict[str, str], dict[str, str]]:
    """A workspace with a project and its items; the project, people's ids and their tokens by login."""
    people: dict[str, str] = {}
    tokens: dict[str, str] = {}
    scheme = Scheme.load("corporate")
    with Vault.create(folder, scheme, database="") as vault, vault.registry(write=True) as session:
        for login in ["owner", *(f"a{n}" for n in range(annotators))]:
            person = add_person(session, login, login)
            session.flush()
            stored = Clearances(scheme).canonical(CLEARANCE, login)
            give(session, person, stored, reason="benchmark", by=None)
            scopes: list[Any] = ["read", "label", "manage"]
            _, tokens[login] = issue(session, person.id, "benchmark", scopes, days=1, longest_days=1)
            people[login] = person.id
    owner = Actor("owner", CLEARANCE, LEVEL)
    with InProcess(folder) as world:

        def done(request: Request) -> Any:
            reply = world.act(owner, request, clock.now(), ids.new_id())
            assert reply.status < 300, reply.body
            return json.loads(reply.body)

        form = {"name": "Law", "form": FORM, "overlap": 1}
        entry = {"secret": tokens["owner"], "level": LEVEL}
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
    return project, people, tokens


def requests(
    vault: Vault, project: str, tokens: dict[str, str], loop_: asyncio.Runner
) -> Callable[[int], None]:
    """Annotates so many items by requests to the app, people in turn; nothing but the app costs much here."""
    app = create_app(vault, Settings(workspace=vault.folder))
    entries = [
        [
            (b"host", b"localhost"),
            (b"authorization", f"Bearer {token}".encode()),
            (b"strongroom-level", LEVEL.encode()),
        ]
        for login, token in tokens.items()
        if login != "owner"
    ]

    async def ask(entry: list[tuple[bytes, bytes]], path: str, body: Any) -> Any:
        content, answer = orjson.dumps(body), bytearray()
        headers = [*entry, (b"content-type", b"application/json"), (b"content-length", b"%d" % len(content))]
        headers.append((b"idempotency-key", ids.new_id().encode()))
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers,
            "client": ("127.0.0.1", 50000), "server": ("localhost", 80), "state": {},
        }  # fmt: skip

        async def receive() -> Any:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                assert message["status"] == 200, message
            answer.extend(message.get("body", b""))

        await app(scope, receive, send)
        return orjson.loads(answer)

    async def all_of(count: int) -> None:
        for number in range(count):
            entry = entries[number % len(entries)]
            work = await ask(entry, f"/api/v1/projects/{project}/next", {"held": []})
            body = {"lease": work["lease"], "result": {"answer": "alpha"}, "seconds": 2.0}
            await ask(entry, f"/api/v1/assignments/{work['id']}/submit", body)

    return lambda count: loop_.run(all_of(count))


def functions(vault: Vault, project: str, people: dict[str, str]) -> Callable[[int], None]:
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


def compared(
    sides: list[Callable[[int], None]], rounds: int, annotations: int
) -> tuple[float, float, list[float]]:
    """Median CPU seconds of an annotation under the law and bare, and what the law cost in each round."""
    for annotate in sides:
        annotate(annotations)
    taken: tuple[list[float], list[float]] = ([], [])
    gc.disable()
    for round_ in range(rounds):
        for side in (0, 1) if round_ % 2 else (1, 0):
            began = time.process_time()
            sides[side](annotations)
            taken[side].append((time.process_time() - began) / annotations)
    gc.enable()
    costs = sorted(one / other - 1 for one, other in zip(*taken, strict=True))
    return statistics.median(taken[0]), statistics.median(taken[1]), costs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--annotations", type=int, default=100)
    parser.add_argument("--annotators", type=int, default=8)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as scratch, asyncio.Runner() as runner:
        folder = Path(scratch)
        items = 2 * (given.rounds + 1) * given.annotations
        project, people, tokens = lay(folder / "guarded", items, given.annotators)
        shutil.copytree(folder / "guarded", folder / "bare")
        with Vault.open(folder / "guarded", database="") as ours, bare(folder / "bare") as theirs:
            both = (ours, theirs)
            whole = compared(
                [requests(vault, project, tokens, runner) for vault in both], given.rounds, given.annotations
            )
            room = compared(
                [functions(vault, project, people) for vault in both], given.rounds, given.annotations
            )
    print(
        f"{given.rounds} rounds of {given.annotations} annotations (next + submit), load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'':22}{'bare, ms CPU':>14}{'law, ms CPU':>14}{'the law costs':>15}   rounds")
    for name, (law, plain, costs) in (("whole requests", whole), ("the room's functions", room)):
        spread = f"{costs[0]:.0%} to {costs[-1]:.0%}"
        print(f"{name:22}{plain * 1e3:14.3f}{law * 1e3:14.3f}{statistics.median(costs):15.1%}   {spread}")
    cost = statistics.median(whole[2])
    print(f"bar {BAR:.0%} of whole requests: {'holds' if cost < BAR else 'MISSED'}")
    sys.exit(cost >= BAR)


if __name__ == "__main__":
    main()
