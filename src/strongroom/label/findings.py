"""What the worker found out about a project, as those see it who look after it: level by level, and no level they don't see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal, select

from strongroom.label import standing
from strongroom.label.cards import cards
from strongroom.label.project import present
from strongroom.label.schemas import FindingsOut, LevelFindings
from strongroom.label.tables import TRAINING, Annotation, Findings, Task
from strongroom.people import MarkingOut, PersonCard
from strongroom.vault import ReaderSession


def findings(session: ReaderSession, project_id: str) -> FindingsOut:
    """Raises NotFoundError for a project that isn't there."""
    project = present(session, project_id)
    rows = session.scalars(
        select(Findings).where(Findings.project_id == project_id, Findings.found.is_not(None))
    ).all()
    now = _revisions(session, project_id)
    people = {each["person_id"] for row in rows for each in _people(row)}
    names = cards(session, people)
    levels = []
    for row in rows:
        marking = session.marking(row)
        basis = sum(count for number, count in now.items() if session.marking(number) <= marking)
        levels.append((marking, _told(row, MarkingOut.of(marking), max(0, basis - row.basis), names)))
    levels.sort(key=lambda pair: (pair[0].level.rank, str(pair[0])))
    session.audit("findings.read", "project", project_id, marking=[project, *rows])
    return FindingsOut(
        levels=[told for _, told in levels], standings=standing.of_project(session, project_id)
    )


def _revisions(session: ReaderSession, project_id: str) -> dict[int, int]:
    """How many revisions the answers of each marking have."""
    rows = session.execute(
        select(Annotation.marking_id, func.sum(Annotation.revision))
        .join(Task, Task.id == Annotation.task_id)
        .where(
            Annotation.project_id == project_id,
            Annotation.latest == literal(True),
            Task.role != TRAINING,
        )
        .group_by(Annotation.marking_id)
    )
    return {number: int(count) for number, count in rows}


def _people(row: Findings) -> list[dict[str, Any]]:
    found = row.found or {}
    return [*found["annotators"], *found["suspicions"]]


def _told(row: Findings, marking: MarkingOut, behind: int, names: dict[str, PersonCard]) -> LevelFindings:
    found = dict(row.found or {})
    for part in ("annotators", "suspicions"):
        found[part] = [
            {**each, "person": names[each["person_id"]]} for each in found[part] if each["person_id"] in names
        ]
    return LevelFindings.model_validate(
        {**found, "marking": marking, "made_at": row.made_at, "answers": row.answers, "behind": behind}
    )
