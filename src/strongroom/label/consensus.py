"""What the answers to one task say together when votes are counted, by stated rules, with the share that stands behind it.

It is what a project gets that asks for it, and every project until there is evidence enough for a model
(`strongroom.label.judge`).

* **class, one label**: the most frequent label; a tie goes to the label that the form lists first. The share is
  votes / answers.
* **class, several labels**: every label that more than half chose; one with exactly half is left out. The share is the
  mean of votes / answers over the chosen labels.
* **spans**: every (start, end, label) that more than half marked exactly so; share as above.
* **text**: the most frequent exact text; a tie goes to the one submitted first. The share is votes / answers.

Where several labels or spans may be chosen and none was by more than half, the value is empty and the share is that of
the answers that are empty too. `votes` counts the answers that equal the value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from strongroom.label.form import ClassField, Questions, SpansField, TextField
from strongroom.label.result import spans_of

ENOUGH_ANSWERS, ENOUGH_COMPARED = 60, 20
"""Answers, and tasks with two or more of them, below which votes are counted: a model would fit noise."""

VERSION = 2
"""Of how a consensus is made, by votes or by model; it goes with every dataset. 1 knew votes alone."""


class Agreed(NamedTuple):
    """The consensus on one field. `share` in 0…1; `votes` of `answers` equal `value`.

    `method` is `majority`, or `model` where annotators were weighed by how right they are, `adjudicated` where a
    reviewer decided, `gold` where the answer was known. `confidence`, 0…1, is how probably the value is right; None
    where votes were only counted.
    """

    value: Any
    share: float
    votes: int
    answers: int
    confidence: float | None = None
    method: str = "majority"


def consensus(questions: Questions, answers: Sequence[Mapping[str, Any]]) -> dict[str, Agreed]:
    """Per field key. `answers` in the order of submission. A field that nobody answered has no entry."""
    agreed: dict[str, Agreed] = {}
    for field in questions.fields:
        key = field.key
        if isinstance(field, SpansField):
            found = _chosen([spans_of(answer.get(key)) for answer in answers])
            if found is not None:
                chosen, share, votes = found
                value: Any = [{"start": s, "end": e, "label": label} for s, e, label in sorted(chosen)]
                agreed[key] = Agreed(value, share, votes, len(answers))
        elif isinstance(field, ClassField) and field.multiple:
            found = _chosen([frozenset(answer.get(key) or ()) for answer in answers])
            if found is not None:
                chosen, share, votes = found
                agreed[key] = Agreed(sorted(chosen), share, votes, len(answers))
        else:
            given = [answer[key] for answer in answers if key in answer]
            if given:
                order = (
                    {label.id: n for n, label in enumerate(field.labels)}
                    if isinstance(field, ClassField)
                    else {}
                )
                agreed[key] = _most_frequent(given, order)
    return agreed


def support(
    field: ClassField | SpansField | TextField, value: Any, answers: Sequence[Mapping[str, Any]]
) -> tuple[float, int, int]:
    """The share that stands behind a value, whoever chose it, how many answers equal it, and of how many."""
    key = field.key
    if isinstance(field, SpansField):
        sets = [spans_of(answer.get(key)) for answer in answers]
        return _behind(spans_of(value), sets)
    if isinstance(field, ClassField) and field.multiple:
        return _behind(frozenset(value or ()), [frozenset(answer.get(key) or ()) for answer in answers])
    given = [answer[key] for answer in answers if key in answer]
    votes = given.count(value)
    return (votes / len(given) if given else 0.0), votes, len(given)


def _behind(chosen: frozenset[Any], sets: Sequence[frozenset[Any]]) -> tuple[float, int, int]:
    votes = sum(1 for one in sets if one == chosen)
    if not sets:
        return 0.0, 0, 0
    if not chosen:
        return votes / len(sets), votes, len(sets)
    return sum(len(one & chosen) for one in sets) / (len(chosen) * len(sets)), votes, len(sets)


def _most_frequent(given: Sequence[str], order: Mapping[str, int]) -> Agreed:
    """`order` settles ties; values that it lacks come after, first given first (Counter keeps that order)."""
    counts = Counter(given)
    top = max(counts.values())
    value = min(
        (item for item, votes in counts.items() if votes == top), key=lambda item: order.get(item, len(order))
    )
    return Agreed(value, top / len(given), top, len(given))


def _chosen(sets: Sequence[frozenset[Any]]) -> tuple[frozenset[Any], float, int] | None:
    if not sets:
        return None
    answers = len(sets)
    counts = Counter(_flat(sets))
    chosen = frozenset(item for item, votes in counts.items() if votes * 2 > answers)
    share, votes, _ = _behind(chosen, sets)
    return chosen, share, votes


def _flat(sets: Iterable[frozenset[Any]]) -> Iterable[Any]:
    return (item for one in sets for item in one)


def likeness(field: ClassField | SpansField, one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """How alike two answers are on a field, 0…1: equal or not for one label; for several labels and for spans the
    F1 of one set against the other (two empty sets are alike)."""
    a, b = one.get(field.key), other.get(field.key)
    if isinstance(field, ClassField) and not field.multiple:
        return float(a == b)
    left = spans_of(a) if isinstance(field, SpansField) else frozenset(a or ())
    right = spans_of(b) if isinstance(field, SpansField) else frozenset(b or ())
    return 2 * len(left & right) / (len(left) + len(right)) if left or right else 1.0
