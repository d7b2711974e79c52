"""Who may be given tasks: qualified by gold first, paused by it later, and lifted by a manager."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, literal, select

from strongroom.errors import ConflictError, NotFoundError
from strongroom.label import known
from strongroom.label.cards import cards
from strongroom.label.form import Questions
from strongroom.label.project import present
from strongroom.label.refusals import PausedError
from strongroom.label.rules import Rules
from strongroom.label.schemas import StandingOut
from strongroom.label.tables import GOLD, Annotation, KnownAnswer, Project, Standing
from strongroom.people import MarkingOut
from strongroom.vault import ReaderSession, clock, load


def admit(session: ReaderSession, project_id: str, rules: Rules) -> bool:
    """Whether the reader has gold tasks to answer before being given others. PausedError for who is given none.

    Asks nothing of the database in a project without such rules.
    """
    if rules.qualify is None and (rules.gold is None or rules.gold.pause_below is None):
        return False
    person_id = session.reader.person_id
    mine = session.scalars(
        select(Standing).where(Standing.project_id == project_id, Standing.person_id == person_id)
    ).all()
    if any(each.state == "paused" for each in mine):
        raise PausedError(
            "Your answers to some tasks whose answer is known differ from it too often.",
            kept="Everything you submitted is kept.",
            remedy="Read the guideline again and talk to the project's managers: they see the answers, and can let you go on.",
        )
    if any(each.state == "failed" for each in mine) and not any(each.state == "working" for each in mine):
        raise _not_qualified()
    if rules.qualify is None or mine:
        return False
    return _untried(session, project_id, rules)


def _untried(session: ReaderSession, project_id: str, rules: Rules) -> bool:
    """Whether more gold is needed; when there is enough of it, the outcome is put down, and PausedError raised for a bad one."""
    assert rules.qualify is not None
    questions = Questions.model_validate(load(session, Project, project_id).form)
    answered = session.execute(
        select(KnownAnswer.result, Annotation.result)
        .join(Annotation, Annotation.task_id == KnownAnswer.task_id)
        .where(
            KnownAnswer.project_id == project_id,
            KnownAnswer.role == GOLD,
            Annotation.person_id == session.reader.person_id,
            Annotation.latest == literal(True),
        )
    ).all()
    there = session.scalar(
        select(func.count())
        .select_from(KnownAnswer)
        .where(
            KnownAnswer.marking_id == session.level_id,
            KnownAnswer.project_id == project_id,
            KnownAnswer.role == GOLD,
        )
    )
    enough = min(rules.qualify.answers, int(there or 0))
    if len(answered) < enough:
        return True
    right = sum(known.is_right(questions, truth, answer) for truth, answer in answered)
    passed = right >= rules.qualify.score * len(answered)
    if answered:
        session.add(
            Standing(
                project_id=project_id,
                person_id=session.reader.person_id,
                state="working" if passed else "failed",
                correct=right,
                counted=len(answered),
                changed_at=clock.now(),
            )
        )
        session.audit(
            "person.qualify",
            "person",
            session.reader.person_id,
            "done" if passed else "refused",
            project=project_id,
        )
    if not passed:
        raise _not_qualified()
    return False


def _not_qualified() -> PausedError:
    return PausedError(
        "The first tasks of this project decide who goes on with it, and too many of your answers were not the known ones.",
        kept="Everything you submitted is kept.",
        remedy="Talk to the project's managers: they see the answers, and can let you go on.",
    )


def of_project(session: ReaderSession, project_id: str) -> list[StandingOut]:
    """Everyone about whom something was decided, as far as the session sees, the latest first."""
    project = present(session, project_id)
    rows = session.scalars(
        select(Standing)
        .where(Standing.project_id == project_id)
        .order_by(Standing.changed_at.desc(), Standing.id)
    ).all()
    session.audit("standing.list", "project", project_id, marking=[project, *rows], count=len(rows))
    return _out(session, rows)


def lift(session: ReaderSession, project_id: str, person_id: str) -> StandingOut:
    """Give somebody tasks again, at the session's level; gold answers so far count no more.

    NotFoundError where nothing was decided about the person at this level, ConflictError where they aren't stopped.
    """
    row = session.scalars(
        select(Standing).where(
            Standing.marking_id == session.level_id,
            Standing.project_id == project_id,
            Standing.person_id == person_id,
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError
    if row.state == "working":
        raise ConflictError("This person is given tasks already.")
    row.state = "working"
    row.counted_from = row.changed_at = clock.now()
    row.changed_by = session.reader.person_id
    session.flush()
    session.audit("person.lift", "person", person_id, project=project_id)
    return _out(session, [row])[0]


def _out(session: ReaderSession, rows: Sequence[Standing]) -> list[StandingOut]:
    names = cards(
        session, [each.person_id for each in rows] + [each.changed_by for each in rows if each.changed_by]
    )
    return [
        StandingOut(
            person=names[each.person_id],
            marking=MarkingOut.of(session.marking(each)),
            state=each.state,
            correct=each.correct,
            counted=each.counted,
            changed_at=each.changed_at,
            changed_by=names[each.changed_by] if each.changed_by else None,
        )
        for each in rows
    ]
