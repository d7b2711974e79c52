"""When the worker looks: soon after the first answer, once for many, and without a trace in the web process."""

from __future__ import annotations

import importlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from strongroom import jobs
from strongroom.jobs import Job
from strongroom.jobs import order as orders
from strongroom.label import refit
from strongroom.label.rules import USUAL
from strongroom.label.tables import Findings, TaskConsensus
from strongroom.vault import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def looks(room: Any) -> list[tuple[str, int]]:
    """State and number of runs of the jobs that look."""
    with room.vault.reading(room.reader("olga")) as session:
        return [
            tuple(row) for row in session.execute(select(Job.state, Job.run).where(Job.kind == "label.refit"))
        ]


def test_many_answers_are_one_order_that_is_due_a_little_later(room: Any) -> None:
    project = room.project(annotators=("ana",))
    room.rows(project, 6)
    with clock.at(NOON):
        for _ in range(5):
            room.submit("ana", room.take("ana", project))
        assert looks(room) == [("queued", 1)]
        assert orders.waiting(room.vault, NOON + timedelta(seconds=1)) == []
        assert len(orders.waiting(room.vault, NOON + refit.LATER)) == 1


def test_an_answer_that_comes_while_nobody_looks_any_more_has_the_same_job_done_again(room: Any) -> None:
    project = room.project(annotators=("ana",))
    room.rows(project, 3)
    for number in range(3):
        with clock.at(NOON + number * timedelta(minutes=1)):
            room.submit("ana", room.take("ana", project))
            jobs.run_waiting(room.vault)
        assert looks(room) == [("done", number + 1)]
    with room.vault.reading(room.reader("olga")) as session:
        assert session.scalar(select(Findings.answers)) == 3


def test_where_the_queue_waits_for_it_the_worker_looks_sooner(room: Any) -> None:
    project = room.project(annotators=("ana",), rules={"ask": {}})
    room.rows(project, 1)
    with clock.at(NOON):
        room.submit("ana", room.take("ana", project))
        assert len(orders.waiting(room.vault, NOON + refit.SOON)) == 1


def test_with_many_answers_the_worker_looks_less_often(room: Any) -> None:
    project = room.project(annotators=("ana",))
    room.rows(project, 1)
    with clock.at(NOON):
        room.submit("ana", room.take("ana", project))
        jobs.run_waiting(room.vault)
        with room.vault.writing(room.reader("olga")) as session:
            session.scalars(select(Findings)).one().answers = 1_000_000
        later = NOON + timedelta(minutes=1)
        with clock.at(later), room.vault.writing(room.reader("olga")) as session:
            refit.ask(session, project, USUAL)
        assert orders.waiting(room.vault, later + timedelta(seconds=399)) == []
        assert len(orders.waiting(room.vault, later + timedelta(seconds=400))) == 1


def test_an_order_whose_answer_was_rolled_back_is_not_remembered(room: Any) -> None:
    project = room.project(annotators=("ana",))

    def asked(*, fails: bool) -> None:
        with room.vault.writing(room.reader("olga")) as session:
            refit.ask(session, project, USUAL)
            if fails:
                raise RuntimeError

    with clock.at(NOON):
        with pytest.raises(RuntimeError):
            asked(fails=True)
        asked(fails=False)
    assert looks(room) == [("queued", 1)]


def test_a_look_that_was_cut_short_is_done_again_and_ends_the_same(room: Any, monkeypatch: Any) -> None:
    project = room.project(annotators=("ana", "ben"), overlap=2)
    room.rows(project, 30)
    for login in ("ana", "ben"):
        while (task := room.next(login, project)) is not None:
            room.submit(login, task)
    looking = importlib.import_module("strongroom.label.judge.look")
    monkeypatch.setattr(looking, "CHUNK", 10)
    stored, calls = looking._store, []

    def dies(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise RuntimeError
        stored(*args)

    monkeypatch.setattr(looking, "_store", dies)
    jobs.run_waiting(room.vault)
    with room.vault.reading(room.reader("olga")) as session:
        assert session.scalar(select(func.count()).select_from(TaskConsensus)) == 10
    room_refit(room, project)
    with room.vault.reading(room.reader("olga")) as session:
        assert session.scalar(select(func.count()).select_from(TaskConsensus)) == 30


def room_refit(room: Any, project: str) -> None:
    with room.vault.writing(room.reader("olga")) as session:
        refit.ask(session, project, USUAL, at_once=True)
    jobs.run_waiting(room.vault)


def test_the_web_process_loads_no_numbers() -> None:
    """NumPy and SciPy would be a hundred megabytes that nobody at a desk needs."""
    program = (
        "import sys; from strongroom import assembly; from strongroom.web.app import build; "
        "from strongroom.web.settings import Settings; build(Settings()); "
        "sys.exit(bool({'numpy', 'scipy', 'numba'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
