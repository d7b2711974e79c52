"""Plays one script in two worlds and says where they differ, or where the program broke."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from strongroom.separation.actors import Actor, Reply, Request
from strongroom.separation.strategies import Draw, Operation, Pool, request_for

from .worlds import CAST, CHIEF, STAGE, START, World

#: Whoever does these changes what everybody may see: accounts and duties carry no marking. Somebody without the duty
#: tries them instead.
OPEN_TO_ALL = frozenset({"add_person", "change_person", "give_clearance"})


@dataclass(frozen=True)
class Step:
    """`who` is 0 for the observer, else one of the hidden actors; `seed` decides what is sent."""

    who: int
    operation: str
    seed: int


@dataclass(frozen=True)
class Difference:
    step: int
    request: Request
    without: Reply
    with_hidden: Reply

    def __str__(self) -> str:
        return (
            f"step {self.step}: {self.request.method} {self.request.path} {self.request.query} {self.request.body}\n"
            f"  nobody hidden acted: {self.without.status} {self.without.headers} {self.without.body[:600]!r}\n"
            f"  hidden people acted: {self.with_hidden.status} {self.with_hidden.headers} {self.with_hidden.body[:600]!r}"
        )


def hidden_from(observer: Actor) -> list[Actor]:
    """Whose work the observer may not see: everyone who works at another level than the observer can read."""
    return [actor for actor in CAST if actor.level != observer.level]


def play(
    a: World,
    b: World,
    observer: Actor,
    steps: Iterable[Step],
    operations: dict[str, Operation],
    project: str,
    tried: Counter[tuple[str, str, int]] | None = None,
) -> Difference | None:
    """The first difference that the observer meets, or None. Hidden actors act in world B only."""
    hidden = hidden_from(observer)
    pools = {actor.login: Pool() for actor in CAST}
    for pool in pools.values():
        pool.add("project_id", project)
    secret = Pool()
    now = START
    for number, step in enumerate(steps):
        operation = operations[step.operation]
        dice = random.Random(step.seed)
        if step.who == 0:
            now += timedelta(seconds=dice.choice([1, 7, 60, 1200]))
            request = request_for(operation, Draw(dice, observer, STAGE, pools[observer.login], secret))
            without, with_hidden = (world.act(observer, request, now, 1) for world in (a, b))
            if tried is not None:
                tried["observer", operation.id, with_hidden.status] += 1
            if without != with_hidden or without.status >= 500:
                return Difference(number, request, without, with_hidden)
            pools[observer.login].harvest(without)
        else:
            actor = hidden[(step.who - 1) % len(hidden)]
            if actor.duties and operation.id in OPEN_TO_ALL:
                actor = CHIEF
            request = request_for(operation, Draw(dice, actor, STAGE, pools[actor.login], secret))
            reply = b.act(actor, request, now, 2)
            if tried is not None:
                tried["hidden", operation.id, reply.status] += 1
            assert reply.status < 500, (request, reply)
            pools[actor.login].harvest(reply)
            secret.harvest(reply)
    return None
