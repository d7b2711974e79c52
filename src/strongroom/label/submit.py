"""Handing in an answer, once or again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from strongroom.errors import ConflictError, InvalidError
from strongroom.label import form, known, refit, result, rules, slots
from strongroom.label.desk import Held, keep_draft, retake
from strongroom.label.refusals import (
    KEPT,
    LeaseLostError,
    NoLongerMemberError,
    ProjectRemovedError,
    UnfitAnswerError,
)
from strongroom.label.schemas import Feedback, SubmitOut
from strongroom.label.tables import TRAINING, Annotation, Assignment, KnownAnswer
from strongroom.people import Idempotency
from strongroom.vault import Prepared, ReaderSession, clock, core, ids

_annotation, _assignment = core(Annotation), core(Assignment)


def submit(
    session: ReaderSession,
    held: Held,
    *,
    lease: str | None,
    answer: Mapping[str, Any],
    seconds: float,
    idempotency: Idempotency,
) -> SubmitOut:
    """Store an answer, as the next revision if there was one before.

    The same request under the same idempotency key is answered the same and does nothing. A lease that ran out still
    counts while a slot is open. Refusals keep the answer as a draft: LeaseLostError, ProjectRemovedError,
    NoLongerMemberError, UnfitAnswerError.
    """
    repeated = _repeated(session, held, idempotency)
    if repeated is not None:
        return repeated
    try:
        checked = _accepted(session, held, lease, answer)
        slot = held.slot if held.slot is not None else retake(session, held)
    except (LeaseLostError, ProjectRemovedError, NoLongerMemberError, UnfitAnswerError):
        keep_draft(session, held.id, answer)
        session.audit("annotation.submit", "assignment", held.id, "refused")
        raise
    now, revision = clock.now(), held.revision + 1
    connection, level_id = session.connection(), session.level_id
    if revision == 1:
        slots.count_answer(connection, level_id, held.task_id)
    else:
        connection.execute(_SUPERSEDE, {"p_level": level_id, "p_id": held.id})
    _INSERT.change(
        connection,
        {
            "id": ids.new_id(),
            "marking_id": level_id,
            "assignment_id": held.id,
            "task_id": held.task_id,
            "project_id": held.project_id,
            "person_id": session.reader.person_id,
            "result": checked,
            "revision": revision,
            "latest": True,
            "seconds": seconds,
            "submitted_at": now,
            "guideline_version": held.guideline_version,
            "origin": "desk",
            "request_key": idempotency.key,
            "request_hash": idempotency.request if idempotency.key else None,
        },
    )
    _SUBMITTED.change(
        connection,
        {"p_level": level_id, "p_id": held.id, "p_slot": slot, "p_revision": revision, "p_now": now},
    )
    session.audit("annotation.submit", "assignment", held.id, task=held.task_id, revision=revision)
    if held.role != TRAINING:
        refit.ask(session, held.project_id, rules.rules(held.rules))
    return SubmitOut(
        assignment_id=held.id,
        revision=revision,
        submitted_at=now,
        feedback=_feedback(session, held, checked),
    )


def _feedback(session: ReaderSession, held: Held, answer: Mapping[str, Any]) -> Feedback | None:
    """What a training task has to say afterwards. Every other task is silent, gold too."""
    if held.role != TRAINING:
        return None
    found = session.execute(
        select(KnownAnswer.result, KnownAnswer.explanation).where(
            KnownAnswer.marking_id == session.level_id, KnownAnswer.task_id == held.task_id
        )
    ).one()
    right = known.is_right(form.questions(held.form), found.result, answer)
    return Feedback(right=right, result=found.result, explanation=found.explanation)


def _accepted(
    session: ReaderSession, held: Held, lease: str | None, answer: Mapping[str, Any]
) -> result.Result:
    if held.project_removed:
        raise ProjectRemovedError(kept=KEPT, remedy="Ask the project's owner if the work is still wanted.")
    if not held.member:
        raise NoLongerMemberError(kept=KEPT, remedy="Ask the project's owner.")
    if held.state != "submitted" and lease != held.lease:
        raise LeaseLostError(
            "This is not the lease that the task was given with.", kept=KEPT, remedy="Reload the task."
        )
    try:
        return result.check(form.questions(held.form), held.text_length, answer)
    except InvalidError as unfit:
        raise UnfitAnswerError(
            unfit.detail, kept=KEPT, remedy="Correct it and submit again.", **unfit.extra
        ) from None


def _repeated(session: ReaderSession, held: Held, idempotency: Idempotency) -> SubmitOut | None:
    if idempotency.key is None:
        return None
    found = _BY_KEY.first(
        session.connection(),
        {"p_level": session.level_id, "p_person": session.reader.person_id, "p_key": idempotency.key},
    )
    if found is None:
        return None
    if found.request_hash != idempotency.request:
        raise ConflictError(
            "This idempotency key was used for another request.", remedy="Take a new key for a new request."
        )
    return SubmitOut(
        assignment_id=found.assignment_id,
        revision=found.revision,
        submitted_at=found.submitted_at,
        feedback=_feedback(session, held, found.result),
    )


_BY_KEY = Prepared(
    select(
        _annotation.c.request_hash,
        _annotation.c.assignment_id,
        _annotation.c.revision,
        _annotation.c.submitted_at,
        _annotation.c.result,
    ).where(
        _annotation.c.marking_id == bindparam("p_level"),
        _annotation.c.person_id == bindparam("p_person"),
        _annotation.c.request_key == bindparam("p_key"),
    )
)
_SUPERSEDE = (
    update(_annotation)
    .where(
        _annotation.c.marking_id == bindparam("p_level"),
        _annotation.c.assignment_id == bindparam("p_id"),
        _annotation.c.latest,
    )
    .values(latest=False)
)
_INSERT = Prepared(insert(_annotation))
_SUBMITTED = Prepared(
    update(_assignment)
    .where(_assignment.c.marking_id == bindparam("p_level"), _assignment.c.id == bindparam("p_id"))
    .values(
        state="submitted",
        slot=bindparam("p_slot"),
        revision=bindparam("p_revision"),
        changed_at=bindparam("p_now"),
        skip_reason=None,
        draft=None,
        draft_saved_at=None,
    )
)
