"""Having the worker look at the answers again: what they say together, who to ask next, how people are doing.

Each level has its own: a job at a level reads what is no higher and writes what is exactly there. An order is part of
the transaction of the answer that caused it, and due some seconds later; until then further answers need no order of
their own. So every answer is looked at soon after it came, whatever is killed in between, and the desk pays with a
look into a dictionary.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import event, select

from strongroom import jobs
from strongroom.jobs import Job, JobContext, job
from strongroom.label.rules import Rules
from strongroom.label.tables import Findings
from strongroom.vault import ReaderSession, Vault, clock, load

SOON = timedelta(seconds=3)
"""Where the queue waits for it, or a pause does."""
LATER = timedelta(seconds=15)
ANSWERS_A_SECOND = 2_500
"""With many answers the worker looks less often: a twentieth of its time goes into this, whatever their number."""
_MARGIN = timedelta(seconds=1)

_due: WeakKeyDictionary[Vault, dict[tuple[str, int], datetime]] = WeakKeyDictionary()
"""Until when an order that this process gave stands, by project and level."""


def ask(session: ReaderSession, project_id: str, rules: Rules, *, at_once: bool = False) -> None:
    """See to it that a job looks at what this session writes. Call it in the session, as often as you like.

    `at_once`: where somebody waits for what comes of it.
    """
    due = _due.setdefault(session.vault, {})
    key, now = (project_id, session.level_id), clock.now()
    if due.get(key, now) > now + _MARGIN and not at_once:
        return
    found = session.scalars(
        select(Findings).where(Findings.marking_id == session.level_id, Findings.project_id == project_id)
    ).one_or_none()
    pause = SOON if rules.ask or rules.gold or rules.qualify else LATER
    if found is not None:
        pause = max(pause, timedelta(seconds=found.answers / ANSWERS_A_SECOND))
    until = now if at_once else now + pause
    if found is None:
        begun = jobs.start(session, "label.refit", project_id=project_id, due_at=until)
        session.add(Findings(project_id=project_id, job_id=begun.id, answers=0, basis=0))
        session.flush()
    elif not jobs.again(session, load(session, Job, found.job_id), until):
        found.job_id = jobs.start(session, "label.refit", project_id=project_id, due_at=until).id
        session.flush()

    def ordered(_: ReaderSession) -> None:
        due[key] = until

    event.listen(session, "after_commit", ordered, once=True)


@job("label.refit")
def look(context: JobContext) -> None:
    """NumPy and SciPy are loaded here, in the worker, and nowhere in the web process."""
    from strongroom.label import judge

    judge.look(context)
