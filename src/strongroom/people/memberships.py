"""Roles of people in projects. A membership carries the project's marking, so whoever can't see the project can't
see who works in it; and each project has at least an owner, so a membership in sight means a project in sight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from strongroom.errors import ConflictError, NotFoundError
from strongroom.people.schemas import PersonCard, Role
from strongroom.people.tables import Membership, Person


def roles_of(session: Session, project_id: str, person_id: str) -> list[str]:
    """The roles of a person in a project, as far as the session sees; sorted."""
    found = select(Membership.role).where(
        Membership.project_id == project_id, Membership.person_id == person_id
    )
    return sorted(session.scalars(found))


def members_of(session: Session, project_id: str) -> list[tuple[PersonCard, list[str]]]:
    """Everyone with a role in the project, by name, with their roles."""
    rows = session.execute(
        select(Person.id, Person.login, Person.name, Membership.role)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.project_id == project_id)
        .order_by(Person.name, Person.login, Membership.role)
    )
    members: dict[str, tuple[PersonCard, list[str]]] = {}
    for id_, login, name, role in rows:
        _, roles = members.setdefault(id_, (PersonCard(id=id_, login=login, name=name), []))
        roles.append(role)
    return list(members.values())


def set_roles(session: Session, project_id: str, person_id: str, roles: Iterable[Role]) -> None:
    """Makes `roles` the roles of a person in a project; none takes them out. In a writing session at its level.

    Raises NotFoundError for an unknown person, ConflictError when the project would be left without an owner.
    """
    wanted = set(roles)
    if session.get(Person, person_id) is None:
        raise NotFoundError
    held = set(roles_of(session, project_id, person_id))
    if "owner" in held - wanted and not _has_other_owner(session, project_id, person_id):
        raise ConflictError("A project needs an owner.", remedy="Make somebody else an owner first.")
    if gone := held - wanted:
        session.execute(
            delete(Membership).where(
                Membership.project_id == project_id,
                Membership.person_id == person_id,
                Membership.role.in_(gone),
            )
        )
    session.add_all(
        Membership(project_id=project_id, person_id=person_id, role=role) for role in sorted(wanted - held)
    )
    session.flush()


def projects_of(session: Session, person_id: str, roles: Sequence[Role] = ()) -> dict[str, list[str]]:
    """The projects in which a person has a role (one of `roles`, if any are named): project id -> roles."""
    query = select(Membership.project_id, Membership.role).where(Membership.person_id == person_id)
    if roles:
        query = query.where(Membership.role.in_(roles))
    found: dict[str, list[str]] = {}
    for project_id, role in session.execute(query.order_by(Membership.role)):
        found.setdefault(project_id, []).append(role)
    return found


def _has_other_owner(session: Session, project_id: str, person_id: str) -> bool:
    others = select(Membership.id).where(
        Membership.project_id == project_id, Membership.person_id != person_id, Membership.role == "owner"
    )
    return session.scalar(others.limit(1)) is not None
