"""Plays one script in two worlds and says where they differ, or where the program broke."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from strongroom.separation.actors import Actor, Reply, Request
from strongroom.separation.cast import Cast
from strongroom.separation.ground import Ground
from strongroom.separation.strategies import ON_RECORD, OPEN_TO_ALL, Draw, Operation, Pool, Stage, request_for
from strongroom.separation.world import World

OBSERVER = 0
LEFT_ALONE = 0
"""Instead of a status: what hidden people don't do, because the observer is an auditor and may see it."""
SHOWN = 600


@dataclass(frozen=True)
class Step:
    """`who` is 0 for the observer, else one of the hidden actors; `seed` decides what is sent."""

    who: int
    operation: str
    seed: int


@dataclass(frozen=True)
class Difference:
    """Where the worlds part. `by_hidden` when it isn't that, but a hidden actor's request that broke the program."""

    step: int
    request: Request
    without: Reply
    with_hidden: Reply
    by_hidden: bool = False

    def __str__(self) -> str:
        sent = f"{self.request.method} {self.request.path} {self.request.query or ''} {self.request.body or ''}".rstrip()
        if self.by_hidden:
            return (
                f"step {self.step}, a hidden person: {sent}\n  the program broke: {_shown(self.with_hidden)}"
            )
        return (
            f"step {self.step}: {sent}\n"
            f"  nobody hidden acted: {_shown(self.without)}\n"
            f"  hidden people acted: {_shown(self.with_hidden)}"
        )


def _shown(reply: Reply) -> str:
    return f"{reply.status} {dict(reply.headers)} {reply.body[:SHOWN]!r}"


@dataclass(frozen=True)
class Line:
    """One line of what happened: who (the login), what was sent, the status of the answer in world B."""

    actor: str
    request: Request
    status: int

    def __str__(self) -> str:
        sent = f"{self.request.method} {self.request.path}"
        return f"{self.actor:<14} {sent:<74} {self.status}"


@dataclass
class Tried:
    """What was tried: how often each side got which status from which operation."""

    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def count(self, side: str) -> int:
        return sum(number for (each, _, _), number in self.answers.items() if each == side)

    def operations(self, side: str) -> set[str]:
        return {name for each, name, _ in self.answers if each == side}


class Play:
    """One observer's play in two worlds. `go_on` may be called again: the play continues where it was."""

    def __init__(
        self, a: World, b: World, ground: Ground, observer: Actor, tried: Tried | None = None
    ) -> None:
        self.a, self.b = a, b
        self.observer = observer
        self.hidden = ground.cast.hidden_from(observer)
        self.chief = ground.cast.chief
        self.stage = stage_of(ground.cast)
        self.pools = {actor.login: ground.pool(actor) for actor in ground.cast.everyone}
        self.secret = Pool()
        self.tried = tried or Tried()
        self.now = ground.moment
        self.number = 0
        self.happened: list[Line] = []

    def go_on(self, steps: Iterable[Step], operations: dict[str, Operation]) -> Difference | None:
        """The first difference that the observer meets, or None. Hidden actors act in world B only."""
        for step in steps:
            turn = self._observe if step.who == OBSERVER else self._hide
            difference = turn(step, operations[step.operation])
            self.number += 1
            if difference is not None:
                return difference
        return None

    def _observe(self, step: Step, operation: Operation) -> Difference | None:
        dice = random.Random(step.seed)  # noqa: S311
        self.now += timedelta(seconds=dice.choice([1, 7, 60, 1200]))
        pool = self.pools[self.observer.login]
        request = request_for(
            operation, Draw(dice, self.observer, self.stage, pool, self.secret), at_own_level=False
        )
        without, with_hidden = (world.act(self.observer, request, self.now, 1) for world in (self.a, self.b))
        self.tried.answers["observer", operation.id, with_hidden.status] += 1
        self.happened.append(Line(self.observer.login, request, with_hidden.status))
        if without != with_hidden or without.status >= 500:
            return Difference(self.number, request, without, with_hidden)
        pool.harvest(request, without)
        return None

    def _hide(self, step: Step, operation: Operation) -> Difference | None:
        actor = self.hidden[(step.who - 1) % len(self.hidden)]
        if operation.id in ON_RECORD and "auditor" in self.observer.duties:
            self.tried.answers["hidden", operation.id, LEFT_ALONE] += 1
            return None
        if operation.id in OPEN_TO_ALL:
            actor = self.chief
        dice = random.Random(step.seed)  # noqa: S311
        pool = self.pools[actor.login]
        request = request_for(operation, Draw(dice, actor, self.stage, pool, self.secret), at_own_level=True)
        reply = self.b.act(actor, request, self.now, 2)
        self.tried.answers["hidden", operation.id, reply.status] += 1
        self.happened.append(Line(actor.login, request, reply.status))
        if reply.status >= 500:
            return Difference(self.number, request, reply, reply, by_hidden=True)
        pool.harvest(request, reply)
        self.secret.harvest(request, reply)
        return None


def stage_of(cast: Cast) -> Stage:
    return Stage(
        (*cast.markings, *cast.rare),
        tuple(actor.login for actor in cast.everyone),
        tuple(actor.clearance for actor in cast.everyone),
    )


def entrance(dice: random.Random) -> Iterator[Step]:
    """Everybody signs in and looks at a project, so that what follows gets further than a refusal."""
    for name in ("sign_in_with_password", "get_project"):
        for who in range(5):
            yield Step(who, name, dice.randrange(2**32))


def sweep(dice: random.Random, names: Iterable[str], rounds: int) -> Iterator[Step]:
    """Every operation, in some order, by a hidden actor and then by the observer; `rounds` times."""
    ordered = sorted(names)
    yield from entrance(dice)
    for _ in range(rounds):
        for name in dice.sample(ordered, len(ordered)):
            yield Step(dice.randint(1, 4), name, dice.randrange(2**32))
            yield Step(OBSERVER, name, dice.randrange(2**32))


def stroll(dice: random.Random, operations: dict[str, Operation]) -> Iterator[Step]:
    """Any of the operations, by anybody, without end; mostly those that `busy` names."""
    everything, often = sorted(operations), busy(operations)
    yield from entrance(dice)
    while True:
        name = dice.choice(often if dice.random() < 0.85 else everything)
        yield Step(dice.choice((OBSERVER, OBSERVER, 1, 2, 3, 4)), name, dice.randrange(2**32))


def busy(operations: dict[str, Operation]) -> list[str]:
    """What a hidden actor does most, and an observer asks most: where content is. The rest is tried by the sweep."""
    quiet = ("/session", "/setup", "/tokens", "/people", "/version", "/health", "/scheme", "/form-schema")
    return sorted(
        name
        for name, operation in operations.items()
        if not operation.path.removeprefix("/api/v1").startswith(quiet)
    )
