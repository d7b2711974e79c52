"""A job survives its worker: a real worker process is killed, and the job is done once all the same."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from jobs_desk import Desk, until
from sqlalchemy import create_engine, inspect, select
from work_for_tests import CHUNKS, ONLY_BY_BELL, die_at

from strongroom.jobs import Supervisor
from strongroom.people import Receipt
from strongroom.vault import Vault


def _lines(desk: Desk, job_id: str) -> list[str]:
    with desk.vault.reading(desk.reader()) as session:
        found = select(Receipt.key_hash).where(Receipt.answer == job_id).order_by(Receipt.key_hash)
        return [line.removesuffix(f" of {job_id}") for line in session.scalars(found)]


ALL_LINES = [f"line {number}" for number in range(CHUNKS)]


def test_a_job_is_done_and_its_progress_is_on_record(iris: Desk, worker: Supervisor) -> None:
    worker.start()
    job = iris.wait(iris.start("test.chunks"))
    assert (job.state, job.done, job.total) == ("done", CHUNKS, CHUNKS)
    assert job.started_at is not None
    assert job.finished_at is not None
    assert job.created_at <= job.started_at <= job.finished_at
    assert _lines(iris, job.id) == ALL_LINES


def test_a_worker_writes_as_little_to_the_log_as_the_setting_says(
    iris: Desk, worker: Supervisor, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STRONGROOM_LOG_LEVEL", "warning")
    worker.start()
    assert iris.wait(iris.start("test.chunks")).state == "done"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("number", [0, 3, CHUNKS - 1])
@pytest.mark.parametrize("when", ["before", "within", "after"])
def test_a_job_whose_worker_is_killed_goes_on_and_writes_each_line_once(
    iris: Desk, worker: Supervisor, number: int, when: str
) -> None:
    die_at(iris.vault.folder, number, when)
    worker.start()
    job = iris.wait(iris.start("test.chunks"))
    assert not (iris.vault.folder / "die_at").exists()  # it did die
    assert job.state == "done"
    assert _lines(iris, job.id) == ALL_LINES


def test_a_job_that_waits_while_there_is_no_worker_is_done_when_there_is_one(
    iris: Desk, worker: Supervisor
) -> None:
    job_id = iris.start("test.chunks")
    assert iris.job(job_id).state == "queued"
    worker.start()
    assert iris.wait(job_id).state == "done"


@pytest.mark.long
def test_a_job_that_kills_its_worker_each_time_is_given_up(iris: Desk, worker: Supervisor) -> None:
    worker.start()
    deadly = iris.start("test.deadly")
    job = iris.wait(deadly, within_seconds=300)
    assert job.state == "failed"
    assert "stopped the worker" in job.message
    assert iris.wait(iris.start("test.chunks")).state == "done"


def test_two_workers_do_not_run_one_job_twice(
    iris: Desk, worker: Supervisor, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.start()
    second = Supervisor(vault.folder, rooms="work_for_tests")
    second.start()
    try:
        jobs = [iris.start("test.chunks") for _ in range(8)]
        for job_id in jobs:
            job = iris.wait(job_id)
            assert (job.state, job.attempts) == ("done", 0)
            assert _lines(iris, job_id) == ALL_LINES
        if vault.near:  # elsewhere the lock is the database's
            assert _live_workers_that_hold_the_lock(vault.folder) == 1
    finally:
        second.stop()


def test_the_second_worker_takes_over_when_the_first_dies(
    iris: Desk, worker: Supervisor, vault: Vault
) -> None:
    worker.start()
    job_id = iris.start("test.patient")
    iris.wait(job_id, "running")
    second = Supervisor(vault.folder, rooms="work_for_tests")
    second.start()
    try:
        until(lambda: second.pid)
        worker.stop()
        (vault.folder / "enough").touch()
        assert iris.wait(job_id).state == "done"
    finally:
        second.stop()


def test_a_worker_goes_when_its_parent_is_killed(vault: Vault, worker: Supervisor, tmp_path: Path) -> None:
    # `worker` is here for its environment only.
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path; from strongroom.jobs import Supervisor;"
            "s = Supervisor(Path(sys.argv[1]), rooms='work_for_tests'); s.start()\n"
            "while s.pid is None: time.sleep(0.01)\n"
            "print(s.pid, flush=True); time.sleep(600)",
            str(vault.folder),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    child = psutil.Process(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_a_killed_worker_is_started_again(worker: Supervisor) -> None:
    worker.start()
    first = until(lambda: worker.pid or False)
    os.kill(first, signal.SIGKILL)
    assert until(lambda: worker.pid not in (None, first) and worker.pid)


def test_the_job_database_holds_ids_and_nothing_else(iris: Desk, worker: Supervisor, vault: Vault) -> None:
    worker.start()
    jobs = [iris.start(kind) for kind in ("test.chunks", "test.broken", "test.refused")]
    for job_id in jobs:
        iris.wait(job_id)
    until(lambda: _states(vault) == {"SUCCESS"})
    worker.stop()
    for file in vault.folder.glob("jobs.db*"):
        stored = file.read_bytes()
        for content in (b"aubergine", b"third line", b"iris", b"INTERNAL", b"test.", iris.person_id.encode()):
            assert content not in stored
        assert b"gASV" not in stored  # how pickle begins in base64
    ids = "|".join(jobs)
    harmless = re.compile(
        rf"({ids})(\.1)?"  # ids, and what JSON makes of them
        rf'|"({ids})"|{{"namedArgs":{{}},"positionalArgs":\["({ids})"\]}}'
        r"|run|strongroom|SUCCESS|null|portable_json|[0-9a-f-]{36}|"
    )
    for table, row in _everything(vault):
        for value in row.values():
            assert not isinstance(value, str) or harmless.fullmatch(value), (table, value)


def test_the_web_process_does_not_load_the_job_library() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, strongroom.jobs; print('dbos' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "False"


def test_a_waiting_worker_is_woken_and_need_not_look(
    iris: Desk, worker: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ONLY_BY_BELL, "1")
    worker.start()
    for _ in range(3):
        assert iris.wait(iris.start("test.chunks")).state == "done"


def _states(vault: Vault) -> set[str]:
    return {str(row["status"]) for name, row in _everything(vault) if name == "workflow_status"}


def _everything(vault: Vault) -> Iterator[tuple[str, dict[str, object]]]:
    """Every row that the job library keeps, with the name of its table."""
    schema = "strongroom_jobs" if vault.beside("jobs").startswith("postgresql") else None
    engine = create_engine(vault.beside("jobs").replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        for name in inspect(connection).get_table_names(schema):
            rows = connection.exec_driver_sql(
                f'select * from "{name}"' if not schema else f'select * from {schema}."{name}"'
            )
            yield from ((name, dict(row)) for row in rows.mappings())
    engine.dispose()


def _live_workers_that_hold_the_lock(folder: Path) -> int:
    serving = 0
    for process in psutil.Process().children(recursive=True):
        files = {Path(file.path).name for file in process.open_files()}
        serving += "jobs.db" in files
    return serving
