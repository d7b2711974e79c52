"""What holds for each job, wherever it runs: here it runs in the test's own process."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from jobs_desk import Desk
from sqlalchemy import text, update
from sqlalchemy.exc import DatabaseError

import strongroom.jobs.run
from strongroom.errors import ConflictError, NotFoundError, StorageFullError, StrongroomError
from strongroom.jobs import Job, JobOut, cancel, resume, run_waiting, start
from strongroom.jobs.order import give, strike, waiting
from strongroom.jobs.tables import Order
from strongroom.people import Membership
from strongroom.vault import Vault, clock, load


def test_a_started_job_waits_until_it_is_run_and_its_order_is_gone_afterwards(
    iris: Desk, vault: Vault
) -> None:
    job_id = iris.start("test.chunks")
    assert iris.job(job_id).state == "queued"
    assert run_waiting(vault) == 1
    assert iris.job(job_id).state == "done"
    assert run_waiting(vault) == 0
    with vault.registry() as session:
        assert session.query(Order).count() == 0


def test_a_job_of_a_transaction_that_was_rolled_back_is_never_run(iris: Desk, vault: Vault) -> None:
    with vault.writing(iris.reader()) as session:
        start(session, "test.chunks")
        session.rollback()
    assert run_waiting(vault) == 0


def test_an_unknown_kind_of_job_cannot_be_started(iris: Desk) -> None:
    with pytest.raises(KeyError):
        iris.start("test.nobody_does_this")


def test_a_job_carries_the_level_at_which_it_was_asked_for(iris: Desk, vault: Vault) -> None:
    job_id = iris.start("test.chunks", level="CONFIDENTIAL")
    run_waiting(vault)
    with vault.reading(iris.reader()) as session:
        assert str(session.marking(load(session, Job, job_id))) == "CONFIDENTIAL"


def test_a_job_whose_person_has_no_account_any_more_refuses_to_start(iris: Desk, vault: Vault) -> None:
    job_id = iris.start("test.chunks")
    iris.close_account()
    run_waiting(vault)
    job = iris.job(job_id)
    assert job.state == "failed"
    assert "account" in job.message
    assert job.done == 0


def test_a_job_whose_person_may_no_longer_work_at_its_level_refuses_to_start(
    iris: Desk, vault: Vault
) -> None:
    job_id = iris.start("test.chunks", level="CONFIDENTIAL")
    iris.clear("Internal")
    run_waiting(vault)
    job = iris.job(job_id)
    assert job.state == "failed"
    assert "clearance" in job.message
    assert job.done == 0


def test_a_job_has_no_more_clearance_than_the_session_that_asked_for_it(iris: Desk, vault: Vault) -> None:
    narrow = vault.scheme.clearance({"level": "Internal"})
    asked = iris.reader()
    asked = type(asked)(asked.person_id, asked.login, narrow, asked.level, "token", "test")
    with vault.writing(asked) as session:
        job_id = start(session, "test.sees").id
    run_waiting(vault)
    assert iris.job(job_id).message == "Internal"


def test_a_job_for_managers_refuses_somebody_who_is_no_manager_any_more(iris: Desk, vault: Vault) -> None:
    with vault.writing(iris.reader()) as session:
        session.add(Membership(project_id="p", person_id=iris.person_id, role="annotator"))
    refused = iris.start("test.for_managers", project_id="p")
    run_waiting(vault)
    assert iris.job(refused).state == "failed"
    assert "role" in iris.job(refused).message

    with vault.writing(iris.reader()) as session:
        session.add(Membership(project_id="p", person_id=iris.person_id, role="manager"))
    allowed = iris.start("test.for_managers", project_id="p")
    run_waiting(vault)
    assert iris.job(allowed).state == "done"


def test_a_job_stops_when_its_person_loses_the_account_while_it_runs(iris: Desk, vault: Vault) -> None:
    job_id = iris.start("test.closes_its_own_account")
    run_waiting(vault)
    assert iris.job(job_id).state == "failed"
    assert "account" in iris.job(job_id).message


def test_a_cancelled_job_that_waits_never_starts_and_can_be_resumed(iris: Desk, vault: Vault) -> None:
    job_id = iris.start("test.chunks")
    _act(iris, job_id, cancel)
    assert iris.job(job_id).state == "cancelled"
    run_waiting(vault)
    assert iris.job(job_id).started_at is None

    _act(iris, job_id, resume)
    run_waiting(vault)
    assert iris.job(job_id).state == "done"


def test_a_running_job_stops_at_its_next_report_and_keeps_what_it_did(iris: Desk, vault: Vault) -> None:
    job_id = iris.start("test.cancels_itself")
    run_waiting(vault)
    job = iris.job(job_id)
    assert (job.state, job.done) == ("cancelled", 3)

    _act(iris, job_id, resume)
    run_waiting(vault)
    job = iris.job(job_id)
    assert (job.state, job.done, job.position) == ("done", 5, 5)


def test_a_failed_job_says_why_in_the_words_of_the_error(iris: Desk, vault: Vault) -> None:
    job_id = iris.start("test.refused")
    run_waiting(vault)
    job = iris.job(job_id)
    assert (job.state, job.message) == ("failed", "The third line has no text. Give it one.")


def test_a_job_that_found_the_disk_full_can_be_resumed_when_there_is_room(iris: Desk, vault: Vault) -> None:
    job_id = iris.start("test.finds_the_disk_full")
    run_waiting(vault)
    assert (iris.job(job_id).state, iris.job(job_id).message) == (
        "failed",
        "There is no room left to write. Free some space.",
    )
    _act(iris, job_id, resume)
    run_waiting(vault)
    assert iris.job(job_id).state == "done"


def test_the_end_of_a_job_waits_for_room_on_the_disk(
    iris: Desk, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    finish = strongroom.jobs.run._finish

    def finish_at_the_third_try(*arguments: Any) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise StorageFullError
        finish(*arguments)

    monkeypatch.setattr("strongroom.jobs.run._finish", finish_at_the_third_try)
    monkeypatch.setattr("strongroom.jobs.run._FIRST_PAUSE_SECONDS", 0.01)
    job_id = iris.start("test.chunks")
    run_waiting(vault)
    assert (iris.job(job_id).state, len(tries)) == ("done", 3)


def test_an_unforeseen_error_is_told_by_its_kind_and_never_by_its_words(
    iris: Desk, vault: Vault, capsys: pytest.CaptureFixture[str]
) -> None:
    job_id = iris.start("test.broken")
    run_waiting(vault)
    job = iris.job(job_id)
    assert job.state == "failed"
    assert "ValueError" in job.message
    assert "aubergine" not in job.message
    printed = capsys.readouterr()
    assert "work_for_tests.py" in printed.out + printed.err
    assert "aubergine" not in printed.out + printed.err


def test_a_job_that_is_over_cannot_be_cancelled_nor_a_good_one_resumed(iris: Desk, vault: Vault) -> None:
    job_id = iris.start("test.chunks")
    run_waiting(vault)
    with pytest.raises(ConflictError):
        _act(iris, job_id, cancel)
    with pytest.raises(ConflictError):
        _act(iris, job_id, resume)


def test_a_job_resumed_by_a_manager_runs_as_the_manager(iris: Desk, omar: Desk, vault: Vault) -> None:
    job_id = iris.start("test.chunks")
    iris.close_account()
    run_waiting(vault)
    _act(omar, job_id, resume)
    run_waiting(vault)
    assert omar.job(job_id).state == "done"


def test_the_forecast_follows_the_pace_since_the_latest_start(iris: Desk, vault: Vault) -> None:
    job = iris.job(iris.start("test.chunks"))
    assert JobOut.of(job).eta_seconds is None
    now = clock.now()
    job.state, job.counted_from, job.counted_done, job.done, job.total = "running", now, 100, 150, 400
    with clock.at(now.replace(year=now.year + 1)):
        a_year = (clock.now() - now).total_seconds()
        assert JobOut.of(job).eta_seconds == round(5 * a_year)
    job.done = 100
    assert JobOut.of(job).eta_seconds is None


def test_progress_is_written_no_more_than_four_times_a_second(iris: Desk, vault: Vault) -> None:
    job_id = iris.start("test.talkative")
    run_waiting(vault)
    assert 1 <= int(iris.job(job_id).message) <= 4


def test_a_reader_neither_sees_orders_nor_changes_them(iris: Desk, vault: Vault) -> None:
    job_id = iris.start("test.chunks")
    for sql in (
        "select * from job_order",
        "update job_order set level = 'RESTRICTED'",
        "delete from job_order",
    ):
        # SQLite shows an empty view, PostgreSQL refuses.
        with suppress(DatabaseError, StrongroomError), vault.writing(iris.reader()) as session:
            result = session.execute(text(sql))
            assert not result.returns_rows or result.all() == []
    with pytest.raises((DatabaseError, StrongroomError)), vault.reading(iris.reader()) as session:
        session.execute(text("insert into job_order values ('a', 1, 'b', 'c', 'd', 'e', 'f', 'g')"))
    assert waiting(vault) == [(job_id, 1)]
    assert run_waiting(vault) == 1
    assert iris.job(job_id).state == "done"


def test_a_forged_order_is_not_carried_out(iris: Desk, omar: Desk, vault: Vault) -> None:
    job_id = iris.start("test.chunks")
    with vault.registry(write=True) as session:
        session.execute(update(Order).values(person_id=omar.person_id, login=omar.login))
    run_waiting(vault)
    assert iris.job(job_id).done == 0


def test_an_order_does_not_lead_to_a_job_of_another_level(iris: Desk, vault: Vault) -> None:
    lower = iris.start("test.chunks", level="INTERNAL")
    strike(vault, lower, 1)
    with vault.writing(iris.reader("CONFIDENTIAL")) as session:
        give(session, load(session, Job, lower))
    run_waiting(vault)
    job = iris.job(lower)
    assert (job.state, job.done) == ("queued", 0)


def test_hidden_jobs_are_absent(iris: Desk, omar: Desk, vault: Vault) -> None:
    job_id = iris.start("test.chunks", level="CONFIDENTIAL")
    omar.clear("Internal")
    with pytest.raises(NotFoundError), vault.reading(omar.reader()) as session:
        load(session, Job, job_id)


def _act(desk: Desk, job_id: str, verb: object) -> None:
    with desk.vault.writing(desk.reader()) as session:
        verb(session, load(session, Job, job_id))  # type: ignore[operator]
