"""Relations between spans: who works for whom, what was caused by what.

First the spans (see `strongroom.quality.kinds.spans`). Each annotator's spans are then matched one to one with those of the
consensus, and with them the ends of their relations. A pair of spans that somebody linked is a candidate; the annotators who have
both spans and no link between them passed it over; who lacks one of the spans says nothing about it. `presence` does the rest.
Where an annotator links the same two spans twice, each label is a candidate of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from strongroom.quality.answers import Floats, in_order
from strongroom.quality.errors import AnswersError
from strongroom.quality.kinds import spans as spans_kind
from strongroom.quality.kinds.answer import Answer, Gathered, Outcome, gather
from strongroom.quality.kinds.matching import pairs
from strongroom.quality.kinds.objects import SAME_LABEL, Found, outcome
from strongroom.quality.kinds.presence import NOTHING, Presence, Votes, presence
from strongroom.quality.kinds.spans import Span

LEAST_LIKENESS = 0.5
"""The share of characters, intersection over union, from which an annotator's span may be one of the consensus."""


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """From the span at position `head` to that at `tail` in the answer's spans."""

    head: int
    tail: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """Spans and what links them. Raises AnswersError for a relation whose ends are no spans."""

    spans: tuple[Span, ...]
    relations: tuple[Relation, ...]

    def __post_init__(self) -> None:
        ends = [end for relation in self.relations for end in (relation.head, relation.tail)]
        if ends and not 0 <= min(ends) <= max(ends) < len(self.spans):
            raise AnswersError("A relation begins or ends at a span that is not there.")


@dataclass(frozen=True, slots=True)
class Relations(Outcome[Linked]):
    """In the consensus spans are sorted, and so are relations.

    `spans` and `relations` hold all candidates of each item with their probabilities; that of a relation is given its spans.
    Reliability is the expected F1 of an annotator's relations; one between spans that the consensus lacks is wrong.
    """

    spans: Mapping[Hashable, tuple[Found[Span], ...]]
    relations: Mapping[Hashable, tuple[Found[Relation], ...]]


@dataclass(frozen=True, slots=True)
class _Candidate:
    item: Hashable
    head: int
    tail: int
    layer: str | None


def fit(answers: Iterable[Answer[Linked]], *, least_confidence: float = 0.5) -> Relations:
    """The spans and relations that the answers speak for; `least_confidence` is that of `spans.fit`."""
    gathered = gather(answers)
    found = spans_kind.fit(
        (Answer(item, gathered.annotators[who], linked.spans) for item, who, linked in gathered.values()),
        least_confidence=least_confidence,
    )
    links = {(item, who): _moved(linked, found.consensus[item]) for item, who, linked in gathered.values()}
    marks, looked = _candidates(links)
    labels = [str(name) for name in in_order({label for given in marks.values() for label in given.values()})]
    judged = presence(_votes(list(marks), marks, looked, labels, len(gathered.annotators)))
    values = [Relation(c.head, c.tail, min(marks[c].values())) for c in marks]
    relations = outcome(
        Gathered(gathered.annotators, {item: {} for item in gathered.by_item}),
        [(c.item, tuple(marks[c])) for c in marks],
        judged,
        values,
        labels,
    )
    return Relations(
        consensus={
            item: Linked(found.consensus[item], tuple(sorted(relations.consensus[item])))
            for item in gathered.by_item
        },
        reliability=gathered.named(_expected_f1(gathered, marks, judged, labels)),
        spans=found.found,
        relations=relations.found,
    )


@dataclass(frozen=True, slots=True)
class _Links:
    """An annotator's relations between spans of the consensus, and which of these spans they have."""

    has: frozenset[int]
    relations: frozenset[Relation]


def _moved(linked: Linked, consensus: Sequence[Span]) -> _Links:
    own = sorted(set(linked.spans))
    alike = np.array([[_likeness(a, b) for b in consensus] for a in own]).reshape(len(own), len(consensus))
    place = {own[row]: column for row, column in pairs(alike, LEAST_LIKENESS)}
    ends = [(linked.spans[r.head], linked.spans[r.tail], r.label) for r in linked.relations]
    moved = (
        Relation(place[head], place[tail], label)
        for head, tail, label in ends
        if {head, tail} <= place.keys()
    )
    return _Links(frozenset(place.values()), frozenset(moved))


def _likeness(a: Span, b: Span) -> float:
    shared = min(a.end, b.end) - max(a.start, b.start)
    either = max(a.end, b.end) - min(a.start, b.start)
    return shared / either + SAME_LABEL * (a.label == b.label) if shared > 0 else 0.0


def _candidates(
    links: Mapping[tuple[Hashable, int], _Links],
) -> tuple[dict[_Candidate, dict[int, str]], dict[_Candidate, list[int]]]:
    """Each pair that was linked, by whom and as what; and who could have linked it."""
    layered = any(
        len({(r.head, r.tail) for r in own.relations}) < len(own.relations) for own in links.values()
    )
    marks: dict[_Candidate, dict[int, str]] = {}
    for (item, who), own in links.items():
        for r in sorted(own.relations):
            candidate = _Candidate(item, r.head, r.tail, r.label if layered else None)
            marks.setdefault(candidate, {})[who] = r.label
    by_item: dict[Hashable, list[tuple[int, frozenset[int]]]] = {}
    for (item, who), own in links.items():
        by_item.setdefault(item, []).append((who, own.has))
    return marks, {c: [who for who, has in by_item[c.item] if {c.head, c.tail} <= has] for c in marks}


def _expected_f1(
    gathered: Gathered[Linked],
    marks: Mapping[_Candidate, Mapping[int, str]],
    judged: Presence,
    labels: Sequence[str],
) -> Floats:
    """Of all that an annotator linked and all that there was to link in their items."""
    right, both = np.zeros(len(gathered.annotators)), np.zeros(len(gathered.annotators))
    for _, who, linked in gathered.values():
        both[who] += len(set(linked.relations))
    for (candidate, given), row in zip(marks.items(), judged.probabilities, strict=True):
        both[list(gathered.by_item[candidate.item])] += 1.0 - row[NOTHING]
        for who, label in given.items():
            right[who] += row[1 + labels.index(label)]
    return np.where(both > 0, 2 * right / np.maximum(both, 1e-300), 1.0)


def _votes(
    candidates: Sequence[_Candidate],
    marks: Mapping[_Candidate, Mapping[int, str]],
    looked: Mapping[_Candidate, Sequence[int]],
    labels: Sequence[str],
    annotators: int,
) -> Votes:
    place = {label: 1 + position for position, label in enumerate(labels)}
    rows = [
        (number, who, place[marks[c][who]] if who in marks[c] else NOTHING)
        for number, c in enumerate(candidates)
        for who in looked[c]
    ]
    candidate, annotator, said = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    possible = np.ones((len(candidates), 1 + max(len(labels), 1)), dtype=bool)
    for number, c in enumerate(candidates):
        if c.layer is not None:
            possible[number, 1:] = False
            possible[number, place[c.layer]] = True
    return Votes(len(candidates), annotators, max(len(labels), 1), candidate, annotator, said, possible)
