"""Caveats, compiled from a scheme: what each brings with it and asks of a reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from strongroom.markings.algebra import Names
from strongroom.markings.blueprint import CaveatPlan, Obligation
from strongroom.markings.errors import SchemeError


@dataclass(frozen=True, slots=True)
class Caveat:
    """A caveat. `closure` is itself and all that it implies or stands for; `home_alone` is true where `NOFORN`
    (or the scheme's word for it) is among them."""

    short: str
    long: str
    title: str
    closure: Names
    home_alone: bool
    excludes: Names
    requires: Names
    obligations: frozenset[Obligation]
    floor: int
    ceiling: int | None


def compile_caveats(plans: list[CaveatPlan], ranks: Mapping[str, int], nobody: Names) -> dict[str, Caveat]:
    """Long name → caveat. `nobody` holds the words for "home alone".

    Raises SchemeError where a caveat names a level or another caveat that the scheme lacks.
    """
    for plan in plans:
        if sum(plan.long == other.long for other in plans) > 1:
            raise SchemeError(f"two caveats are called {plan.long!r}")
    long_of = {name: plan.long for plan in plans for name in (plan.short, plan.long)}
    direct: dict[str, set[str]] = {}
    alone: set[str] = set()
    excludes: dict[str, Names] = {}
    for plan in plans:
        for name in (*plan.implies, *plan.excludes):
            if name not in long_of and name not in nobody:
                raise SchemeError(f"caveat {plan.long!r} names {name!r}, which the scheme does not have")
        if any(name in nobody for name in plan.implies):
            alone.add(plan.long)
        excludes[plan.long] = frozenset(long_of[name] for name in plan.excludes if name in long_of)
        direct[plan.long] = {long_of[name] for name in plan.implies if name in long_of} | excludes[plan.long]
    caveats = {}
    for plan in plans:
        closure = _closed(plan.long, direct)
        caveats[plan.long] = Caveat(
            short=plan.short,
            long=plan.long,
            title=plan.title or plan.long,
            closure=closure,
            home_alone=bool(closure & alone),
            excludes=excludes[plan.long],
            requires=frozenset(plan.requires),
            obligations=frozenset(plan.obligations),
            floor=_rank(plan.min_level, ranks, plan.long) if plan.min_level else 0,
            ceiling=_rank(plan.max_level, ranks, plan.long) if plan.max_level else None,
        )
    return caveats


def _closed(name: str, direct: Mapping[str, set[str]]) -> Names:
    reached: set[str] = set()
    open_ends = [name]
    while open_ends:
        one = open_ends.pop()
        if one not in reached:
            reached.add(one)
            open_ends.extend(direct[one])
    return frozenset(reached)


def _rank(level: str, ranks: Mapping[str, int], caveat: str) -> int:
    if level not in ranks:
        raise SchemeError(f"caveat {caveat!r} names the level {level!r}, which the scheme does not have")
    return ranks[level]
