"""The days behind a demonstration: in the past, in working hours, and shared out as stated."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from strongroom.demo.cast import Character, by_login
from strongroom.demo.schedule import SHARES, Pile, Turn, turns

PORT: Pile = ("port", "INTERNAL")
RELIEF: Pile = ("relief", "INTERNAL")
THREE = [by_login(login) for login in ("mehmet", "priya", "samir")]


def planned(now: datetime, able: list[Character] = THREE, seed: int = 1) -> list[Turn]:
    return turns(now, {PORT: 50, RELIEF: 40}, {PORT: able, RELIEF: able}, 3, seed)


@pytest.mark.parametrize("hour", range(24))
def test_all_of_it_lies_in_the_week_before(hour: int) -> None:
    now = datetime(2026, 7, 1, hour, 5, tzinfo=UTC)
    for turn in planned(now):
        assert now - timedelta(days=7) < turn.at < now - timedelta(seconds=turn.seconds)


def test_each_pile_is_done_to_the_share_stated() -> None:
    done = Counter(turn.pile for turn in planned(datetime(2026, 7, 1, 12, tzinfo=UTC)))
    assert done == {PORT: round(150 * SHARES["port"]), RELIEF: round(120 * SHARES["relief"])}


def test_nobody_is_asked_for_more_than_there_is() -> None:
    alone = [by_login("samir")]
    done = Counter(turn.pile for turn in planned(datetime(2026, 7, 1, 12, tzinfo=UTC), alone))
    assert done == {PORT: round(50 * SHARES["port"]), RELIEF: round(40 * SHARES["relief"])}


def test_the_quick_do_more_than_the_slow() -> None:
    done = Counter(turn.login for turn in planned(datetime(2026, 7, 1, 12, tzinfo=UTC)))
    assert done["samir"] > done["mehmet"] > done["priya"]


def test_nobody_has_two_tasks_in_hand_at_once() -> None:
    for person in THREE:
        mine = [turn for turn in planned(datetime(2026, 7, 1, 23, tzinfo=UTC)) if turn.login == person.login]
        for one, following in pairwise(mine):
            assert one.at + timedelta(seconds=one.seconds) < following.at


def test_the_same_seed_gives_the_same_plan() -> None:
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert planned(now) == planned(now)
    assert planned(now) != planned(now, seed=2)
