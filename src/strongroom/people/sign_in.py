"""Signing in and out. Each way in ends in a row that holds the session and a secret for the cookie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from strongroom.errors import NotSignedInError
from strongroom.people import credentials
from strongroom.people.gate import Gate
from strongroom.people.passwords import require_good
from strongroom.people.tables import Password, Person, SignIn, SignInLink
from strongroom.vault import RegistrySession, clock


@dataclass(frozen=True, slots=True)
class Visit:
    """Where an attempt comes from."""

    address: str
    request_id: str


def with_password(
    gate: Gate, visit: Visit, login: str, password: str, ceiling: Mapping[str, Any] | None = None
) -> str:
    """The secret of a new session. `ceiling` is a clearance that the session shall not exceed.

    Raises NotSignedInError, the same and after the same time whether the login or the password is wrong;
    TooManyRequestsError after too many failures; BusyError when too many sign in at once.
    """
    login = login.strip().lower()
    stored_ceiling = None if ceiling is None else gate.clearances.canonical(ceiling, login)
    pair = f"{login}\n{visit.address}"
    gate.failures_from_address.attempt(visit.address)
    gate.failures_of_login.attempt(login)
    gate.failures_of_pair.attempt(pair)
    with gate.vault.registry() as session:
        found = session.execute(
            select(Person, Password.hash)
            .outerjoin(Password, Password.person_id == Person.id)
            .where(Person.login == login)
        ).one_or_none()
    person, stored = (found[0], found[1]) if found else (None, None)
    if not gate.passwords.check(stored, password) or person is None or not person.active:
        with gate.vault.registry(write=True) as session:
            session.audit(
                "sign_in",
                "person",
                person.id if person else None,
                outcome="refused",
                how="password",
                request_id=visit.request_id,
            )
        raise NotSignedInError("Login or password is wrong.")
    gate.failures_from_address.take_back(visit.address)
    gate.failures_of_login.take_back(login)
    gate.failures_of_pair.forget(pair)
    renewed = gate.passwords.hash(password) if stored and gate.passwords.is_outdated(stored) else None
    with gate.vault.registry(write=True) as session:
        if renewed:
            session.get_one(Password, person.id).hash = renewed
        return begin(session, gate, person.id, visit, how="password", ceiling=stored_ceiling)


def with_link(gate: Gate, visit: Visit, token: str) -> str:
    """The secret of a new session for a one-time link, which is used up by it. Raises NotSignedInError."""
    gate.failures_with_secrets.attempt(visit.address)
    with gate.vault.registry(write=True) as session:
        link = session.get(SignInLink, credentials.digest(token))
        person = session.get(Person, link.person_id) if link else None
        if link is None or person is None or not person.active or clock.now() >= link.expires_at:
            raise NotSignedInError(
                "This link has been used or is past its time.", remedy="Ask for another one."
            )
        session.delete(link)
        gate.failures_with_secrets.take_back(visit.address)
        return begin(session, gate, person.id, visit, how="link")


def begin(
    session: RegistrySession,
    gate: Gate,
    person_id: str,
    visit: Visit,
    *,
    how: str,
    ceiling: str | None = None,
) -> str:
    """Stores a new session of a person and answers its secret; old ones past their time go."""
    now = clock.now()
    secret = credentials.new_secret()
    session.execute(delete(SignIn).where(SignIn.person_id == person_id, SignIn.expires_at <= now))
    session.add(
        SignIn(
            secret_hash=credentials.digest(secret),
            person_id=person_id,
            level=str(gate.vault.scheme.bottom),
            ceiling=ceiling,
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=gate.settings.session_hours),
        )
    )
    session.audit("sign_in", "person", person_id, actor_id=person_id, how=how, request_id=visit.request_id)
    return secret


def new_link(session: RegistrySession, gate: Gate, person_id: str) -> str:
    """A one-time sign-in for a person, good for `link_minutes`. Older ones of the same person end."""
    token = credentials.new_secret()
    session.execute(delete(SignInLink).where(SignInLink.person_id == person_id))
    session.add(
        SignInLink(
            secret_hash=credentials.digest(token),
            person_id=person_id,
            expires_at=clock.now() + timedelta(minutes=gate.settings.link_minutes),
        )
    )
    return token


def change_password(gate: Gate, person_id: str, login: str, current: str | None, new: str) -> str:
    """Checks the current password and answers the hash of the new one, outside of any transaction.

    `current` may be None while the account has no password. Raises NotSignedInError when it doesn't fit,
    TooManyRequestsError after too many tries, InvalidError for a bad new one.
    """
    require_good(new, login=login)
    with gate.vault.registry() as session:
        stored = session.scalar(select(Password.hash).where(Password.person_id == person_id))
    if stored is not None:
        gate.failures_with_secrets.attempt(person_id)
        if not gate.passwords.check(stored, current or ""):
            raise NotSignedInError("The current password is wrong.")
        gate.failures_with_secrets.take_back(person_id)
    return gate.passwords.hash(new)


def store_password(
    session: RegistrySession, person_id: str, hashed: str, *, keep_sign_in: str | None
) -> None:
    """Stores a password hash and ends all sessions of the person but `keep_sign_in`, and open links."""
    row = session.get(Password, person_id)
    if row is None:
        session.add(Password(person_id=person_id, hash=hashed))
    else:
        row.hash = hashed
        row.changed_at = clock.now()
    end_sessions(session, person_id, but=keep_sign_in)


def end_sessions(session: RegistrySession, person_id: str, *, but: str | None = None) -> None:
    """Signs a person out everywhere, except from the session `but`."""
    session.execute(delete(SignIn).where(SignIn.person_id == person_id, SignIn.id != (but or "")))
    session.execute(delete(SignInLink).where(SignInLink.person_id == person_id))
