"""The people of a trial: observers whose clearances are as incomparable as the scheme allows, and who is hidden from them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from strongroom.errors import InvalidError
from strongroom.markings import Clearance, Marking, MarkingError, Scheme, SchemeError
from strongroom.separation.actors import Actor

OBSERVERS = 3
COMBINATIONS = 20_000
"""So many are looked through for people who may not see each other's work."""
DUTIES = ((), ("administrator",), ("security_officer", "auditor"))


@dataclass(frozen=True)
class Cast:
    """`chief` sees everything and works where no observer can look; `colleague` works at the first observer's level,
    so that what should show does show; `base` is the marking of what everybody shares."""

    scheme: Scheme
    observers: tuple[Actor, ...]
    chief: Actor
    colleague: Actor
    base: str

    @cached_property
    def everyone(self) -> tuple[Actor, ...]:
        return (*self.observers, self.chief, self.colleague)

    @cached_property
    def incomparable(self) -> bool:
        """Whether no observer may see another's work."""
        pairs = itertools.permutations(self.observers, 2)
        return not any(self.permits(one, other.level) for one, other in pairs)

    @cached_property
    def markings(self) -> tuple[str, ...]:
        """What people try to mark things with; the last one is none."""
        plain = []
        for level in self.scheme.levels:
            try:
                plain.append(str(self.scheme.parse(level.banner)))
            except MarkingError:
                continue  # a level that never stands alone
        levels = [actor.level for actor in self.everyone]
        return (*dict.fromkeys([*plain, *levels]), "NONSENSE")

    @cached_property
    def rare(self) -> tuple[str, ...]:
        """Markings that no observer may see and that nothing carries yet: whoever uses one first must not be noticed."""
        chief, level = self.scheme.clearance(self.chief.clearance), self.scheme.parse(self.chief.level)
        higher = (level | marking for marking in _thinkable(self.scheme))
        unused = (str(each) for each in higher if chief.permits(each) and str(each) not in self.markings)
        return tuple(itertools.islice(dict.fromkeys(unused), 4))

    def permits(self, actor: Actor, level: str) -> bool:
        return _clearance(self.scheme, actor.clearance).permits(self.scheme.parse(level))

    def hidden_from(self, observer: Actor) -> list[Actor]:
        """Whose work the observer may not see: all who work at a level that the observer can't read."""
        return [actor for actor in self.everyone if not self.permits(observer, actor.level)]


def cast_for(scheme: Scheme, in_use: Iterable[Marking], taken: frozenset[str] = frozenset()) -> Cast:
    """People for a workspace whose rows carry the markings `in_use`; their logins are none of those `taken`.

    Raises InvalidError for a scheme in which everybody sees everything.
    """
    whole = everything(scheme)
    used = _seats(whole, in_use)
    candidates = [*used, *_seats(whole, set(_thinkable(scheme)).difference(marking for marking, _ in used))]
    seats = _incomparable(used, candidates[len(used) :]) or _ladder(candidates)
    top = next(
        (
            marking
            for marking in sorted(
                (marking for marking, _ in candidates), key=lambda m: -m.level.rank
            )  # the highest first
            if not any(clearance.permits(marking) for _, clearance in seats)
        ),
        None,
    )
    if top is None:
        raise InvalidError(
            f"In the scheme {scheme.name} nothing can be hidden from anybody: there is nothing to try."
        )
    logins = (f"two-worlds-{number}" for number in itertools.count(1))
    free = (login for login in logins if login not in taken)
    addresses = (f"127.0.0.{number}" for number in itertools.count(2))
    observers = tuple(
        Actor(next(free), clearance.to_json(), str(marking), duties, next(addresses))
        for (marking, clearance), duties in zip(seats, DUTIES, strict=False)
    )
    return Cast(
        scheme,
        observers,
        Actor(next(free), whole.to_json(), str(top), (), next(addresses)),
        Actor(next(free), observers[0].clearance, observers[0].level, (), next(addresses)),
        str(scheme.bottom),
    )


def _clearance(scheme: Scheme, data: dict[str, Any]) -> Clearance:
    return scheme.clearance(data)


def everything(scheme: Scheme) -> Clearance:
    """A clearance for whatever the scheme lists. What it leaves open (case numbers) is held by nobody here."""
    words = scheme.vocabulary()
    compartments: Any = words["compartments"]
    circles: Any = words["circles"]
    nations: Any = words["nations"]
    return scheme.clearance(
        {
            "level": max(scheme.levels, key=lambda level: level.rank).long,
            "compartments": [value["name"] for block in compartments for value in block["values"]],
            "circles": [value["name"] for value in circles["values"]] if circles else [],
            "nations": [nations["home"]] if nations else [],
            "attributes": words["attributes"],
        }
    )


def _thinkable(scheme: Scheme) -> Iterator[Marking]:
    """Levels, alone and with one thing more."""
    words = scheme.vocabulary()
    compartments: Any = words["compartments"]
    circles: Any = words["circles"]
    more = [""]
    if circles:
        more += [f"{words['separator']}{circles['word']} {value['name']}" for value in circles["values"]]
    more += [f"{words['separator']}{value['name']}" for block in compartments for value in block["values"]]
    for extra in more:
        for level in scheme.levels:
            try:
                yield scheme.parse(level.banner + extra)
            except MarkingError:
                continue


def _least_that_permits(whole: Clearance, marking: Marking) -> Clearance | None:
    """A clearance that permits the marking and nothing that could be left out. None when not even `whole` does."""
    if not whole.permits(marking):
        return None
    scheme, held = marking.scheme, whole.to_json()
    for level in sorted(scheme.levels, key=lambda level: level.rank):
        if scheme.clearance({**held, "level": level.long}).permits(marking):
            held["level"] = level.long
            break
    for kind in ("compartments", "circles", "nations", "attributes"):
        names: Any = held.get(kind, [])
        for name in list(names):
            fewer = {**held, kind: [each for each in names if each != name]}
            try:
                if scheme.clearance(fewer).permits(marking):
                    held, names = fewer, fewer[kind]
            except SchemeError:
                continue  # the scheme wants it held together with another
    return scheme.clearance(held)


def _seats(whole: Clearance, markings: Iterable[Marking]) -> list[tuple[Marking, Clearance]]:
    """Markings above the bottom, each with the least clearance that it takes; the lowest first."""
    order = sorted(set(markings), key=lambda marking: (marking.level.rank, str(marking)))
    needed = ((marking, _least_that_permits(whole, marking)) for marking in order)
    return [(marking, least) for marking, least in needed if least and marking != marking.scheme.bottom]


def _incomparable(
    used: list[tuple[Marking, Clearance]], others: list[tuple[Marking, Clearance]]
) -> list[tuple[Marking, Clearance]]:
    """Three of which none may see another's, or two, with as many `used` ones as can be; empty when the scheme is a
    ladder."""
    for count in range(OBSERVERS, 1, -1):
        for of_use in range(count, -1, -1):
            pairs = itertools.product(
                itertools.combinations(used, of_use), itertools.combinations(others, count - of_use)
            )
            for some, more in itertools.islice(pairs, COMBINATIONS):
                chosen = [*some, *more]
                between = itertools.permutations(chosen, 2)
                if not any(clearance.permits(marking) for (_, clearance), (marking, _) in between):
                    return chosen
    return []


def _ladder(candidates: list[tuple[Marking, Clearance]]) -> list[tuple[Marking, Clearance]]:
    """All but the highest: whoever is higher is hidden from them."""
    return sorted(candidates, key=lambda pair: pair[0].level.rank)[:-1][:OBSERVERS]
