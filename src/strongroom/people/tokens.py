"""API tokens: made, listed, withdrawn by their owner. Shown once, stored hashed, recognisable when leaked (srt_)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select

from strongroom.errors import InvalidError, NotFoundError
from strongroom.people import credentials
from strongroom.people.schemas import Scope
from strongroom.people.tables import ApiToken
from strongroom.vault import RegistrySession, clock

MOST = 100


def issue(
    session: RegistrySession,
    person_id: str,
    name: str,
    scopes: Sequence[Scope],
    *,
    days: int,
    longest_days: int,
    ceiling: str | None = None,
) -> tuple[ApiToken, str]:
    """A new token of a person and its secret. `ceiling` is canonical JSON of a clearance.

    Raises InvalidError for a life beyond `longest_days`, or when the person has too many tokens.
    """
    if days > longest_days:
        mistake = {"where": "body.expires_in_days", "why": f"a token lives at most {longest_days} days"}
        raise InvalidError("That token cannot be made.", errors=[mistake])
    now = clock.now()
    session.execute(delete(ApiToken).where(ApiToken.person_id == person_id, ApiToken.expires_at <= now))
    if len(session.scalars(select(ApiToken.id).where(ApiToken.person_id == person_id)).all()) >= MOST:
        raise InvalidError(f"A person has at most {MOST} tokens.", remedy="Withdraw some first.")
    secret = credentials.TOKEN_PREFIX + credentials.new_secret()
    token = ApiToken(
        secret_hash=credentials.digest(secret),
        person_id=person_id,
        name=name,
        scopes=sorted(set(scopes)),
        ceiling=ceiling,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    return token, secret


def tokens_of(session: RegistrySession, person_id: str) -> list[ApiToken]:
    """The tokens of a person, newest first, those past their time included."""
    mine = select(ApiToken).where(ApiToken.person_id == person_id)
    return list(session.scalars(mine.order_by(ApiToken.created_at.desc(), ApiToken.id)))


def withdraw(session: RegistrySession, person_id: str, token_id: str) -> None:
    """Ends a token of that person at once. Raises NotFoundError for anybody else's."""
    token = session.get(ApiToken, token_id)
    if token is None or token.person_id != person_id:
        raise NotFoundError
    session.delete(token)
