"""Nobody can tell from any answer whether people whom they may not see have been at work."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom.separation.actors import Actor, Request
from strongroom.separation.strategies import Operation, operations, without_strategy
from strongroom.web.app import build
from strongroom.web.settings import Settings

from .planted import LEAKS, router
from .script import Difference, Step, play
from .worlds import COLLEAGUE, OBSERVERS, START, Ground, lay_ground

LONG = bool(os.environ.get("STRONGROOM_LONG"))
OPERATIONS = operations(build(Settings()).openapi())
PLANTED = Operation(
    "planted",
    "GET",
    "/api/v1/planted",
    {"parameters": [{"in": "query", "name": "id", "schema": {}, "required": True}]},
)
#: What a hidden actor does most, and an observer asks most: the rest is tried too, by the sweep.
BUSY = sorted(
    name
    for name, operation in OPERATIONS.items()
    if any(
        part in operation.path
        for part in ("/projects", "/assignments", "/imports", "/datasets", "/tasks", "/home")
    )
)


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return lay_ground(tmp_path_factory.mktemp("ground") / "workspace")


def scripts(names: list[str], longest: int) -> st.SearchStrategy[list[Step]]:
    step = st.builds(Step, st.integers(0, 4), st.sampled_from(names), st.integers(0, 2**32 - 1))
    return st.lists(step, min_size=6, max_size=longest)


def test_every_operation_has_a_strategy() -> None:
    wanting = without_strategy(OPERATIONS)
    assert not wanting, f"no strategy in src/strongroom/separation/strategies for {wanting}"


@pytest.mark.parametrize("observer", OBSERVERS, ids=lambda actor: actor.login)
def test_every_operation_is_tried_by_the_observer_and_by_hidden_people(
    ground: Ground, tmp_path: Path, observer: Actor
) -> None:
    tried: Counter[tuple[str, str, int]] = Counter()
    dice = random.Random(observer.login)
    steps = [
        Step(who, name, dice.randrange(2**32))
        for _ in range(6 if LONG else 2)
        for name in dice.sample(sorted(OPERATIONS), len(OPERATIONS))
        for who in (dice.randint(1, 4), 0)
    ]
    with ground.two(tmp_path) as (a, b):
        difference = play(a, b, observer, steps, OPERATIONS, ground.project, tried)
    assert difference is None, difference
    sides = {(side, name) for side, name, _ in tried}
    untried = [
        (side, name) for name in OPERATIONS for side in ("observer", "hidden") if (side, name) not in sides
    ]
    assert not untried


@pytest.mark.parametrize("observer", OBSERVERS, ids=lambda actor: actor.login)
def test_hidden_work_changes_no_answer(ground: Ground, tmp_path: Path, observer: Actor) -> None:
    @settings(
        max_examples=150 if LONG else 12,
        deadline=None,
        database=None,
        derandomize=not LONG,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(scripts(BUSY, 60))
    def in_all_scripts(steps: list[Step]) -> None:
        scratch = tmp_path / uuid4().hex
        scratch.mkdir()
        with ground.two(scratch) as (a, b):
            difference = play(a, b, observer, steps, OPERATIONS, ground.project)
        assert difference is None, difference

    in_all_scripts()


@pytest.mark.parametrize("leak", sorted(LEAKS))
def test_a_planted_leak_is_caught(ground: Ground, tmp_path: Path, leak: str) -> None:
    busy = [n for n in BUSY if OPERATIONS[n].method == "POST"]
    found: list[Difference] = []
    for attempt in range(12):
        dice = random.Random(attempt)
        steps = []
        for _ in range(25):
            steps.append(Step(dice.randint(1, 4), dice.choice(busy), dice.randrange(2**32)))
            steps.append(Step(0, "planted", dice.randrange(2**32)))
        scratch = tmp_path / str(attempt)
        scratch.mkdir()
        with ground.two(scratch, [router(leak)]) as (a, b):
            difference = play(a, b, OBSERVERS[0], steps, {**OPERATIONS, "planted": PLANTED}, ground.project)
        if difference is not None:
            found.append(difference)
            break
    assert found, f"{leak} was not caught"
    assert found[0].request.operation == "planted"


def test_what_may_be_seen_does_show(ground: Ground, tmp_path: Path) -> None:
    """The dual: else a program that answers nothing would pass."""
    observer = OBSERVERS[0]
    look = Request("read_progress", "GET", f"/projects/{ground.project}/progress")
    work = Request("next_task", "POST", f"/projects/{ground.project}/next", body={"held": []})
    with ground.two(tmp_path) as (a, b):
        assert a.act(observer, look, START, 1) == b.act(observer, look, START, 1)
        assert b.act(COLLEAGUE, work, START, 2).status == 200
        assert a.act(observer, look, START, 1) != b.act(observer, look, START, 1)
