"""The test can fail: leaks that are planted, and defences that are taken out, are found."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from strongroom.separation.actors import Actor, Reply, Request
from strongroom.separation.ground import Ground
from strongroom.separation.play import Difference, Play, Step, busy, entrance, sweep
from strongroom.separation.strategies import operations
from strongroom.separation.world import InProcess, Opened, OverHttp, World
from strongroom.web.app import build
from strongroom.web.settings import Settings

from .conftest import LONG, OBSERVERS
from .planted import LEAKS, OPERATION, router
from .weakened import ON_POSTGRESQL, WEAK

OPERATIONS = operations(build(Settings()).openapi())
WORKING = sorted(
    name
    for name, each in OPERATIONS.items()
    if (each.method == "POST" and "/projects" in each.path) or "/assignments" in each.path
)
BUSY = busy(OPERATIONS)
#: Where the lack of a defence is looked for, when not everywhere.
TELLING = {"levels_from_every_row": ["list_levels"]}
WEAKENED = str(Path(__file__).with_name("weakened.py"))


def served(name: str) -> Opened:
    return lambda folder, database: OverHttp(folder, database, [WEAKENED, name])


def hidden_work(dice: random.Random, count: int) -> list[Step]:
    names = [*WORKING, *["begin_import", "next_task"] * 4]
    return [Step(dice.randint(1, 4), dice.choice(names), dice.randrange(2**32)) for _ in range(count)]


def hidden_work_before(dice: random.Random, names: list[str]) -> list[Step]:
    """Looks of the observer between other people's work."""
    script: list[Step] = [*entrance(dice)]
    for _ in range(60):
        script += [*hidden_work(dice, 4), Step(0, dice.choice(names), dice.randrange(2**32))]
    return script


@pytest.mark.parametrize("leak", sorted(LEAKS))
def test_a_planted_leak_is_caught(ground: Ground, tmp_path: Path, leak: str) -> None:
    found: list[Difference] = []
    for attempt in range(12):
        dice = random.Random(attempt)
        steps = []
        for step in hidden_work(dice, 25):
            steps += [step, Step(0, "planted", dice.randrange(2**32))]
        scratch = tmp_path / str(attempt)
        scratch.mkdir()
        with ground.two(scratch, lambda folder, url: InProcess(folder, url, [router(leak)])) as (a, b):
            play = Play(a, b, ground, OBSERVERS[0])
            difference = play.go_on(steps, {**OPERATIONS, "planted": OPERATION})
        if difference is not None:
            found.append(difference)
            break
    assert found, f"{leak} was not caught"
    assert found[0].request.operation == "planted"


def test_every_planted_leak_is_caught_over_http(ground: Ground, tmp_path: Path) -> None:
    uncaught = set(LEAKS)
    dice = random.Random(3)
    with ground.two(tmp_path, served("-")) as (a, b):
        play = Play(a, b, ground, OBSERVERS[0])
        for _ in range(12):
            assert play.go_on(hidden_work(dice, 25), OPERATIONS) is None
            for leak in sorted(uncaught):
                id_ = dice.choice(play.secret.seen["assignment_id"] or ["none"])
                ask = ground.own(
                    OBSERVERS[0], Request("planted", "GET", "/planted", {"leak": leak, "id": id_})
                )
                without, with_hidden = (world.act(OBSERVERS[0], ask, play.now, 1) for world in (a, b))
                if without != with_hidden:
                    uncaught.discard(leak)
            if not uncaught:
                break
    assert not uncaught


@pytest.mark.parametrize("defence", sorted(WEAK))
def test_a_program_without_a_defence_is_caught_over_http(
    ground: Ground, tmp_path: Path, defence: str
) -> None:
    if ground.store.url(ground.folder) and defence not in ON_POSTGRESQL and not LONG:
        return
    dice = random.Random(5)
    with ground.two(tmp_path, served(defence)) as (a, b):
        difference = Play(a, b, ground, OBSERVERS[0]).go_on(
            hidden_work_before(dice, TELLING.get(defence, BUSY)), OPERATIONS
        )
    assert difference is not None, f"nobody noticed: {defence}"
    assert difference.without != difference.with_hidden, difference


@pytest.mark.only("sqlite")
def test_over_http_the_program_answers_as_it_does_in_process(ground: Ground, tmp_path: Path) -> None:
    """So what the quicker way finds holds for the other, and the other way round."""

    def essence(reply: Reply) -> tuple[int, set[tuple[str, str]], bytes]:
        of_the_wire = ("transfer-encoding", "content-length", "connection")
        return reply.status, {pair for pair in reply.headers if pair[0] not in of_the_wire}, reply.body

    names = [name for name in OPERATIONS if "/audit" not in OPERATIONS[name].path]
    steps = list(sweep(random.Random(11), names, 1))
    kinds = iter([InProcess, OverHttp])
    with ground.two(tmp_path, lambda folder, url: next(kinds)(folder, url)) as (a, b):
        play = Play(a, b, ground, OBSERVERS[2])
        asked: list[tuple[Reply, Reply]] = []
        play.a = play.b = Both(a, b, OBSERVERS[2], asked)
        play.go_on(steps, OPERATIONS)
    assert len(asked) > len(names)
    for one, other in asked:
        assert essence(one) == essence(other)


class Both(World):
    """Asks two worlds, writes both answers down, gives the first. The observer, who asks twice, is echoed."""

    def __init__(self, one: World, other: World, observer: Actor, asked: list[tuple[Reply, Reply]]) -> None:
        super().__init__()
        self.one, self.other, self.observer, self.asked = one, other, observer, asked
        self.echo = False

    def act(self, actor: Actor, request: Request, when: datetime, seed: int | str) -> Reply:
        if not self.echo:
            self.asked.append(
                tuple(world.act(actor, request, when, seed) for world in (self.one, self.other))
            )  # type: ignore[arg-type]
        self.echo = actor == self.observer and not self.echo
        return self.asked[-1][0]

    def _send(self, *_: object) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        return None
