"""What the answers say, what is disputed, who may go on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from strongroom.label import browse, findings, progress, project, refit, review, standing
from strongroom.label.routes.projects import Cursor, Limit
from strongroom.label.rules import rules_of
from strongroom.label.schemas import (
    DisputeOut,
    FindingsOut,
    GoldIn,
    Page,
    ReviewIn,
    StandingOut,
    TaskOut,
)
from strongroom.people import IdempotencyDep, Principal, VaultDep, once, signed_in
from strongroom.people import project as in_project

router = APIRouter(tags=["review"])


class Decided(BaseModel):
    """What is kept of a decision for a request that is repeated: no content, which may be out of sight by then."""

    number: int


@router.get("/projects/{project_id}/findings")
def get_findings(
    project_id: str, who: Annotated[Principal, in_project(*progress.LOOKING)], vault: VaultDep
) -> FindingsOut:
    """How sure the consensus is, how far people agree, who is how good, and what more answers would buy."""
    with vault.reading(who.reader) as session:
        return findings.findings(session, project_id)


@router.post("/projects/{project_id}/findings", status_code=204)
def look_again(
    project_id: str, who: Annotated[Principal, in_project("owner", "manager")], vault: VaultDep
) -> None:
    """Has the worker look at the answers now, at the working level; it does so by itself some seconds after each."""
    with project.from_above(vault, who.reader, project_id) as (session, found):
        refit.ask(session, project_id, rules_of(found.rules), at_once=True)


@router.get("/projects/{project_id}/disputes")
def list_disputes(
    project_id: str,
    who: Annotated[Principal, in_project(*review.REVIEWING)],
    vault: VaultDep,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DisputeOut]:
    """Tasks for a reviewer to decide, the least sure first."""
    with vault.reading(who.reader) as session:
        listed = review.disputes(session, project_id, cursor, limit)
        return Page(items=listed.items, next=listed.next)


@router.post("/tasks/{task_id}/review")
def decide_task(
    task_id: str,
    body: ReviewIn,
    who: Annotated[Principal, signed_in],
    vault: VaultDep,
    idempotency: IdempotencyDep,
) -> TaskOut:
    """Says what the answer is, at the task's own level: from now on the consensus, and what people are measured by."""
    with review.at_task(vault, who.reader, task_id, review.REVIEWING) as (session, task, found):

        def act() -> Decided:
            return Decided(number=review.decide(session, task, found, body.result, body.note))

        once(session, who.person.id, idempotency, Decided, act)
        return browse.task(session, task_id)


@router.put("/tasks/{task_id}/gold")
def make_gold(task_id: str, body: GoldIn, who: Annotated[Principal, signed_in], vault: VaultDep) -> TaskOut:
    """Mixes a decided task, unseen, into the work of those who haven't had it."""
    with review.at_task(vault, who.reader, task_id, review.MANAGING) as (session, task, found):
        review.make_gold(session, task, found, body.explanation)
        return browse.task(session, task_id)


@router.delete("/tasks/{task_id}/gold")
def unmake_gold(task_id: str, who: Annotated[Principal, signed_in], vault: VaultDep) -> TaskOut:
    """Gives a gold task to nobody any more."""
    with review.at_task(vault, who.reader, task_id, review.MANAGING) as (session, task, found):
        review.unmake_gold(session, task, found)
        return browse.task(session, task_id)


@router.get("/projects/{project_id}/standings")
def list_standings(
    project_id: str, who: Annotated[Principal, in_project("owner", "manager")], vault: VaultDep
) -> Page[StandingOut]:
    """Who is qualified, who is paused, and on what."""
    with vault.reading(who.reader) as session:
        return Page(items=standing.of_project(session, project_id))


@router.post("/projects/{project_id}/standings/{person_id}/lift")
def lift_pause(
    project_id: str,
    person_id: str,
    who: Annotated[Principal, in_project("owner", "manager")],
    vault: VaultDep,
) -> StandingOut:
    """Gives a person tasks again, at the working level; gold answers so far count no more."""
    with project.from_above(vault, who.reader, project_id) as (session, _):
        return standing.lift(session, project_id, person_id)
