"""Objects on an image: what annotators drew becomes what is there, where, with which label, and how sure that is.

Four steps, the same for boxes, oriented boxes and polygons, which differ in how alike two shapes are and how several are settled
into one (`Geometry`):

1. The marks of different annotators on one image are grouped by likeness, never two of one annotator together.
2. A group is a candidate; the annotators of the image who have no mark in it passed it over. `presence` says how probable it is
   that there is something and with which label, from each annotator's own misses, inventions and mistakes.
3. The shapes of a group are settled into one, annotators weighted by their precision; groups count by how probable they are.
4. Marks are matched anew, one to one, with the objects that were found (a group that grew by a chain of likenesses falls apart
   here), and steps 2 and 3 are done once more.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

import numpy as np

from strongroom.quality.answers import Floats, in_order
from strongroom.quality.kinds.answer import Answer, Gathered, Outcome, gather
from strongroom.quality.kinds.location import Readings
from strongroom.quality.kinds.matching import clusters, pairs
from strongroom.quality.kinds.presence import NOTHING, Presence, Votes, presence

SAME_LABEL = 0.05
"""What having the same label adds to how alike two marks are: it decides between equals and nothing else."""


class Labelled(Protocol):
    """A shape with a label ("" where there are no labels); a frozen dataclass."""

    @property
    def label(self) -> str: ...


S = TypeVar("S", bound=Labelled)


@dataclass(frozen=True, slots=True)
class Found(Generic[S]):
    """A thing that at least one annotator marked, as the crowd sees it.

    `existence` is the probability that it is there; `label_share` the probability of its label, given that it is there;
    `given_by` the annotators who marked it.
    """

    value: S
    existence: float
    label_share: float
    given_by: tuple[Hashable, ...]

    @property
    def confidence(self) -> float:
        """The probability that it is there and has this label."""
        return self.existence * self.label_share


@dataclass(frozen=True, slots=True)
class Objects(Outcome[tuple[S, ...]], Generic[S]):
    """`found` holds every candidate of each item, the most certain first; the consensus is made of those that are more
    likely there than not.

    Reliability is the expected F1 of an annotator's marks, labels included.
    """

    found: Mapping[Hashable, tuple[Found[S], ...]]


@dataclass(frozen=True, slots=True)
class Group(Generic[S]):
    """The marks that are one candidate: annotator's number → shape, and how probable it is that it is there, 0 to 1."""

    item: Hashable
    marks: Mapping[int, S]
    existence: float = 1.0


class Geometry(Protocol[S]):
    """What the steps must know about a kind of shape."""

    def order(self, shape: S) -> tuple[float, ...]:
        """A key that sorts shapes by where they are, so that results don't depend on the order of marks."""
        ...

    def likeness(self, some: Sequence[S], others: Sequence[S]) -> Floats:
        """Intersection over union of each with each, (some × others)."""
        ...

    def settle(self, groups: Sequence[Group[S]], annotators: int) -> list[S]:
        """One shape a group."""
        ...


def fit_objects(
    answers: Iterable[Answer[tuple[S, ...]]], geometry: Geometry[S], *, least_likeness: float
) -> Objects[S]:
    """See the module. `least_likeness`: below this intersection over union, marks are of different objects."""
    gathered = gather(answers)
    labels = [str(label) for label in in_order({s.label for _, _, given in gathered.values() for s in given})]
    groups = _grouped(gathered, geometry, least_likeness)
    first = _judged(gathered, groups, labels)
    settled = geometry.settle(_believed(groups, first), len(gathered.annotators))
    groups = _regrouped(gathered, geometry, groups, first, settled, least_likeness)
    judged = _judged(gathered, groups, labels)
    settled = geometry.settle(_believed(groups, judged), len(gathered.annotators))
    return outcome(gathered, [(group.item, tuple(group.marks)) for group in groups], judged, settled, labels)


def outcome(
    gathered: Gathered[tuple[S, ...]],
    candidates: Sequence[tuple[Hashable, tuple[int, ...]]],
    judged: Presence,
    values: Sequence[S],
    labels: Sequence[str],
) -> Objects[S]:
    """The candidates, each with its item, the annotators who marked it and its value, as an outcome."""
    found: dict[Hashable, list[Found[S]]] = {item: [] for item in gathered.by_item}
    for (item, marked_by), row, value in zip(candidates, judged.probabilities, values, strict=True):
        existence = float(1.0 - row[NOTHING])
        label = int(row[1:].argmax())
        share = float(row[1 + label] / existence) if existence > 0 else 0.0
        names = tuple(gathered.annotators[annotator] for annotator in marked_by)
        relabelled = value if value.label == labels[label] else _with_label(value, labels[label])
        found[item].append(Found(relabelled, existence, share, names))
    for things in found.values():
        things.sort(key=lambda thing: -thing.confidence)
    return Objects(
        consensus={
            item: tuple(f.value for f in things if f.existence > 0.5) for item, things in found.items()
        },
        reliability=gathered.named(judged.reliability),
        found={item: tuple(things) for item, things in found.items()},
    )


def readings(
    groups: Sequence[Group[S]], annotators: int, figures: Sequence[Mapping[int, Floats]], scale: Floats
) -> Readings:
    """What there is to locate: of group g the marks' `figures[g]` by annotator, in units of `scale` (groups × figures)."""
    rows = [(place, annotator) for place, marks in enumerate(figures) for annotator in marks]
    return Readings(
        things=len(groups),
        annotators=annotators,
        thing=np.array([place for place, _ in rows]),
        annotator=np.array([annotator for _, annotator in rows]),
        value=np.stack([figures[place][annotator] for place, annotator in rows]),
        scale=scale,
        believed=np.array([group.existence for group in groups]),
    )


def _grouped(gathered: Gathered[tuple[S, ...]], geometry: Geometry[S], least: float) -> list[Group[S]]:
    groups: list[Group[S]] = []
    for item, given in gathered.by_item.items():
        marks = sorted(
            ((annotator, shape) for annotator, shapes in given.items() for shape in shapes),
            key=lambda mark: (geometry.order(mark[1]), mark[1].label),
        )
        groups.extend(
            Group(item, dict(marks[m] for m in members)) for members in _alike(marks, geometry, least)
        )
    return groups


def _alike(marks: Sequence[tuple[int, S]], geometry: Geometry[S], least: float) -> list[list[int]]:
    shapes = [shape for _, shape in marks]
    return clusters([annotator for annotator, _ in marks], _likeness(geometry, shapes, shapes, least), least)


def _likeness(geometry: Geometry[S], some: Sequence[S], others: Sequence[S], least: float) -> Floats:
    alike = geometry.likeness(some, others)
    same = np.array([[a.label == b.label for b in others] for a in some], dtype=bool).reshape(alike.shape)
    return alike + SAME_LABEL * (same & (alike >= least))


def _judged(gathered: Gathered[tuple[S, ...]], groups: Sequence[Group[S]], labels: Sequence[str]) -> Presence:
    place = {label: 1 + position for position, label in enumerate(labels)}
    rows = [
        (number, annotator, place[group.marks[annotator].label] if annotator in group.marks else NOTHING)
        for number, group in enumerate(groups)
        for annotator in gathered.by_item[group.item]
    ]
    candidate, annotator, said = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return presence(
        Votes(len(groups), len(gathered.annotators), max(len(labels), 1), candidate, annotator, said)
    )


def _believed(groups: Sequence[Group[S]], judged: Presence) -> list[Group[S]]:
    there = 1.0 - judged.probabilities[:, NOTHING]
    return [replace(group, existence=float(p)) for group, p in zip(groups, there, strict=True)]


def _regrouped(
    gathered: Gathered[tuple[S, ...]],
    geometry: Geometry[S],
    groups: Sequence[Group[S]],
    judged: Presence,
    settled: Sequence[S],
    least: float,
) -> list[Group[S]]:
    """Each annotator's marks matched with what was found; marks that match nothing are grouped among themselves."""
    anchors: dict[Hashable, list[S]] = {item: [] for item in gathered.by_item}
    for group, shape, row in zip(groups, settled, judged.probabilities, strict=True):
        if row[NOTHING] < 0.5:
            anchors[group.item].append(shape)
    again: list[Group[S]] = []
    for item, given in gathered.by_item.items():
        matched: list[dict[int, S]] = [{} for _ in anchors[item]]
        left: list[tuple[int, S]] = []
        for annotator, shapes in given.items():
            ordered = sorted(shapes, key=lambda shape: (geometry.order(shape), shape.label))
            alike = _likeness(geometry, ordered, anchors[item], least)
            taken = dict(pairs(alike, least))
            for position, shape in enumerate(ordered):
                if position in taken:
                    matched[taken[position]][annotator] = shape
                else:
                    left.append((annotator, shape))
        left.sort(key=lambda mark: (geometry.order(mark[1]), mark[1].label))
        again.extend(Group(item, marks) for marks in matched if marks)
        again.extend(Group(item, dict(left[m] for m in members)) for members in _alike(left, geometry, least))
    return again


def _with_label(value: S, label: str) -> S:
    return replace(value, label=label)  # type: ignore[type-var]
