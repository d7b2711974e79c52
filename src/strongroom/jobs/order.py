"""Orders to the worker: given in the transaction that makes or resumes a job, sealed, struck when the run is over."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime

from sqlalchemy import delete, event, or_, select

from strongroom.jobs import bell
from strongroom.jobs.tables import Job, Order
from strongroom.people import Clearances
from strongroom.vault import Reader, ReaderSession, Vault, clock


def give(session: ReaderSession, job: Job, due_at: datetime | None = None) -> None:
    """Has the worker run the job as the session's reader, as soon as the transaction is committed and `due_at` has
    come."""
    reader = session.reader
    order = Order(
        job_id=job.id,
        run=job.run,
        person_id=reader.person_id,
        login=reader.login,
        level=str(session.level),
        ceiling=json.dumps(reader.clearance.to_json(), sort_keys=True, ensure_ascii=False),
        given_at=clock.now(),
        due_at=due_at,
    )
    order.seal = _seal(session.vault, order)
    session.add(order)
    session.flush()
    if due_at is None:
        event.listen(session, "after_commit", lambda committed: bell.ring(committed.vault.folder), once=True)


def waiting(vault: Vault, by: datetime | None = None) -> list[tuple[str, int]]:
    """The orders that are not carried out yet, as (job id, run), oldest first: those due `by` a moment, or all."""
    orders = select(Order.job_id, Order.run).order_by(Order.given_at, Order.job_id, Order.run)
    if by is not None:
        orders = orders.where(or_(Order.due_at.is_(None), Order.due_at <= by))
    with vault.registry() as session:
        return [(row.job_id, row.run) for row in session.execute(orders)]


def find(vault: Vault, job_id: str, run: int) -> Order | None:
    """The order, if it still stands and its seal is whole."""
    with vault.registry() as session:
        order = session.get(Order, (job_id, run))
    if order is None or not hmac.compare_digest(order.seal, _seal(vault, order)):
        return None
    return order


def strike(vault: Vault, job_id: str, run: int) -> None:
    with vault.registry(write=True) as session:
        session.execute(delete(Order).where(Order.job_id == job_id, Order.run == run))


def reader_of(vault: Vault, order: Order) -> Reader:
    """The person as they were when they gave the order, at its level: to look at the job and to write down its end."""
    return Reader(
        person_id=order.person_id,
        login=order.login,
        clearance=Clearances(vault.scheme).read(order.ceiling),
        level=vault.scheme.parse(order.level),
        how="job",
        request_id=order.job_id,
    )


def _seal(vault: Vault, order: Order) -> str:
    said = [order.job_id, order.run, order.person_id, order.login, order.level, order.ceiling]
    return hmac.digest(vault.key("jobs.order"), json.dumps(said).encode(), hashlib.sha256).hex()
