"""At the desk: the next task, its draft, its answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from strongroom.label import assign, draft, lease, recent, skip, submit
from strongroom.label.desk import LABELLING, at_desk
from strongroom.label.lane import short_write
from strongroom.label.routes.projects import Cursor, Limit
from strongroom.label.schemas import (
    AssignmentOut,
    DraftIn,
    DraftOut,
    FlagIn,
    LeaseIn,
    LeaseOut,
    NextIn,
    Page,
    RecentOut,
    SkipIn,
    StateOut,
    SubmitIn,
    SubmitOut,
)
from strongroom.people import IdempotencyDep, Principal, VaultDep, signed_in
from strongroom.people import project as in_project

router = APIRouter(tags=["desk"])


@router.post(
    "/projects/{project_id}/next",
    response_model=AssignmentOut,
    responses={204: {"description": "Nothing is left for the caller at this level."}},
)
@short_write
def next_task(
    project_id: str, body: NextIn, who: Annotated[Principal, in_project(*LABELLING)], vault: VaultDep
) -> AssignmentOut | Response:
    """An open assignment of the caller's that isn't among `held`, else a task claimed now. Asking again after an
    answer got lost gives the same task."""
    found = assign.give(vault, who.reader, project_id, body.held)
    return Response(status_code=204) if found is None else found


@router.get("/assignments/{assignment_id}")
def get_assignment(
    assignment_id: str, who: Annotated[Principal, signed_in], vault: VaultDep
) -> AssignmentOut:
    """The caller's own, with draft and latest answer."""
    with vault.reading(who.reader) as session:
        return recent.mine(session, assignment_id)


@router.post("/assignments/{assignment_id}/heartbeat")
@short_write
def renew_lease(
    assignment_id: str, body: LeaseIn, who: Annotated[Principal, signed_in], vault: VaultDep
) -> LeaseOut:
    with at_desk(vault, who.reader, assignment_id) as (session, held):
        return lease.renew(session, held, body.lease)


@router.put("/assignments/{assignment_id}/draft")
@short_write
def save_draft(
    assignment_id: str, body: DraftIn, who: Annotated[Principal, signed_in], vault: VaultDep
) -> DraftOut:
    """Keeps unfinished work, whatever became of the lease."""
    with at_desk(vault, who.reader, assignment_id, body.result) as (session, held):
        return draft.save(session, held, body.result)


@router.post("/assignments/{assignment_id}/submit")
@short_write
def submit_answer(
    assignment_id: str,
    body: SubmitIn,
    who: Annotated[Principal, signed_in],
    vault: VaultDep,
    idempotency: IdempotencyDep,
) -> SubmitOut:
    """Hands in an answer; once more is a new revision. What is refused is kept as a draft."""
    with at_desk(vault, who.reader, assignment_id, body.result) as (session, held):
        return submit.submit(
            session,
            held,
            lease=body.lease,
            answer=body.result,
            seconds=body.seconds,
            idempotency=idempotency,
        )


@router.post("/assignments/{assignment_id}/skip")
@short_write
def skip_task(
    assignment_id: str, body: SkipIn, who: Annotated[Principal, signed_in], vault: VaultDep
) -> StateOut:
    """Gives the task to somebody else, with a reason."""
    with at_desk(vault, who.reader, assignment_id) as (session, held):
        return skip.skip(session, held, body.lease, body.reason)


@router.post("/assignments/{assignment_id}/flag")
@short_write
def flag_task(
    assignment_id: str, body: FlagIn, who: Annotated[Principal, signed_in], vault: VaultDep
) -> StateOut:
    """Puts a note on the task for those who look after the project."""
    with at_desk(vault, who.reader, assignment_id) as (session, held):
        return skip.flag(session, held, body.note)


@router.get("/projects/{project_id}/recent")
def list_recent(
    project_id: str,
    who: Annotated[Principal, in_project(*LABELLING)],
    vault: VaultDep,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> Page[RecentOut]:
    """The caller's own work, latest first."""
    with vault.reading(who.reader) as session:
        listed = recent.recent(session, project_id, cursor, limit)
        return Page(items=listed.items, next=listed.next)
