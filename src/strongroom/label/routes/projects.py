"""Projects and how they are doing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from strongroom.errors import NotFoundError
from strongroom.label import browse, form, home, overlap, progress, project
from strongroom.label.rules import rules_of
from strongroom.label.schemas import (
    HomeOut,
    MemberIn,
    MemberOut,
    Page,
    ProgressOut,
    ProjectIn,
    ProjectOut,
    ProjectPatch,
    TaskOut,
    TaskRow,
)
from strongroom.people import (
    IdempotencyDep,
    Principal,
    VaultDep,
    members_of,
    once,
    signed_in,
    signed_in_for,
)
from strongroom.people import project as in_project

router = APIRouter(tags=["projects"])

Cursor = Annotated[str | None, Query(max_length=1_000)]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/home")
def get_home(who: Annotated[Principal, signed_in], vault: VaultDep) -> HomeOut:
    """What waits for the caller, by marking, and what the caller looks after."""
    with vault.reading(who.reader) as session:
        return home.home(session)


@router.get("/form-schema")
def get_form_schema(who: Annotated[Principal, signed_in]) -> dict[str, Any]:
    """JSON Schema of a form."""
    return form.json_schema()


@router.get("/projects")
def list_projects(
    who: Annotated[Principal, signed_in], vault: VaultDep, cursor: Cursor = None, limit: Limit = 50
) -> Page[ProjectOut]:
    """The caller's projects, newest first."""
    with vault.reading(who.reader) as session:
        listed = project.mine(session, cursor, limit)
        return Page(items=listed.items, next=listed.next)


@router.post("/projects", status_code=201)
def create_project(
    body: ProjectIn,
    who: Annotated[Principal, signed_in_for("manage")],
    vault: VaultDep,
    idempotency: IdempotencyDep,
) -> ProjectOut:
    """A new project, marked with the working level and owned by the caller."""
    with vault.writing(who.reader) as session:
        return once(
            session,
            who.person.id,
            idempotency,
            ProjectOut,
            lambda: project.out(session, project.create(session, body)),
        )


@router.get("/projects/{project_id}")
def get_project(project_id: str, who: Annotated[Principal, in_project()], vault: VaultDep) -> ProjectOut:
    with vault.reading(who.reader) as session:
        return project.out(session, project.present(session, project_id))


@router.patch("/projects/{project_id}")
def change_project(
    project_id: str,
    body: ProjectPatch,
    who: Annotated[Principal, in_project("owner", "manager")],
    vault: VaultDep,
) -> ProjectOut:
    """Changes what is given, at the project's own level."""
    with project.at_its_level(vault, who.reader, project_id) as (session, found):
        asked_before = rules_of(found.rules).ask
        project.change(session, found, body)
        answer = project.out(session, found)
    if body.overlap is not None or answer.rules.ask != asked_before:
        overlap.apply(vault, who.reader, project_id)
    return answer


@router.delete("/projects/{project_id}", status_code=204)
def remove_project(
    project_id: str, who: Annotated[Principal, in_project("owner")], vault: VaultDep
) -> Response:
    """Takes the project out of every list. What was labelled stays in storage."""
    with project.at_its_level(vault, who.reader, project_id) as (session, found):
        project.remove(session, found)
    return Response(status_code=204)


@router.get("/projects/{project_id}/members")
def list_members(
    project_id: str, who: Annotated[Principal, in_project("owner", "manager")], vault: VaultDep
) -> Page[MemberOut]:
    with vault.reading(who.reader) as session:
        project.present(session, project_id)
        members = members_of(session, project_id)
        return Page(items=[MemberOut(person=card, roles=roles) for card, roles in members])


@router.put("/projects/{project_id}/members/{person_id}")
def set_member(
    project_id: str,
    person_id: str,
    body: MemberIn,
    who: Annotated[Principal, in_project("owner", "manager")],
    vault: VaultDep,
) -> MemberOut:
    """Gives a person exactly these roles, at the project's own level."""
    with project.at_its_level(vault, who.reader, project_id) as (session, _):
        project.set_member(session, project_id, person_id, body.roles)
        found = next((m for m in members_of(session, project_id) if m[0].id == person_id), None)
        if found is None:
            raise NotFoundError
        return MemberOut(person=found[0], roles=found[1])


@router.delete("/projects/{project_id}/members/{person_id}", status_code=204)
def remove_member(
    project_id: str,
    person_id: str,
    who: Annotated[Principal, in_project("owner", "manager")],
    vault: VaultDep,
) -> Response:
    """Takes a person out of the project."""
    with project.at_its_level(vault, who.reader, project_id) as (session, _):
        project.set_member(session, project_id, person_id, [])
    return Response(status_code=204)


@router.get("/projects/{project_id}/progress")
def get_progress(
    project_id: str, who: Annotated[Principal, in_project(*progress.LOOKING)], vault: VaultDep
) -> ProgressOut:
    """How the project is doing, from what the caller sees."""
    with vault.reading(who.reader) as session:
        return progress.progress(session, project_id)


@router.get("/projects/{project_id}/tasks")
def list_tasks(
    project_id: str,
    who: Annotated[Principal, in_project(*browse.LOOKING)],
    vault: VaultDep,
    state: browse.State | None = None,
    q: Annotated[str, Query(max_length=browse.MAX_QUERY)] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[TaskRow]:
    """The project's tasks; `q` looks in text and id."""
    with vault.reading(who.reader) as session:
        listed = browse.tasks(session, project_id, state, q, cursor, limit)
        return Page(items=listed.items, next=listed.next)


@router.get("/tasks/{task_id}")
def get_task(task_id: str, who: Annotated[Principal, signed_in], vault: VaultDep) -> TaskOut:
    """One task with everybody's answers, for those who look after its project."""
    with vault.reading(who.reader) as session:
        return browse.task(session, task_id)
