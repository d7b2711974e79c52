"""Who is paused: told from gold answers alone, by a rule that a person can check."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select

from strongroom.label.judge.evidence import Evidence
from strongroom.label.known import is_right
from strongroom.label.tables import Standing
from strongroom.vault import ReaderSession, clock


def judge_people(session: ReaderSession, project_id: str, evidence: Evidence) -> None:
    """Pause, at the session's level, whoever has a smaller share of gold right than the rule wants. Only a manager lifts it."""
    gold = evidence.rules.gold
    if gold is None or gold.pause_below is None:
        return
    scored: defaultdict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for answer in evidence.answers:
        known = evidence.gold.get(answer.task)
        if known is not None and answer.origin == "desk":
            right = is_right(evidence.questions, known, answer.result)
            scored[answer.person_id].append((answer.submitted_at, right))
    seen = session.scalars(select(Standing).where(Standing.project_id == project_id)).all()
    paused = {each.person_id for each in seen if each.state != "working"}
    mine = {each.person_id: each for each in seen if each.marking_id == session.level_id}
    since: dict[str, datetime] = {}
    for each in seen:
        if each.counted_from is not None:
            since[each.person_id] = max(since.get(each.person_id, each.counted_from), each.counted_from)
    for person, answers in sorted(scored.items()):
        counted = [right for at, right in answers if person not in since or at > since[person]]
        low = sum(counted) < gold.pause_below * len(counted)
        if person in paused or len(counted) < gold.pause_after or not low:
            continue
        row = mine.get(person)
        if row is None:
            row = Standing(project_id=project_id, person_id=person, state="paused", correct=0, counted=0)
            session.add(row)
        row.state, row.correct, row.counted = "paused", sum(counted), len(counted)
        row.changed_at, row.changed_by = clock.now(), None
        session.audit(
            "person.pause", "person", person, project=project_id, correct=row.correct, counted=row.counted
        )
    session.flush()
