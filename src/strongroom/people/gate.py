"""Who is asking: a cookie or token becomes an identity, at every request anew.

One query gives person, session or token, and the clearance in force. Nothing of it is remembered between requests, so
that what is withdrawn is gone with the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from strongroom.errors import BusyError, StorageFullError
from strongroom.markings import Clearance, Marking
from strongroom.people import credentials
from strongroom.people.clearances import Clearances
from strongroom.people.passwords import Passwords
from strongroom.people.schemas import Duty, Scope
from strongroom.people.settings import AccessSettings
from strongroom.people.tables import ApiToken, ClearanceGrant, Person, SignIn
from strongroom.people.throttle import Throttle
from strongroom.vault import Prepared, Vault, clock, core

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
    """A person as recognised by a session or token (`id` is that row's), with what they may see right now.

    `unnoted`: nobody has written down for a while that they are here; `Gate.note` does.
    """

    id: str
    how: str
    person: Caller
    clearance: Clearance
    level: Marking
    unnoted: bool
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
        row = self._row(_BY_SESSION, secret)
        if row is None or not row.active:
            return None
        idle = timedelta(minutes=self.settings.session_idle_minutes)
        if now >= row.expires_at or now - row.seen_at >= idle:
            return None
        return Identity(
            row.id,
            "session",
            Caller(row.person_id, row.login, row.name, tuple(row.duties)),
            self.clearances.effective(row.clearance, row.ceiling),
            self.vault.scheme.parse(row.level),
            now - row.seen_at >= SEEN_EVERY,
        )

    def by_token(self, secret: str) -> Identity | None:
        """Whose API token this is; None when it is unknown, withdrawn or past its time."""
        if not secret.startswith(credentials.TOKEN_PREFIX):
            return None
        now = clock.now()
        row = self._row(_BY_TOKEN, secret)
        if row is None or not row.active or now >= row.expires_at:
            return None
        return Identity(
            row.id,
            "token",
            Caller(row.person_id, row.login, row.name, tuple(row.duties)),
            self.clearances.effective(row.clearance, row.ceiling),
            self.vault.scheme.bottom,
            row.seen_at is None or now - row.seen_at >= SEEN_EVERY,
            frozenset(row.scopes),
        )

    def note(self, how: str, id_: str) -> None:
        """Write down that this session or token was used just now."""
        table: type[SignIn | ApiToken] = ApiToken if how == "token" else SignIn
        try:
            with self.vault.registry(write=True) as session:
                session.execute(update(table).where(table.id == id_).values(seen_at=clock.now()))
        except (StorageFullError, BusyError):
            pass  # who reads while the disk is full, or while an import writes, is served all the same

    def _row(self, query: Prepared, secret: str) -> Any | None:
        found = self.vault.glance(query, {"hash": credentials.digest(secret)})
        return found[0] if found else None


_person, _sign_in, _token, _grant = core(Person), core(SignIn), core(ApiToken), core(ClearanceGrant)
_CLEARANCE = (
    select(_grant.c.clearance)
    .where(_grant.c.person_id == _person.c.id)
    .order_by(_grant.c.number.desc())
    .limit(1)
    .correlate(_person)
    .scalar_subquery()
    .label("clearance")
)
_PERSON = (
    _person.c.id.label("person_id"),
    _person.c.login,
    _person.c.name,
    _person.c.active,
    _person.c.duties,
    _CLEARANCE,
)
_BY_SESSION = Prepared(
    select(
        _sign_in.c.id,
        _sign_in.c.level,
        _sign_in.c.ceiling,
        _sign_in.c.seen_at,
        _sign_in.c.expires_at,
        *_PERSON,
    )
    .join(_person, _person.c.id == _sign_in.c.person_id)
    .where(_sign_in.c.secret_hash == bindparam("hash"))
)
_BY_TOKEN = Prepared(
    select(
        _token.c.id,
        _token.c.ceiling,
        _token.c.scopes,
        _token.c.seen_at,
        _token.c.expires_at,
        *_PERSON,
    )
    .join(_person, _person.c.id == _token.c.person_id)
    .where(_token.c.secret_hash == bindparam("hash"))
)
