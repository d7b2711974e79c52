"""A chunk of an import is as large as a short turn to write allows, and leaves time to those who wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from strongroom.label import pace
from strongroom.label.pace import FEWEST, FIRST, HELD_SECONDS, LEFT, Pace

FIXED = 0.01


class Clock:
    """Time that passes by what is done, and nothing else. `row` seconds for each row, `queue` until the turn comes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, row: float, queue: float = 0.0) -> None:
        self.now, self.row, self.queue = 100.0, row, queue
        self.slept: list[float] = []
        monkeypatch.setattr(pace.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(pace.time, "sleep", self.slept.append)

    def connection(self) -> None:
        self.now += self.queue

    @contextmanager
    def writing(self) -> Iterator[Any]:
        yield self
        self.now += FIXED  # the commit

    def chunk(self, kept: Pace, rows: int | None = None) -> float:
        """How long a chunk held the turn."""
        rows = kept.rows if rows is None else rows
        before = self.now + self.queue
        with kept.kept(self.writing(), rows):
            self.now += rows * self.row
        return self.now - before


@pytest.mark.parametrize("row", [0.00001, 0.0001, 0.0003, 0.0007])
def test_chunks_come_to_hold_the_turn_as_long_as_they_should(
    monkeypatch: pytest.MonkeyPatch, row: float
) -> None:
    clock, kept = Clock(monkeypatch, row), Pace(1000)
    held = [clock.chunk(kept) for _ in range(30)]
    assert max(held[10:]) <= HELD_SECONDS * 1.2
    assert kept.rows == 1000 or min(held[20:]) >= HELD_SECONDS * 0.5


def test_what_is_slow_comes_in_few_rows_but_not_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, kept = Clock(monkeypatch, 0.5), Pace(1000)
    for _ in range(10):
        clock.chunk(kept)
    assert kept.rows == FEWEST


def test_the_first_chunk_is_small_and_no_chunk_is_larger_than_it_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, kept = Clock(monkeypatch, 0.0), Pace(700)
    sizes = []
    for _ in range(8):
        sizes.append(kept.rows)
        clock.chunk(kept)
    assert sizes[0] == FIRST
    assert sizes[-1] == 700 == max(sizes)
    assert Pace(7).rows == 7


def test_the_rest_of_a_file_makes_the_next_chunk_neither_larger_nor_smaller(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, kept = Clock(monkeypatch, 0.0001), Pace(1000)
    for _ in range(20):
        clock.chunk(kept)
    usual = kept.rows
    clock.chunk(kept, 3)
    assert kept.rows == usual


def test_an_import_that_is_alone_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch, 0.0001, queue=0.001)
    clock.chunk(Pace(1000))
    assert clock.slept == []


def test_an_import_that_had_to_wait_leaves_others_more_time_than_it_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(monkeypatch, 0.0001, queue=0.02)
    held = clock.chunk(Pace(1000))
    assert clock.slept == [pytest.approx(held * LEFT)]
    assert LEFT > 1
