"""Requests that come twice, late, or all at once; and a clock that jumps under a running server."""

from __future__ import annotations

import struct
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from strongroom.vault import Vault

from ..replay.crowd import create_project, export, wait_for
from ..replay.plain_http import Answer, Connection, multipart
from ..replay.running_server import RunningServer
from ..replay.workspace import Staff, staff
from .disk import build
from .ledger import Ledger, bring_in, form, lost

HOUR, DAY = 3600, 86_400


@dataclass
class Served:
    """A running server whose wall clock can be set off by seconds."""

    server: RunningServer
    who: Staff
    ledger: Ledger
    clock: Path

    def jump(self, seconds: int) -> None:
        with self.clock.open("r+b") as file:
            file.write(struct.pack("q", seconds))

    def at_desk(self, login: str) -> Connection:
        return Connection(self.server.port, self.who.tokens[login])

    @property
    def manager(self) -> Connection:
        return Connection(self.server.port, self.who.manager_token)

    def project(self, *, tasks: int, overlap: int = 1) -> str:
        members = {self.who.ids[login]: ["annotator"] for login in self.who.tokens}
        project = create_project(self.manager, form(overlap=overlap), members)
        self.ledger.say(kind="project", id=project)
        wait_for(self.manager, f"/imports/{bring_in(self.manager, project, self.ledger, 't', tasks)}")
        return project

    def claim(self, login: str, project: str) -> dict[str, Any]:
        got = self.at_desk(login)("POST", f"/projects/{project}/next", {"held": []})
        assert got.status == 200, got.body
        work: dict[str, Any] = got.json()
        return work

    def submit(
        self,
        login: str,
        work: dict[str, Any],
        answer: str = "yes",
        *,
        key: str | None = None,
        seconds: float = 1.0,
    ) -> Answer:
        body = {"lease": work["lease"], "result": {"answer": answer}, "seconds": seconds}
        sent = self.at_desk(login)("POST", f"/assignments/{work['id']}/submit", body, key=key)
        if sent.status == 200:
            revision = sent.json()["revision"]
            self.ledger.say(
                kind="submit", assignment=work["id"], revision=revision, result={"answer": answer}
            )
        return sent

    def seen(self, login: str, work: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.at_desk(login)("GET", f"/assignments/{work['id']}").json()
        return found


@pytest.fixture(scope="module")
def module_served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("late")
    library, clock = place / "clock.so", place / "clock"
    build("clock.c", library)
    clock.write_bytes(bytes(8))
    who = staff(place / "workspace", ["ann", "ben"])
    server = RunningServer(
        place / "workspace",
        place / "log",
        environment={"LD_PRELOAD": str(library), "CLOCK_FILE": str(clock)},
    )
    ledger = Ledger()
    server.start()
    try:
        yield Served(server, who, ledger, clock)
    finally:
        server.stop()
    with Vault.open(server.workspace) as vault:
        assert lost(vault, ledger.said) == []


@pytest.fixture
def served(module_served: Served) -> Iterator[Served]:
    yield module_served
    module_served.jump(0)


def test_sixteen_requests_with_one_key_are_one_act(served: Served) -> None:
    project = served.project(tasks=1)
    work = served.claim("ann", project)
    answers: list[Answer] = []

    def send() -> None:
        answers.append(served.submit("ann", work, key="one-key"))

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.status for each in answers} == {200}
    assert len({each.body for each in answers}) == 1
    assert answers[0].json()["revision"] == 1
    assert served.seen("ann", work)["revision"] == 1


def test_sixteen_requests_for_the_last_task_give_it_once(served: Served) -> None:
    project = served.project(tasks=1)
    answers: list[Answer] = []

    def ask(login: str) -> None:
        answers.append(served.at_desk(login)("POST", f"/projects/{project}/next", {"held": []}))

    threads = [threading.Thread(target=ask, args=(login,)) for login in ["ann", "ben"] * 8]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = {each.json()["id"] for each in answers if each.status == 200}
    assert len(given) == 1
    assert sorted({each.status for each in answers}) == [200, 204]


def test_a_key_used_for_another_request_is_refused_and_nothing_changes(served: Served) -> None:
    work = served.claim("ann", served.project(tasks=1))
    key = uuid.uuid4().hex
    assert served.submit("ann", work, "yes", key=key).status == 200
    other = served.submit("ann", work, "no", key=key)
    assert (other.status, other.json()["code"]) == (409, "conflict")
    assert served.seen("ann", work)["result"] == {"answer": "yes"}


def test_a_repeated_answer_long_after_a_correction_changes_nothing(served: Served) -> None:
    work = served.claim("ann", served.project(tasks=1))
    first = served.submit("ann", work, "yes", key="early")
    assert served.submit("ann", work, "no").json()["revision"] == 2
    assert served.submit("ann", work, "yes", key="early").body == first.body
    assert served.seen("ann", work)["result"] == {"answer": "no"}


def test_an_import_asked_for_twice_with_one_key_is_one_import(served: Served) -> None:
    project = served.project(tasks=1)

    raw = multipart("rows.jsonl", b'{"id": "once", "text": "once"}\n', {"format": "jsonl", "options": "{}"})
    answers = [
        served.manager("POST", f"/projects/{project}/imports", raw=raw, key="one-import") for _ in range(3)
    ]
    assert {each.status for each in answers} == {202}
    assert len({each.json()["id"] for each in answers}) == 1


def test_an_answer_that_comes_after_the_lease_was_lost_is_kept_as_a_draft(served: Served) -> None:
    project = served.project(tasks=1)
    work = served.claim("ann", project)
    served.jump(HOUR)
    other = served.claim("ben", project)
    assert other["task"]["id"] == work["task"]["id"]
    late = served.submit("ann", work, "no")
    assert (late.status, late.json()["code"]) == (409, "lease_lost")
    assert late.json()["kept"]
    assert served.seen("ann", work)["draft"] == {"answer": "no"}
    assert served.submit("ben", other, "yes").status == 200


def test_an_answer_after_the_lease_ran_out_counts_while_nobody_else_has_the_task(served: Served) -> None:
    work = served.claim("ann", served.project(tasks=1))
    served.jump(HOUR)
    assert served.submit("ann", work).status == 200


def test_a_clock_that_jumps_back_a_day_disturbs_no_order(served: Served) -> None:
    project = served.project(tasks=4)
    first = served.claim("ann", project)
    assert served.submit("ann", first, "yes", key="before-the-jump").status == 200
    held = served.claim("ann", project)
    served.jump(-DAY)
    # What was open stays open, and its lease can be renewed.
    beat = served.at_desk("ann")("POST", f"/assignments/{held['id']}/heartbeat", {"lease": held["lease"]})
    assert beat.status == 200, beat.body
    assert served.submit("ann", held, "no").status == 200
    # A correction is the later answer, whatever the clock says.
    assert served.submit("ann", first, "no").json()["revision"] == 2
    assert served.seen("ann", first)["result"] == {"answer": "no"}
    # A repeated request still gets its first answer.
    assert served.submit("ann", first, "yes", key="before-the-jump").json()["revision"] == 1
    # Others get what is left, each task once.
    left = served.claim("ben", project)
    assert left["task"]["id"] not in (first["task"]["id"], held["task"]["id"])
    assert served.submit("ben", left).status == 200
    # Work that takes long is done.
    wait_for(served.manager, f"/imports/{bring_in(served.manager, project, served.ledger, 'later', 20)}")
    assert export(served.manager, project).count(b'"revision"') == 3


@pytest.mark.parametrize("seconds", [HOUR, -DAY])
def test_lists_are_walked_once_through_though_the_clock_jumps(served: Served, seconds: int) -> None:
    project = served.project(tasks=6)
    submitted = []
    for number in range(6):
        work = served.claim("ann", project)
        assert served.submit("ann", work).status == 200
        submitted.append(work["id"])
        if number == 2:
            served.jump(seconds)
    seen, cursor = [], ""
    while True:
        path = f"/projects/{project}/recent?limit=2{cursor}"
        listed = served.at_desk("ann")("GET", path).json()
        seen += [item["assignment_id"] for item in listed["items"]]
        if listed["next"] is None:
            break
        cursor = f"&cursor={listed['next']}"
    assert sorted(seen) == sorted(submitted)


def test_a_session_ends_when_its_time_is_over_and_not_because_the_clock_went_back(served: Served) -> None:
    served.jump(-DAY)
    assert served.at_desk("ann")("GET", "/session").status == 200
    served.jump(2 * DAY)  # the tokens of these tests are good for a day
    assert served.at_desk("ann")("GET", "/session").status == 401
    served.jump(0)
    assert served.at_desk("ann")("GET", "/session").status == 200
