"""The queue, against a model that is simple enough to be believed: whatever people do, in whatever order."""

from __future__ import annotations

import random
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from strongroom.errors import ConflictError
from strongroom.label import overlap
from strongroom.label import project as projects
from strongroom.label.refusals import LeaseLostError
from strongroom.label.schemas import AssignmentOut, ProjectPatch
from strongroom.label.tables import Task
from strongroom.vault import clock

CREW = ("ana", "ben", "cem")
LEASE = 60
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

act = st.one_of(
    st.tuples(st.just("next"), st.sampled_from(CREW), st.integers(0, 3)),
    st.tuples(
        st.sampled_from(["submit", "skip", "draft", "renew"]), st.sampled_from(CREW), st.integers(0, 9)
    ),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from([10, 59, 61, 400, -500, 100_000])),
    st.tuples(st.just("bring"), st.just(""), st.integers(1, 2)),
    st.tuples(st.just("overlap"), st.just(""), st.integers(1, 3)),
)


@dataclass
class Model:
    """What must be true of what was seen, kept by hand."""

    wanted: dict[str, int] = field(default_factory=dict)
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    answered: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    skipped: set[tuple[str, str]] = field(default_factory=set)
    in_hand: defaultdict[str, dict[str, AssignmentOut]] = field(default_factory=lambda: defaultdict(dict))

    def given(self, login: str, task: AssignmentOut) -> None:
        text = task.task.text
        assert (text, login) not in self.skipped, "a skipped task came back"
        assert login not in self.answered[text], "an answered task came back"
        assert not self.named[text] or login in self.named[text], "somebody who isn't named was asked"
        self.in_hand[login][text] = task

    def submitted(self, login: str, text: str) -> None:
        self.answered[text].add(login)
        self.skipped.discard((text, login))
        assert len(self.answered[text]) <= self.wanted[text], "more answers than were wanted"


class Play:
    def __init__(self, room: Any, rules: dict[str, Any] | None = None) -> None:
        self.room = room
        self.now = NOON
        self.model = Model()
        self.project = room.project(overlap=2, annotators=CREW, lease_seconds=LEASE, rules=rules)
        self.bring(3)

    def do(self, what: str, who: str, number: int) -> None:
        with clock.at(self.now):
            getattr(self, what)(*((who, number) if who else (number,)))

    def bring(self, count: int) -> None:
        for _ in range(count):
            text = f"text {len(self.model.wanted)}"
            named = CREW[: len(self.model.wanted) % 3]
            self.room.bring(self.project, f'{{"text": "{text}", "people": "{" ".join(named)}"}}\n')
            self.model.wanted[text] = min(2, len(named)) if named else 2
            self.model.named[text] = named

    def overlap(self, wanted: int) -> None:
        reader = self.room.reader("olga")
        with projects.at_its_level(self.room.vault, reader, self.project) as (session, found):
            projects.change(session, found, ProjectPatch(overlap=wanted))
        overlap.apply(self.room.vault, reader, self.project)
        with projects.at_its_level(self.room.vault, reader, self.project) as (session, found):
            projects.change(session, found, ProjectPatch(overlap=2))  # what later rows get
        with self.room.vault.reading(reader) as session:
            mine = Task.project_id == self.project
            rows = session.execute(select(Task.text, Task.wanted, Task.open_slots).where(mine)).all()
        for text, now, open_slots in rows:
            limit = min(wanted, len(self.model.named[text])) if self.model.named[text] else wanted
            assert now == max(limit, now - open_slots)
            self.model.wanted[text] = now

    def next(self, login: str, held: int) -> None:
        mine = list(self.model.in_hand[login].values())
        with suppress(ConflictError):
            task = self.room.next(login, self.project, *mine[:held])
            if task is not None:
                self.model.given(login, task)

    def submit(self, login: str, number: int) -> None:
        task = self._pick(login, number)
        if task is None:
            return
        try:
            self.room.submit(login, task)
        except LeaseLostError:
            return
        self.model.submitted(login, task.task.text)
        del self.model.in_hand[login][task.task.text]

    def skip(self, login: str, number: int) -> None:
        task = self._pick(login, number)
        if task is not None:
            self.room.skip(login, task)
            self.model.skipped.add((task.task.text, login))

    def draft(self, login: str, number: int) -> None:
        task = self._pick(login, number)
        if task is not None:
            self.room.draft(login, task, {"kind": "fire"})

    def renew(self, login: str, number: int) -> None:
        task = self._pick(login, number)
        if task is not None:
            with suppress(LeaseLostError):
                self.room.renew(login, task)

    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def finish(self) -> None:
        """Everyone works until nothing is left: then every task has what it can have."""
        self.now += timedelta(days=2)
        with clock.at(self.now):
            for login in CREW:
                while (task := self.room.next(login, self.project)) is not None:
                    self.model.given(login, task)
                    self.room.submit(login, task)
                    self.model.submitted(login, task.task.text)
        for text, wanted in self.model.wanted.items():
            could = [
                login for login in (self.model.named[text] or CREW) if (text, login) not in self.model.skipped
            ]
            assert len(self.model.answered[text]) == min(wanted, len(could)) or (
                len(self.model.answered[text]) == wanted
            ), f"{text} was left"

    def _pick(self, login: str, number: int) -> AssignmentOut | None:
        mine = list(self.model.in_hand[login].values())
        return mine[number % len(mine)] if mine else None


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(act, max_size=30))
def test_whatever_people_do_the_queue_stays_exact_and_nobody_is_left_out(
    acts: list[tuple[str, str, int]], room: Any
) -> None:
    play = Play(room)
    for what, who, number in acts:
        play.do(what, who, number)
        assert play.room.wrong(play.project) == []
    play.finish()
    assert play.room.wrong(play.project) == []


@pytest.mark.parametrize("seed", range(2))
def test_a_long_day_of_random_work(room: Any, seed: int) -> None:
    """As above, with many more acts than a property can shrink."""
    chance = random.Random(seed)
    play = Play(room)
    verbs = ["next"] * 9 + ["submit"] * 6 + ["skip", "draft", "renew", "wait", "overlap"]
    for step in range(150):
        what = chance.choice(verbs)
        number = chance.choice([10, 61, 400, -300]) if what == "wait" else 1 + chance.randrange(3)
        play.do(what, "" if what in ("wait", "overlap") else chance.choice(CREW), number)
        if step % 25 == 0:
            play.do("bring", "", 1)
            assert play.room.wrong(play.project) == []
    play.finish()
    assert play.room.wrong(play.project) == []


MOST, BUDGET = 3, 9
RULES = {
    "ask": {"confidence": 0.97, "least": 1, "most": MOST, "budget": BUDGET},
    "gold": {"rate": 0.5},
    "training": True,
}
ruled_act = st.one_of(
    act.filter(lambda each: each[0] != "overlap"),
    st.tuples(st.just("look"), st.just(""), st.integers(0, 0)),
    st.tuples(st.just("known"), st.just(""), st.integers(0, 1)),
)


class PlayByRule(Play):
    """The same under a rule of confidence within a budget, with gold and training mixed in: asked of everybody, once."""

    def __init__(self, room: Any) -> None:
        super().__init__(room, RULES)

    def bring(self, count: int) -> None:
        super().bring(count)
        for text, named in self.model.named.items():
            if not text.startswith("known"):
                self.model.wanted[text] = min(MOST, len(named)) if named else MOST

    def known(self, training: int) -> None:
        text = f"known {len(self.model.wanted)}"
        row = f'{{"text": "{text}", "right": "fire"}}\n'
        as_ = "training" if training else "gold"
        self.room.bring(self.project, row, gold_column="right", known_as=as_)
        self.model.wanted[text] = len(CREW)
        self.model.named[text] = ()

    def look(self, _: int) -> None:
        self.room.refit(self.project)

    def submit(self, login: str, number: int) -> None:
        task = self._pick(login, number)
        if task is None:
            return
        kind = "fire" if (ord(login[0]) + sum(task.task.text.encode()) + number) % 3 else "spill"
        try:
            self.room.submit(login, task, {"kind": kind})
        except LeaseLostError:
            return
        self.model.submitted(login, task.task.text)
        del self.model.in_hand[login][task.task.text]
        self.within()

    def within(self) -> None:
        """Neither cap nor budget is ever passed: not by answers, and not by what is wanted."""
        answers = sum(len(who) for text, who in self.model.answered.items() if not text.startswith("known"))
        assert answers <= BUDGET, "more answers than the budget"
        with self.room.vault.reading(self.room.reader("olga")) as session:
            ordinary = Task.project_id == self.project, Task.role == "task"
            rows = session.execute(select(Task.text, Task.wanted).where(*ordinary)).all()
        assert sum(wanted for _, wanted in rows) <= BUDGET, "more is wanted than the budget"
        assert all(wanted <= self.model.wanted[text] for text, wanted in rows), "more is wanted than the cap"

    def finish(self) -> None:
        """Looking and working in turn ends, and leaves nothing that could still be asked."""
        self.now += timedelta(days=2)
        with clock.at(self.now):
            for _ in range(20):
                given = 0
                self.room.refit(self.project)
                for login in CREW:
                    while (task := self.room.next(login, self.project)) is not None:
                        self.model.given(login, task)
                        self.room.submit(login, task, {"kind": "fire"})
                        self.model.submitted(login, task.task.text)
                        given += 1
                self.within()
                if not given:
                    return
        raise AssertionError("it never ended")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ruled_act, max_size=30))
def test_whatever_people_do_a_rule_never_asks_beyond_its_cap_and_its_budget(
    acts: list[tuple[str, str, int]], room: Any
) -> None:
    play = PlayByRule(room)
    for what, who, number in acts:
        play.do(what, who, number)
        assert play.room.wrong(play.project) == []
    play.finish()
    assert play.room.wrong(play.project) == []
