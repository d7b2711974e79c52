"""Who is asking: a cookie or token becomes an identity, at every request anew.

One query gives person, session or token, and the clearance in force. Nothing of it is remembered between requests, so
that what is withdrawn is gone with the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import aliased

from strongroom.errors import BusyError, StorageFullError
from strongroom.markings import Clearance, Marking
from strongroom.people import credentials
from strongroom.people.clearances import Clearances
from strongroom.people.passwords import Passwords
from strongroom.people.schemas import Duty, Scope
from strongroom.people.settings import AccessSettings
from strongroom.people.tables import ApiToken, ClearanceGrant, Person, SignIn
from strongroom.people.throttle import Throttle
from strongroom.vault import Vault, clock

COOKIE = "strongroom_session"
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """The person of an account, as they are right now."""

    id: str
    login: str
    name: str
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as recognised by a session or token (`id` is that row's), with what they may see right now."""

    id: str
    how: str
    person: Caller
    clearance: Clearance
    level: Marking
    scopes: frozenset[Scope] = frozenset()


class Gate:
    """The state of access control in one process: caches, throttles and the hasher of one vault."""

    def __init__(self, vault: Vault, settings: AccessSettings) -> None:
        self.vault = vault
        self.settings = settings
        self.clearances = Clearances(vault.scheme)
        self.passwords = Passwords(settings.argon2_memory_mib)
        # Somebody who guesses from one address shall not lock the owner out at another: the pair is strict, the login
        # alone is not.
        window = timedelta(minutes=10)
        self.failures_of_pair = Throttle(10, window)
        self.failures_of_login = Throttle(100, window)
        self.failures_from_address = Throttle(100, window)
        self.failures_with_secrets = Throttle(20, window)

    def by_session(self, secret: str) -> Identity | None:
        """Whose session cookie this is; None when it is unknown, ended or past its time."""
        now = clock.now()
        with self.vault.registry() as session:
            row = session.execute(_BY_SESSION, {"hash": credentials.digest(secret)}).one_or_none()
        if row is None or not row.active:
            return None
        idle = timedelta(minutes=self.settings.session_idle_minutes)
        if now >= row.expires_at or now - row.seen_at >= idle:
            return None
        if now - row.seen_at >= SEEN_EVERY:
            self._seen(SignIn, row.id, now)
        return Identity(
            row.id,
            "session",
            Caller(row.person_id, row.login, row.name, tuple(row.duties)),
            self.clearances.effective(row.clearance, row.ceiling),
            self.vault.scheme.parse(row.level),
        )

    def by_token(self, secret: str) -> Identity | None:
        """Whose API token this is; None when it is unknown, withdrawn or past its time."""
        if not secret.startswith(credentials.TOKEN_PREFIX):
            return None
        now = clock.now()
        with self.vault.registry() as session:
            row = session.execute(_BY_TOKEN, {"hash": credentials.digest(secret)}).one_or_none()
        if row is None or not row.active or now >= row.expires_at:
            return None
        if row.seen_at is None or now - row.seen_at >= SEEN_EVERY:
            self._seen(ApiToken, row.id, now)
        return Identity(
            row.id,
            "token",
            Caller(row.person_id, row.login, row.name, tuple(row.duties)),
            self.clearances.effective(row.clearance, row.ceiling),
            self.vault.scheme.bottom,
            frozenset(row.scopes),
        )

    def _seen(self, table: type[SignIn | ApiToken], id_: str, now: datetime) -> None:
        try:
            with self.vault.registry(write=True) as session:
                session.execute(update(table).where(table.id == id_).values(seen_at=now))
        except (StorageFullError, BusyError):
            pass  # who reads while the disk is full, or while an import writes, is served all the same


_grant = aliased(ClearanceGrant)
_CLEARANCE = (
    select(_grant.clearance)
    .where(_grant.person_id == Person.id)
    .order_by(_grant.number.desc())
    .limit(1)
    .correlate(Person)
    .scalar_subquery()
    .label("clearance")
)
_PERSON = (Person.id.label("person_id"), Person.login, Person.name, Person.active, Person.duties)
_BY_SESSION = (
    select(SignIn.id, SignIn.level, SignIn.ceiling, SignIn.seen_at, SignIn.expires_at, *_PERSON, _CLEARANCE)
    .join(Person, Person.id == SignIn.person_id)
    .where(SignIn.secret_hash == bindparam("hash"))
)
_BY_TOKEN = (
    select(
        ApiToken.id,
        ApiToken.ceiling,
        ApiToken.scopes,
        ApiToken.seen_at,
        ApiToken.expires_at,
        *_PERSON,
        _CLEARANCE,
    )
    .join(Person, Person.id == ApiToken.person_id)
    .where(ApiToken.secret_hash == bindparam("hash"))
)
