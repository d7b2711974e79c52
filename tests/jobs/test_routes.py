"""Jobs over HTTP: who may see, stop and resume them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from jobs_desk import Desk
from starlette.testclient import TestClient

from strongroom.jobs import run_waiting
from strongroom.people import Membership, tokens
from strongroom.vault import Vault
from strongroom.web import Settings, create_app

Visitor = Callable[..., TestClient]


@pytest.fixture
def visit(vault: Vault) -> Iterator[Visitor]:
    """A program that comes in as somebody, at the level INTERNAL."""
    app = create_app(vault, Settings())
    with ExitStack() as stack:

        def come_in(desk: Desk, level: str = "INTERNAL") -> TestClient:
            with vault.registry(write=True) as session:
                _, secret = tokens.issue(
                    session, desk.person_id, "test", ["read", "label"], days=1, longest_days=1
                )
            headers = {"Authorization": f"Bearer {secret}", "Strongroom-Level": level}
            return stack.enter_context(
                TestClient(app, base_url="http://127.0.0.1:8710/api/v1", headers=headers)
            )

        yield come_in


def test_a_job_shows_how_far_it_is(iris: Desk, visit: Visitor, vault: Vault) -> None:
    job_id = iris.start("test.chunks")
    waiting = visit(iris).get(f"/jobs/{job_id}").json()
    assert (waiting["state"], waiting["done"], waiting["started_at"]) == ("queued", 0, None)
    run_waiting(vault)
    over = visit(iris).get(f"/jobs/{job_id}").json()
    assert {**over, "created_at": "", "started_at": "", "finished_at": ""} == {
        "id": job_id,
        "kind": "test.chunks",
        "state": "done",
        "done": 6,
        "total": 6,
        "message": "",
        "created_at": "",
        "started_at": "",
        "finished_at": "",
        "eta_seconds": None,
    }


def test_a_job_is_cancelled_and_resumed(iris: Desk, visit: Visitor, vault: Vault) -> None:
    job_id = iris.start("test.chunks")
    program = visit(iris)
    assert program.post(f"/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    assert program.post(f"/jobs/{job_id}/cancel").status_code == 409
    assert program.post(f"/jobs/{job_id}/resume").json()["state"] == "queued"
    run_waiting(vault)
    assert program.get(f"/jobs/{job_id}").json()["state"] == "done"
    assert program.post(f"/jobs/{job_id}/resume").status_code == 409


def test_a_repeated_request_gets_the_first_answer_and_acts_once(
    iris: Desk, visit: Visitor, vault: Vault
) -> None:
    job_id = iris.start("test.chunks")
    program = visit(iris)
    first = program.post(f"/jobs/{job_id}/cancel", headers={"Idempotency-Key": "one"})
    program.post(f"/jobs/{job_id}/resume", headers={"Idempotency-Key": "two"})
    again = program.post(f"/jobs/{job_id}/cancel", headers={"Idempotency-Key": "one"})
    assert again.json() == first.json()
    run_waiting(vault)
    assert iris.job(job_id).state == "done"


def test_a_job_of_somebody_else_is_refused_unless_one_manages_its_project(
    iris: Desk, omar: Desk, visit: Visitor, vault: Vault
) -> None:
    job_id = iris.start("test.chunks", project_id="p")
    with vault.writing(omar.reader()) as session:
        session.add(Membership(project_id="p", person_id=omar.person_id, role="annotator"))
    assert visit(omar).get(f"/jobs/{job_id}").status_code == 403
    assert visit(omar).post(f"/jobs/{job_id}/cancel").status_code == 403
    with vault.writing(omar.reader()) as session:
        session.add(Membership(project_id="p", person_id=omar.person_id, role="manager"))
    assert visit(omar).get(f"/jobs/{job_id}").status_code == 200
    assert visit(omar).post(f"/jobs/{job_id}/cancel").status_code == 200


def test_a_job_that_one_may_not_see_answers_like_one_that_is_not_there(
    iris: Desk, omar: Desk, visit: Visitor
) -> None:
    job_id = iris.start("test.chunks", level="CONFIDENTIAL")
    omar.clear("Internal")
    for act in ("get", "post"):
        path = "" if act == "get" else "/cancel"
        hidden = getattr(visit(omar), act)(f"/jobs/{job_id}{path}")
        absent = getattr(visit(omar), act)(f"/jobs/{'0' * 32}{path}")
        assert (hidden.status_code, hidden.content) == (404, absent.content)


def test_a_job_is_acted_on_at_its_own_level(iris: Desk, visit: Visitor) -> None:
    job_id = iris.start("test.chunks", level="CONFIDENTIAL")
    refused = visit(iris).post(f"/jobs/{job_id}/cancel")
    assert refused.status_code == 403
    assert "CONFIDENTIAL" in refused.json()["detail"]
    assert iris.job(job_id).state == "queued"
