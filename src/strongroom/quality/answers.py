"""Who said what about which item: the one input that everything in this package takes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import InitVar, dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strongroom.quality.errors import AnswersError

Names = Sequence[Hashable]
Integers = NDArray[np.int32]
Floats = NDArray[np.float64]
Repeats = Literal["first", "all"]
Name = TypeVar("Name", bound=Hashable)

UNKNOWN = -1
"""In an array of gold labels: this item's truth is not known."""


class Rows(NamedTuple):
    """The answers ordered by item and annotator; those of item `i` stand from `start[i]` to `start[i + 1]`.

    `source[r]` says at which position of the `Answers` row r stood.
    """

    start: NDArray[np.int64]
    annotator: Integers
    label: Integers
    source: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Answers:
    """One row an answer: annotator `annotator[r]` gave `item[r]` the class `label[r]`.

    The three arrays have the same length and hold positions in `items`, `annotators` and `classes`, which
    hold the names (each name once; left out, the names are 0, 1, 2 …). An item that nobody answered and a
    class that nobody chose are allowed: they exist through their names. Order matters to nothing but drift
    over time, which takes the rows to be in the order in which they were given.

    An annotator who answers an item twice: the first answer counts, later ones are dropped when the object
    is made. With `repeats="all"` each counts as if another person had given it (Dawid and Skene's own data
    are like that).

    Raises AnswersError for arrays of different lengths, positions outside the names, and names that come
    twice.
    """

    item: Integers
    annotator: Integers
    label: Integers
    items: Names = ()
    annotators: Names = ()
    classes: Names = ()
    repeats: InitVar[Repeats] = "first"

    def __post_init__(self, repeats: Repeats) -> None:
        columns = {}
        for column, names in (("item", "items"), ("annotator", "annotators"), ("label", "classes")):
            positions = _positions(getattr(self, column), column)
            given: Names = getattr(self, names)
            if not len(given) and len(positions):
                given = range(int(positions.max()) + 1)
            if len(positions) and int(positions.max()) >= len(given):
                raise AnswersError(f"{column} holds {positions.max()}, and there are {len(given)} {names}.")
            if not isinstance(given, range) and len(set(given)) != len(given):
                raise AnswersError(f"A name comes twice among the {names}.")
            object.__setattr__(self, names, given)
            columns[column] = positions
        if len({len(positions) for positions in columns.values()}) > 1:
            raise AnswersError("item, annotator and label differ in length.")
        if not len(self.classes):
            raise AnswersError("There are no classes: give answers, or name the classes.")
        if repeats == "first":
            kept = _first_of_each(columns["item"], columns["annotator"], len(self.annotators))
            columns = {column: positions[kept] for column, positions in columns.items()}
        for column, positions in columns.items():
            positions.flags.writeable = False
            object.__setattr__(self, column, positions)

    @classmethod
    def from_names(
        cls,
        items: Iterable[Hashable],
        annotators: Iterable[Hashable],
        labels: Iterable[Hashable],
        *,
        classes: Iterable[Hashable] = (),
        repeats: Repeats = "first",
    ) -> Answers:
        """Answers from three columns of names, row by row.

        Items and annotators keep the order in which they first come. Classes are those in `classes`, in
        that order, then whatever else was answered, sorted (as numbers where all are numbers).
        """
        columns = [_codes(column) for column in (items, annotators, labels)]
        (item, item_names), (annotator, annotator_names), (label, label_names) = columns
        known = list(dict.fromkeys(classes))
        ordered = (*known, *in_order(set(label_names) - set(known)))
        place = {name: position for position, name in enumerate(ordered)}
        moved = np.array([place[name] for name in label_names], dtype=np.int32)
        return cls(
            item,
            annotator,
            moved[label] if len(label) else label,
            item_names,
            annotator_names,
            ordered,
            repeats,
        )

    def __len__(self) -> int:
        return len(self.item)

    @cached_property
    def rows(self) -> Rows:
        """The same answers, item by item (computed once)."""
        order = np.lexsort((self.annotator, self.item))
        start = np.zeros(len(self.items) + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.item, minlength=len(self.items)), out=start[1:])
        return Rows(start, self.annotator[order], self.label[order], order)

    @cached_property
    def votes(self) -> Floats:
        """How often each class was chosen for each item, (items × classes)."""
        places = self.item.astype(np.int64) * len(self.classes) + self.label
        counts = np.bincount(places, minlength=len(self.items) * len(self.classes))
        return counts.reshape(len(self.items), len(self.classes)).astype(np.float64)

    def gold(self, truth: Mapping[Any, Hashable]) -> Integers:
        """Known truth as an array, (items), from a mapping of item to class; UNKNOWN elsewhere.

        Items that aren't among `items` are passed over. Raises AnswersError for a class that isn't among
        `classes`.
        """
        place = {name: position for position, name in enumerate(self.classes)}
        array = np.full(len(self.items), UNKNOWN, dtype=np.int32)
        strange = {label for label in truth.values() if label not in place}
        if strange:
            raise AnswersError(
                f"{len(strange)} classes of the gold labels are not among the classes of the answers."
            )
        for position, name in enumerate(self.items):
            if name in truth:
                array[position] = place[truth[name]]
        return array

    def where(self, chosen: NDArray[np.bool_]) -> Answers:
        """The chosen rows, (answers), with all names kept."""
        return self._with(self.item[chosen], self.annotator[chosen], self.label[chosen])

    def of_items(self, chosen: ArrayLike) -> Answers:
        """The answers to the items at these positions; the items are renumbered, annotators and classes stay."""
        kept = np.asarray(chosen, dtype=np.int64)
        place = np.full(len(self.items), UNKNOWN, dtype=np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        rows = place[self.item] >= 0
        names = [self.items[position] for position in kept]
        return Answers(
            place[self.item[rows]],
            self.annotator[rows],
            self.label[rows],
            names,
            self.annotators,
            self.classes,
            "all",
        )

    def extended(
        self,
        item: ArrayLike,
        annotator: ArrayLike,
        label: ArrayLike,
        *,
        items: Iterable[Hashable] = (),
        annotators: Iterable[Hashable] = (),
    ) -> Answers:
        """These answers and some more, whose positions count in the names with `items` and `annotators`
        appended.

        A second answer of an annotator to an item is dropped, as always.
        """
        more = [np.asarray(column, dtype=np.int32) for column in (item, annotator, label)]
        names_of_items = _appended(self.items, items)
        names_of_annotators = _appended(self.annotators, annotators)
        fresh = Answers(more[0], more[1], more[2], names_of_items, names_of_annotators, self.classes)
        near = np.flatnonzero(_membership(fresh.item, len(names_of_items))[self.item])
        width = len(names_of_annotators)
        old = self.item[near].astype(np.int64) * width + self.annotator[near]
        new = ~np.isin(fresh.item.astype(np.int64) * width + fresh.annotator, old)
        return fresh._with(
            np.concatenate([self.item, fresh.item[new]]),
            np.concatenate([self.annotator, fresh.annotator[new]]),
            np.concatenate([self.label, fresh.label[new]]),
        )

    def _with(self, item: Integers, annotator: Integers, label: Integers) -> Answers:
        """Other rows that need no check, under the same names."""
        made = object.__new__(Answers)
        for name, value in (
            ("item", item),
            ("annotator", annotator),
            ("label", label),
            ("items", self.items),
            ("annotators", self.annotators),
            ("classes", self.classes),
        ):
            object.__setattr__(made, name, value)
        return made


def in_order(names: Iterable[Name]) -> list[Name]:
    """Names sorted: as numbers where all are numbers, else by what they look like."""
    listed = list(names)
    try:
        return sorted(listed, key=lambda name: (float(str(name)), str(name)))
    except ValueError:
        return sorted(listed, key=str)


def checked_gold(answers: Answers, gold: ArrayLike | None) -> Integers:
    """Gold as an array of positions, UNKNOWN where there is none. Raises AnswersError where it can't be that."""
    if gold is None:
        return np.full(len(answers.items), UNKNOWN, dtype=np.int32)
    array = np.asarray(gold)
    if array.shape != (len(answers.items),) or array.dtype.kind not in "iu":
        raise AnswersError(
            "gold is one integer an item: the position of its class, or -1 where it is not known."
        )
    if len(array) and (array.max() >= len(answers.classes) or array.min() < UNKNOWN):
        raise AnswersError("gold holds a position that is no class.")
    return array.astype(np.int32)


def _positions(column: ArrayLike, name: str) -> Integers:
    array = np.asarray(column)
    if array.ndim != 1 or (len(array) and array.dtype.kind not in "iu"):
        raise AnswersError(f"{name} must be a one-dimensional array of integers.")
    if len(array) and array.min() < 0:
        raise AnswersError(f"{name} holds a negative position.")
    if len(array) and array.max() > np.iinfo(np.int32).max:
        raise AnswersError(f"{name} holds a position beyond {np.iinfo(np.int32).max}.")
    return array.astype(np.int32)


def _first_of_each(item: Integers, annotator: Integers, annotators: int) -> NDArray[np.int64] | slice:
    pair = item.astype(np.int64) * max(annotators, 1) + annotator
    order = np.argsort(pair, kind="stable")
    again = np.flatnonzero(np.diff(pair[order]) == 0) + 1
    if not len(again):
        return slice(None)
    kept = np.ones(len(item), dtype=bool)
    kept[order[again]] = False
    return np.flatnonzero(kept)


def _codes(column: Iterable[Hashable]) -> tuple[Integers, Names]:
    place: dict[Hashable, int] = {}
    codes = np.fromiter((place.setdefault(name, len(place)) for name in column), dtype=np.int32)
    return codes, tuple(place)


def _appended(names: Names, more: Iterable[Hashable]) -> Names:
    fresh = tuple(more)
    if not fresh:
        return names
    return range(len(names) + len(fresh)) if isinstance(names, range) else (*names, *fresh)


def _membership(positions: Integers, size: int) -> NDArray[np.bool_]:
    mask = np.zeros(size, dtype=bool)
    mask[positions] = True
    return mask
