"""A whole trial: every observer, play after play, until the steps or the time are used up or a difference is found."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from strongroom.separation.actors import Actor, Request
from strongroom.separation.ground import Ground
from strongroom.separation.play import Difference, Line, Play, Step, Tried, stroll, sweep
from strongroom.separation.strategies import Operation
from strongroom.separation.world import InProcess, Opened, World

STEPS_OF_A_PLAY = 300
SMALL_BYTES = 256 << 20
"""A workspace beyond this is copied once for each observer, not for each play."""
REPLAYS = 60
REPLAY_SECONDS = 120.0

CANNOT_SEE = (
    "timing: an answer that takes longer because hidden work is done",
    "contention: a lock or a queue that hidden people hold",
    "a full disk, a full memory, and other means that run out for all",
    "what people tell each other, and what they do on accounts, duties and clearances, which carry no marking",
)


@dataclass
class Found:
    """A difference, with the shortest way to it that was found."""

    observer: Actor
    seed: str
    difference: Difference
    steps: int
    happened: list[Line]


@dataclass
class Outcome:
    """What was tried, and what came of it. `dual` says whether work that should show did show."""

    operations: int
    tried: dict[str, Tried] = field(default_factory=dict)
    requests: int = 0
    seeds: list[str] = field(default_factory=list)
    seconds: float = 0.0
    dual: bool = False
    found: Found | None = None

    @property
    def holds(self) -> bool:
        return self.dual and self.found is None

    def untried(self, side: str) -> int:
        """How many operations nobody of that side tried."""
        return self.operations - len(set().union(*(tried.operations(side) for tried in self.tried.values())))


class Trial:
    """`opened` makes a world of a folder; `say` is told what goes on."""

    def __init__(
        self,
        ground: Ground,
        scratch: Path,
        operations: dict[str, Operation],
        *,
        opened: Opened = InProcess,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.ground = ground
        self.scratch = scratch
        self.operations = operations
        self.opened = opened
        self.say = say
        self.outcome = Outcome(len(operations))

    def run(self, seed: int, steps: int, minutes: float) -> Outcome:
        """Plays at least one sweep over all operations for each observer, then what `steps` and `minutes` allow."""
        begun = time.monotonic()
        deadline = begun + minutes * 60
        self.outcome.dual = self._shows_what_it_should()
        observers = self.ground.cast.observers
        each = max(steps // len(observers), 1)
        for observer in observers:
            self._observe(observer, seed, each, begun + (deadline - begun) * self._part(observer))
            if self.outcome.found is not None:
                break
        self.outcome.seconds = time.monotonic() - begun
        return self.outcome

    def _part(self, observer: Actor) -> float:
        observers = self.ground.cast.observers
        return (observers.index(observer) + 1) / len(observers)

    def _observe(self, observer: Actor, seed: int, steps: int, deadline: float) -> None:
        tried = self.outcome.tried.setdefault(observer.login, Tried())
        length = STEPS_OF_A_PLAY if _size(self.ground.folder) < SMALL_BYTES else steps
        done = 0
        for number in itertools.count(1):
            name = f"{seed}/{observer.login}/{number}"
            script = list(
                itertools.islice(self._script(name, number == 1), min(length, steps - done) or length)
            )
            if number == 1:
                script = script[: max(steps, 2 * len(self.operations))]
            self.outcome.seeds.append(name)
            played = self._play(observer, script, tried, deadline if number > 1 else None)
            if played is not None:
                self._close_in(observer, name, script, played)
                return
            done += len(script)
            if done >= steps or time.monotonic() > deadline:
                break
        self.say(
            f"{observer.login}: {tried.count('observer')} requests, "
            f"{tried.count('hidden')} hidden acts in between, no difference"
        )

    def _script(self, seed: str, first: bool) -> Iterator[Step]:
        dice = random.Random(seed)  # noqa: S311
        if first:
            yield from sweep(dice, self.operations, 1)
        yield from stroll(dice, self.operations)

    def _play(
        self, observer: Actor, script: list[Step], tried: Tried, deadline: float | None = None
    ) -> Difference | None:
        with self._worlds() as (a, b):
            play = Play(a, b, self.ground, observer, tried)
            for step in script:
                difference = play.go_on([step], self.operations)
                if difference is not None:
                    self._happened = play.happened
                    return difference
                if deadline is not None and time.monotonic() > deadline:
                    break
        return None

    def _close_in(self, observer: Actor, seed: str, script: list[Step], difference: Difference) -> None:
        """Leaves out of the script whatever the difference doesn't need, as far as patience reaches."""
        self.say(f"{observer.login}: a difference at step {difference.step}; looking for a shorter way to it")
        best, script = difference, script[: difference.step + 1]
        happened = self._happened
        give_up, replays = time.monotonic() + REPLAY_SECONDS, REPLAYS
        chunk = max(1, len(script) // 2)
        while chunk and replays and time.monotonic() < give_up:
            at = 0
            while at < len(script) - 1 and replays and time.monotonic() < give_up:
                shorter = script[:at] + script[min(at + chunk, len(script) - 1) :]
                replays -= 1
                again = self._play(observer, shorter, Tried())
                if again is not None and again.request.operation == best.request.operation:
                    best, happened, script = again, self._happened, shorter[: again.step + 1]
                else:
                    at += chunk
            chunk //= 2
        self.outcome.found = Found(observer, seed, best, len(script), happened)

    def _shows_what_it_should(self) -> bool:
        """The dual: what a colleague does at the observer's own level has to show."""
        cast, ground = self.ground.cast, self.ground
        observer, colleague = cast.observers[0], cast.colleague
        look = ground.own(observer, Request("get_progress", "GET", f"/projects/{ground.shared}/progress"))
        work = ground.own(
            colleague, Request("next_task", "POST", f"/projects/{ground.shared}/next", body={"held": []})
        )
        with self._worlds() as (a, b):
            before = a.act(observer, look, ground.moment, 1) == b.act(observer, look, ground.moment, 1)
            worked = b.act(colleague, work, ground.moment, 2).status == 200
            after = a.act(observer, look, ground.moment, 1) == b.act(observer, look, ground.moment, 1)
        return before and worked and not after

    @contextmanager
    def _worlds(self) -> Iterator[tuple[World, World]]:
        with self.ground.two(self.scratch, self.opened) as (a, b):
            yield a, b
            self.outcome.requests += a.requests + b.requests


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
