"""Orders to the worker: given in the transaction that makes or resumes a job, sealed, struck when the run is over."""

from __future__ import annotations

import hashlib
import hmac
import json

from sqlalchemy import delete, event, select

from strongroom.jobs import bell
from strongroom.jobs.tables import Job, Order
from strongroom.people import Clearances
from strongroom.vault import Reader, ReaderSession, Vault, clock


def give(session: ReaderSession, job: Job) -> None:
    """Has the worker run the job as the session's reader, as soon as the transaction is committed."""
    reader = session.reader
    order = Order(
        job_id=job.id,
        run=job.run,
        person_id=reader.person_id,
        login=reader.login,
        level=str(session.level),
        ceiling=json.dumps(reader.clearance.to_json(), sort_keys=True, ensure_ascii=False),
        given_at=clock.now(),
    )
    order.seal = _seal(session.vault, order)
    session.add(order)
    session.flush()
    event.listen(session, "after_commit", lambda committed: bell.ring(committed.vault.folder), once=True)


def waiting(vault: Vault) -> list[tuple[str, int]]:
    """The orders that are not carried out yet, as (job id, run), oldest first."""
    with vault.registry() as session:
        found = session.execute(
            select(Order.job_id, Order.run).order_by(Order.given_at, Order.job_id, Order.run)
        )
        return [(row.job_id, row.run) for row in found]


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
