"""Nobody can tell from any answer whether people whom they may not see have been at work."""

from __future__ import annotations

import random
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom.separation.actors import Actor, Request
from strongroom.separation.ground import Ground
from strongroom.separation.play import Play, Step, Tried, busy, sweep
from strongroom.separation.strategies import operations, without_strategy
from strongroom.web.app import build
from strongroom.web.settings import Settings

from .conftest import COLLEAGUE, LONG, OBSERVERS, START

OPERATIONS = operations(build(Settings()).openapi())
BUSY = busy(OPERATIONS)


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
    tried = Tried()
    with ground.two(tmp_path) as (a, b):
        play = Play(a, b, ground, observer, tried)
        difference = play.go_on(
            sweep(random.Random(observer.login), OPERATIONS, 8 if LONG else 2), OPERATIONS
        )
    assert difference is None, difference
    assert tried.operations("observer") == tried.operations("hidden") == set(OPERATIONS)


@pytest.mark.parametrize("observer", OBSERVERS, ids=lambda actor: actor.login)
def test_hidden_work_changes_no_answer(ground: Ground, tmp_path: Path, observer: Actor) -> None:
    @settings(
        max_examples=150 if LONG else 8,
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
            difference = Play(a, b, ground, observer).go_on(steps, OPERATIONS)
        assert difference is None, difference

    in_all_scripts()


def test_what_may_be_seen_does_show(ground: Ground, tmp_path: Path) -> None:
    """The dual: else a program that answers nothing would pass."""
    observer = OBSERVERS[0]
    look = ground.own(observer, Request("get_progress", "GET", f"/projects/{ground.shared}/progress"))
    work = ground.own(
        COLLEAGUE, Request("next_task", "POST", f"/projects/{ground.shared}/next", body={"held": []})
    )
    with ground.two(tmp_path) as (a, b):
        assert a.act(observer, look, START, 1) == b.act(observer, look, START, 1)
        assert b.act(COLLEAGUE, work, START, 2).status == 200
        assert a.act(observer, look, START, 1) != b.act(observer, look, START, 1)
