"""The job that destroys what a spill brought: begun once, finished however often its worker dies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from strongroom.custody.rights import OFFICER
from strongroom.custody.spills import in_quarantine
from strongroom.custody.tables import Spill, SpillDecision
from strongroom.errors import NotPermittedError
from strongroom.jobs import JobContext, job
from strongroom.people import Person
from strongroom.vault import clock, core, load, purge
from strongroom.vault.remark import Moved

_decision = core(SpillDecision)


@job("custody.purge")
def destroy(context: JobContext) -> None:
    """Raises NotPermittedError when its person is no security officer any more, BusyError while somebody reads so long
    that the log can't be emptied: resume it then."""
    assert context.job.subject_id is not None
    with context.reading() as session:
        duties = session.scalar(select(Person.duties).where(Person.id == context.reader.person_id)) or []
        if OFFICER not in duties:
            raise NotPermittedError("The person who decided this is no security officer any more.")
        decision = load(session, SpillDecision, context.job.subject_id)
        if decision.state == "done":
            return
        spill = load(session, Spill, decision.spill_id)

    context.progress(0, 3, "Deleting")
    purge.begin(
        context.vault,
        context.reader,
        (spill.thing_kind, spill.thing_id),
        spill.id,
        decision.id,
        lambda connection: in_quarantine(connection, spill.id, decision.kinds),
    )
    context.progress(1, 3, "Destroying files, rewriting the database, searching for what is left")
    proof = purge.finish(context.vault, decision.id)

    def note_done(connection: Connection, _: Moved) -> None:
        values: dict[str, Any] = {"state": "done", "done_at": clock.now(), "proof": proof.to_json()}
        connection.execute(update(_decision).where(_decision.c.id == decision.id).values(values))

    purge.put_away(context.vault, decision.id, note_done)
    context.progress(3, 3)
