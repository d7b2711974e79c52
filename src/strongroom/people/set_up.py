"""The first account. Whoever reads the console of `strongroom serve` gets a token; there is no default password."""

from __future__ import annotations

from sqlalchemy import delete, exists, select

from strongroom.errors import ConflictError, NotPermittedError
from strongroom.people import credentials, sign_in
from strongroom.people.enrol import add_person
from strongroom.people.gate import Gate
from strongroom.people.passwords import require_good
from strongroom.people.sign_in import Visit
from strongroom.people.tables import Person, SetupToken
from strongroom.vault import RegistrySession


def is_needed(session: RegistrySession) -> bool:
    """Whether there is no account yet."""
    return not session.scalar(select(exists().where(Person.id.is_not(None))))


def new_token(session: RegistrySession) -> str | None:
    """A fresh set-up token, which replaces any earlier one; None when there are accounts already."""
    if not is_needed(session):
        return None
    token = credentials.new_secret()
    session.execute(delete(SetupToken))
    session.add(SetupToken(secret_hash=credentials.digest(token)))
    return token


def set_up(gate: Gate, visit: Visit, token: str, login: str, name: str, password: str) -> str:
    """Makes the first account, an administrator, and answers the secret of its session.

    Raises ConflictError when there are accounts, NotPermittedError for a wrong token.
    """
    gate.failures_with_secrets.attempt(visit.address)
    with gate.vault.registry() as session:
        _require_open(session, token)
    gate.failures_with_secrets.take_back(visit.address)
    require_good(password, login=login)
    hashed = gate.passwords.hash(password)
    with gate.vault.registry(write=True) as session:
        _require_open(session, token)
        session.execute(delete(SetupToken))
        person = add_person(session, login, name, ["administrator"])
        sign_in.store_password(session, person.id, hashed, keep_sign_in=None)
        session.audit(
            "set_up", "person", person.id, actor_id=person.id, how="setup", request_id=visit.request_id
        )
        return sign_in.begin(session, gate, person.id, visit, how="setup")


def _require_open(session: RegistrySession, token: str) -> None:
    if not is_needed(session):
        raise ConflictError("Strongroom is set up already.", remedy="Sign in.")
    if session.get(SetupToken, credentials.digest(token)) is None:
        raise NotPermittedError(
            "This set-up token is not the current one.",
            remedy="Take the link that `strongroom serve` printed when it started last.",
        )
