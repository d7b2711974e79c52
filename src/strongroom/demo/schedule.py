"""Who worked at what, and when: the days that lie behind a demonstration."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from strongroom.demo.cast import Character, ProjectKey

DAYS = 6
"""So long ago the projects began."""
SITTINGS = (timedelta(hours=8), timedelta(hours=11), timedelta(hours=14, minutes=30))
AT_A_STRETCH = 7
"""Answers that somebody gives at one marking before turning to the next."""
SHARES: Mapping[ProjectKey, float] = {"port": 0.62, "relief": 0.43}
"""How much of what annotators can do at each marking they have done."""

Pile = tuple[ProjectKey, str]
"""The items of a project at a marking."""


@dataclass(frozen=True, order=True)
class Turn:
    """Somebody takes an item of a pile and has it in hand for `seconds`."""

    at: datetime
    login: str
    pile: Pile
    seconds: float


def turns(
    now: datetime,
    sizes: Mapping[Pile, int],
    able: Mapping[Pile, Sequence[Character]],
    overlap: int,
    seed: int,
) -> list[Turn]:
    """All that was done before `now`, in order. `able` says who may work on a pile."""
    draw = random.Random(f"{seed} schedule")  # noqa: S311 - a simulation, no secret
    loads: dict[str, list[Pile]] = {}
    pace: dict[str, float] = {}
    for pile, size in sizes.items():
        for character, count in _shared_out(size, able[pile], overlap, SHARES[pile[0]]):
            loads.setdefault(character.login, []).extend([pile] * count)
            pace[character.login] = _median(character)
    found: list[Turn] = []
    for login, load in sorted(loads.items()):
        found += _worked_off(login, load, _sittings(now, draw), pace[login], draw)
    return sorted(found)


def days_before(now: datetime, days: int, hour: float) -> datetime:
    """A time of day in UTC, so many days before the day of `now`."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days) + timedelta(hours=hour)


def _shared_out(
    size: int, able: Sequence[Character], overlap: int, share: float
) -> list[tuple[Character, int]]:
    """How many of `size` items each of the able has answered: the quick more than the slow, nobody one twice."""
    answers = round(share * size * min(overlap, len(able)))
    weights = [_median(character) ** -0.5 for character in able]
    counts = [min(size, int(answers * weight / sum(weights))) for weight in weights]
    while sum(counts) < answers:
        least = min(range(len(able)), key=lambda each: counts[each] / weights[each])
        counts[least] += 1
    return list(zip(able, counts, strict=True))


def _median(character: Character) -> float:
    if character.errors is None:
        raise ValueError(f"{character.login} is nobody's simulation")
    return character.errors.seconds


def _sittings(now: datetime, draw: random.Random) -> list[datetime]:
    """When somebody sat down to work: two of three times, and never so late that it would reach beyond `now`."""
    found = [
        days_before(now, day, 0) + sitting + timedelta(minutes=draw.randrange(45))
        for day in range(DAYS, -1, -1)
        for sitting in SITTINGS
        if draw.random() < 0.67
    ]
    past = [at for at in found if at < now - timedelta(minutes=45)]
    return past or [days_before(now, 1, 9)]


def _worked_off(
    login: str, load: list[Pile], sittings: list[datetime], median: float, draw: random.Random
) -> list[Turn]:
    stretches = [
        [pile] * min(AT_A_STRETCH, count - begun)
        for pile, count in sorted(Counter(load).items())
        for begun in range(0, count, AT_A_STRETCH)
    ]
    draw.shuffle(stretches)
    clocks = dict(enumerate(sittings))
    found = []
    for number, stretch in enumerate(stretches):
        sitting = number * (len(sittings) - 1) // max(1, len(stretches) - 1)
        for pile in stretch:
            seconds = min(median * draw.lognormvariate(0, 0.45), 6 * median)
            found.append(Turn(clocks[sitting], login, pile, round(seconds, 1)))
            clocks[sitting] += timedelta(seconds=seconds + 2)
    return found
