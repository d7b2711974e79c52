"""Accounts: added, changed, closed. Nobody changes their own duties or closes their own account."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from strongroom.errors import ConflictError, NotFoundError, NotPermittedError
from strongroom.people.sign_in import end_sessions
from strongroom.people.tables import ApiToken, Person
from strongroom.vault import RegistrySession


def add_person(session: RegistrySession, login: str, name: str, duties: Sequence[str] = ()) -> Person:
    """A new account, without a clearance and without a way in. Raises ConflictError when the login is taken."""
    if session.scalar(select(Person.id).where(Person.login == login)) is not None:
        raise ConflictError("That login is taken.", remedy="Choose another one.")
    person = Person(login=login, name=name, duties=sorted(set(duties)))
    session.add(person)
    session.flush()
    return person


def find_person(session: RegistrySession, *, id_: str = "", login: str = "") -> Person:
    """The account with this id or login. Raises NotFoundError."""
    where = Person.id == id_ if id_ else Person.login == login
    person = session.scalar(select(Person).where(where))
    if person is None:
        raise NotFoundError
    return person


def change_person(
    session: RegistrySession,
    person: Person,
    *,
    by: str | None,
    name: str | None = None,
    active: bool | None = None,
    duties: Sequence[str] | None = None,
) -> None:
    """Changes what is given. A closed account is signed out everywhere and its API tokens are withdrawn.

    `by` is the id of the administrator, None for an operator at the console. Raises NotPermittedError for one's own
    duties or activity: so an installation never loses its last administrator, and nobody appoints themselves.
    """
    if by == person.id and (active is not None or duties is not None):
        raise NotPermittedError(
            "Nobody changes their own duties or closes their own account.",
            remedy="Ask another administrator, or the operator.",
        )
    if name is not None:
        person.name = name
    if duties is not None:
        person.duties = sorted(set(duties))
    if active is not None:
        person.active = active
        if not active:
            end_sessions(session, person.id)
            session.execute(delete(ApiToken).where(ApiToken.person_id == person.id))
