"""Receipts: a request repeated under the same idempotency key gets the first answer and does nothing again.

The receipt is written in the transaction of the act, at its marking; whoever can't see the act can't see that it
happened. A key belongs to its person, its level and one request: the same key with another body is a conflict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import delete, select

from strongroom.errors import ConflictError
from strongroom.people.tables import Receipt
from strongroom.vault import ReaderSession, clock

KEPT = timedelta(days=7)

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The key of a request, if it carries one, and a digest of what it asks."""

    key: str | None
    request: str

    def with_content(self, digest: str) -> Idempotency:
        """The same with the digest of an upload, whose body is not read whole."""
        return Idempotency(self.key, _digest(f"{self.request} {digest}"))


async def _idempotency(
    request: Request, idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None
) -> Idempotency:
    if idempotency_key is None:
        return _NONE
    upload = request.headers.get("content-type", "").startswith("multipart/")
    body = b"" if upload else await request.body()
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    return Idempotency(idempotency_key, hashlib.sha256(asked).hexdigest())


_NONE = Idempotency(None, "")
IdempotencyDep = Annotated[Idempotency, Depends(_idempotency)]


def once(
    session: ReaderSession,
    person_id: str,
    idempotency: Idempotency,
    answer: type[Answer],
    act: Callable[[], Answer],
) -> Answer:
    """What `act` answers, or what it answered the first time. In a writing session; commits with it.

    Raises ConflictError when the key was used for another request.
    """
    if idempotency.key is None:
        return act()
    key_hash = _digest(f"{person_id} {idempotency.key}")
    found = session.execute(
        select(Receipt.request_hash, Receipt.answer).where(
            Receipt.marking_id == session.level_id,
            Receipt.person_id == person_id,
            Receipt.key_hash == key_hash,
        )
    ).one_or_none()
    if found is not None:
        if found.request_hash != idempotency.request:
            raise ConflictError(
                "This idempotency key was used for another request.",
                remedy="Take a new key for a new request.",
            )
        return answer.model_validate_json(found.answer)
    given = act()
    session.add(
        Receipt(
            person_id=person_id,
            key_hash=key_hash,
            request_hash=idempotency.request,
            answer=given.model_dump_json(by_alias=True),
        )
    )
    if key_hash.startswith("0"):  # one time in sixteen is often enough
        _forget_old(session, person_id)
    return given


def _forget_old(session: ReaderSession, person_id: str) -> None:
    session.execute(
        delete(Receipt).where(
            Receipt.marking_id == session.level_id,
            Receipt.person_id == person_id,
            Receipt.created_at < clock.now() - KEPT,
        )
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
