"""Sixteen clients answer for many people while the server is killed on the way; what was acknowledged is written down here."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .plain_http import Answer, Connection, multipart
from .running_server import RunningServer

Result = dict[str, Any]


@dataclass
class Ledger:
    """What the server acknowledged: (task's own id, person) -> result. Two acknowledgements of one pair are a fault."""

    answers: dict[tuple[str, str], Result] = field(default_factory=dict)
    twice: list[tuple[str, str]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, task: str, person: str, result: Result) -> None:
        with self._lock:
            if (task, person) in self.answers:
                self.twice.append((task, person))
            self.answers[task, person] = result

    def refuse(self, answer: Answer) -> None:
        with self._lock:
            self.refused[f"{answer.status} {answer.body[:160]!r}"] += 1

    def __len__(self) -> int:
        return len(self.answers)


def create_project(manager: Connection, form: dict[str, Any], members: dict[str, list[str]]) -> str:
    """A project with `members`: person id -> roles."""
    answer = manager("POST", "/projects", form)
    assert answer.status in (200, 201), answer.body
    project: str = answer.json()["id"]
    for person, roles in members.items():
        put = manager("PUT", f"/projects/{project}/members/{person}", {"roles": roles})
        assert put.status < 300, put.body
    return project


def import_rows(
    manager: Connection, project: str, rows: list[dict[str, Any]], within_seconds: float = 600.0
) -> dict[str, Any]:
    """Imports JSONL rows and waits for the job; the import as the server describes it."""
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    raw = multipart("rows.jsonl", content, {"format": "jsonl", "options": "{}"})
    answer = manager("POST", f"/projects/{project}/imports", raw=raw)
    assert answer.status in (200, 201, 202), answer.body
    return wait_for(manager, f"/imports/{answer.json()['id']}", within_seconds)


def wait_for(manager: Connection, path: str, within_seconds: float = 600.0) -> dict[str, Any]:
    give_up = time.monotonic() + within_seconds
    while True:
        seen: dict[str, Any] = manager("GET", path).json()
        if seen["job"]["state"] not in ("queued", "running"):
            assert seen["job"]["state"] == "done", seen
            return seen
        assert time.monotonic() < give_up, seen
        time.sleep(0.05)


def export(manager: Connection, project: str, format_: str = "jsonl") -> bytes:
    answer = manager("POST", f"/projects/{project}/exports", {})
    assert answer.status in (200, 201, 202), answer.body
    dataset = wait_for(manager, f"/datasets/{answer.json()['id']}")
    file = manager("GET", f"/datasets/{dataset['id']}/download?format={format_}")
    assert file.status == 200, file.body
    return file.body


def annotate(
    server: RunningServer,
    project: str,
    tokens: dict[str, str],
    answer_for: Callable[[str, str, str], Result],
    *,
    expected: int,
    clients: int = 16,
    kills: int = 0,
    seed: int = 1,
) -> Ledger:
    """Each client takes one person after the other and works until nothing is left for that person.

    `tokens`: login -> API token. `answer_for(task's own id, text, login)` is the person's answer. People are gone
    through in turns of a few tasks, so that many work on the same items at once.
    """
    ledger = Ledger()
    todo = list(tokens)
    random.Random(seed).shuffle(todo)
    lock = threading.Lock()
    idle: defaultdict[str, int] = defaultdict(int)
    failures: list[BaseException] = []

    def turn(person: str, connection: Connection) -> bool:
        """A few tasks of one person; False when nothing was left."""
        for _ in range(8):
            got = connection("POST", f"/projects/{project}/next", {"held": []})
            if got.status == 204:
                return False
            assert got.status == 200, got.body
            work = got.json()
            external = work["task"]["external_id"]
            result = answer_for(external, work["task"]["text"], person)
            sent = connection(
                "POST",
                f"/assignments/{work['id']}/submit",
                {"lease": work["lease"], "result": result, "seconds": 2.5},
                key=uuid.uuid4().hex,
            )
            if sent.status in (200, 201):
                ledger.acknowledge(external, person, result)
            else:
                ledger.refuse(sent)
        return True

    def client() -> None:
        connections: dict[str, Connection] = {}
        try:
            while True:
                with lock:
                    if not todo or failures:
                        return
                    person = todo.pop(0)
                connection = connections.setdefault(person, Connection(server.port, tokens[person]))
                more = turn(person, connection)
                with lock:
                    idle[person] = 0 if more else idle[person] + 1
                    if more:
                        todo.append(person)
                if len(connections) > 40:
                    connections.pop(next(iter(connections))).close()
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            for connection in connections.values():
                connection.close()

    threads = [threading.Thread(target=client, name=f"client-{n}") for n in range(clients)]
    for thread in threads:
        thread.start()
    marks = [expected * (n + 1) // (kills + 1) for n in range(kills)]
    for mark in marks:
        while len(ledger) < mark and any(t.is_alive() for t in threads):
            time.sleep(0.005)
        server.kill()
        server.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return ledger


def majority(answers: list[str], order: list[str]) -> str:
    """The reference: most votes; a tie goes to the label that stands first in the form."""
    votes = Counter(answers)
    return min(votes, key=lambda label: (-votes[label], order.index(label)))
