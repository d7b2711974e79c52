"""What a task's answers say together, the same wherever it is shown: as the worker found it, or counted until it has.

A reviewer's word and a known answer stand above both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from strongroom.label.consensus import Agreed, consensus, support
from strongroom.label.form import Questions
from strongroom.label.tables import TaskConsensus
from strongroom.vault import ReaderSession, core, listed

_consensus = core(TaskConsensus)
FINAL = ("adjudicated", "gold")
"""The methods that no further answer changes."""


class Stored(NamedTuple):
    """What the worker found; of today if the answers' revisions still add up to `basis`."""

    agreed: dict[str, Agreed]
    confidence: float
    disputed: bool
    basis: int


def stored(session: ReaderSession, task_ids: Iterable[str]) -> dict[str, Stored]:
    """Of those among these tasks that the worker has looked at."""
    rows = session.connection().execute(
        select(
            _consensus.c.task_id,
            _consensus.c.value,
            _consensus.c.detail,
            _consensus.c.confidence,
            _consensus.c.disputed,
            _consensus.c.basis,
        ).where(_consensus.c.task_id.in_(listed(task_ids)))
    )
    return {row[0]: Stored(told(row[1], row[2]), *row[3:]) for row in rows}


def told(value: Mapping[str, Any], detail: Mapping[str, Sequence[Any]]) -> dict[str, Agreed]:
    """A stored consensus as it is told."""
    return {key: Agreed(value[key], *detail[key]) for key in value}


def agreed(
    questions: Questions, results: Sequence[Mapping[str, Any]], basis: int, found: Stored | None
) -> dict[str, Agreed]:
    """`results` in the order of submission, whose revisions add up to `basis`; `found` for the same task."""
    if found is not None and found.basis == basis:
        return found.agreed
    now = consensus(questions, results)
    if found is not None:
        now |= {key: each for key, each in found.agreed.items() if each.method in FINAL}
    return now


def decided(
    questions: Questions,
    agreed_so_far: Mapping[str, Agreed],
    results: Sequence[Mapping[str, Any]],
    known: Mapping[str, Any],
    method: str,
) -> dict[str, Agreed]:
    """With what is known for certain put in the place of what was found."""
    final = dict(agreed_so_far)
    for field in questions.fields:
        if field.key in known:
            value = known[field.key]
            final[field.key] = Agreed(value, *support(field, value, results), 1.0, method)
    return {field.key: final[field.key] for field in questions.fields if field.key in final}
