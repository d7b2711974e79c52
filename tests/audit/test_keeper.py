"""Acts don't wait for the log; the keeper takes them up, signs, and keeps checkpoints out of the database's reach."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest
import structlog

from strongroom.audit import Keeper, Place, RefusedError
from strongroom.audit.keeper import keep_checkpoint
from strongroom.vault import audit_check
from strongroom.vault.strongroom_verify import Checkpoint

from .conftest import Hall


def signed(hall: Hall) -> list[int]:
    place = Place(hall.checkpoints, hall.vault)
    return [Checkpoint.opened(note, hall.vault.audit_log.key).size for _, note in place.all()]


def test_what_was_recorded_is_taken_up_while_the_keeper_runs_and_signed_when_it_leaves(hall: Hall) -> None:
    keeper = Keeper(hall.vault, Place(hall.checkpoints, hall.vault), take_up_seconds=0.01)
    keeper.start()
    hall.act("anna", "INTERNAL")
    deadline = time.monotonic() + 300
    while hall.truth("select 1 from audit_waiting") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert hall.truth("select 1 from audit_waiting") == []
    assert signed(hall) == []
    keeper.stop()
    assert signed(hall) == [hall.vault.audit_log.head().size]


def test_a_checkpoint_is_signed_only_when_something_changed(hall: Hall) -> None:
    place = Place(hall.checkpoints, hall.vault)
    for _ in range(2):
        hall.act("anna", "INTERNAL")
        hall.vault.audit_log.take_up()
        for _ in range(2):
            keep_checkpoint(hall.vault, place)
    sizes = signed(hall)
    assert len(sizes) == 2
    assert sizes == sorted(sizes)
    assert [size for (size,) in hall.truth("select size from audit_checkpoint order by size")] == sizes


def test_a_database_that_was_rolled_back_is_refused_and_people_work_on(hall: Hall) -> None:
    place = Place(hall.checkpoints, hall.vault)
    ahead = hall.vault.audit_log.signer.checkpoint(10_000, bytes(32))
    place.folder.mkdir(parents=True)
    (place.folder / f"{10_000:016}").write_text(ahead)
    with structlog.testing.capture_logs() as logged:
        keeper = Keeper(hall.vault, place, take_up_seconds=0.01, checkpoint_seconds=0.01)
        keeper.start()
        hall.act("anna", "INTERNAL")
        time.sleep(0.2)
        keeper.stop()
    assert signed(hall) == [10_000]
    assert hall.truth("select 1 from audit_checkpoint") == []
    assert hall.truth("select 1 from audit_waiting") == [], "entries are taken up all the same"
    errors = [line for line in logged if line["log_level"] == "error"]
    assert errors
    assert "rolled back" in errors[0]["trouble"]


def test_a_checkpoint_of_somebody_else_in_our_place_is_refused(hall: Hall) -> None:
    place = Place(hall.checkpoints, hall.vault)
    place.folder.mkdir(parents=True)
    (place.folder / f"{5:016}").write_text("something\n")
    with pytest.raises(RefusedError):
        keep_checkpoint(hall.vault, place)


def test_a_checkpoint_that_a_power_cut_left_unfinished_is_passed_over(hall: Hall) -> None:
    place = Place(hall.checkpoints, hall.vault)
    hall.vault.audit_log.take_up()
    head = hall.vault.audit_log.head()
    place.folder.mkdir(parents=True)
    (place.folder / f"{head.size:016}").write_text(head.note[:40])
    assert place.latest() is None
    keep_checkpoint(hall.vault, place)
    assert signed(hall) == [head.size]


def test_what_commits_late_is_taken_up_late(hall: Hall) -> None:
    """By the set of those that wait, not by the highest number: a slow act isn't passed over by a quick one."""
    began, done = threading.Event(), threading.Event()

    def slow() -> None:
        with hall.vault.writing(hall.reader("anna", "INTERNAL")) as session:
            session.audit("task.slow", "task")
            session.flush()
            began.set()
            done.wait(0.3)

    thread = threading.Thread(target=slow)
    thread.start()
    began.wait()
    hall.act("bert", "CONFIDENTIAL//PII", "task.quick")
    hall.vault.audit_log.take_up()
    done.set()
    thread.join()
    hall.vault.audit_log.take_up()
    assert hall.truth("select 1 from audit_waiting") == []
    taken = hall.truth("select a.action from audit_leaf l join audit_entry a on a.id = l.entry_id")
    assert {("task.slow",), ("task.quick",)} <= set(taken)


_TAKE_UP = """
import sys
from pathlib import Path
import strongroom.assembly
from strongroom.vault import Vault
with Vault.open(Path(sys.argv[1])) as vault:
    vault.audit_log.take_up()
"""


def test_several_processes_may_take_up_at_once(hall: Hall) -> None:
    """Each entry gets one place, and the tree is the one over them."""
    with hall.vault.writing(hall.reader("anna", "INTERNAL")) as session:
        for _ in range(4500):
            session.audit("task.change", "task")
    command = [sys.executable, "-c", _TAKE_UP, str(hall.vault.folder)]
    running = [subprocess.Popen(command, env=os.environ.copy()) for _ in range(2)]
    hall.vault.audit_log.take_up()
    assert [each.wait(60) for each in running] == [0, 0]
    (size,) = hall.truth("select size from audit_tree")[0]
    assert hall.truth("select count(*), count(distinct entry_id), max(number) from audit_leaf") == [
        (size, size, size - 1)
    ]
    assert hall.truth("select count(*) from audit_entry") == [(size,)]
    assert audit_check.check(hall.vault).faults == []


def test_entries_from_before_there_was_a_log_are_taken_up_as_they_are(hall: Hall) -> None:
    hall.act("anna", "INTERNAL", "task.old")
    hall.force("update audit_entry set salt = null")
    hall.force("delete from audit_waiting")
    assert hall.vault.audit_log.take_up() > 0
    assert audit_check.check(hall.vault).faults == []
    assert hall.truth("select 1 from audit_entry where salt is null") == []


def test_the_same_place_serves_several_logs(hall: Hall) -> None:
    hall.vault.audit_log.take_up()
    other = hall.checkpoints / "strongroom-audit-of-another"
    other.mkdir(parents=True)
    (other / f"{10**9:016}").write_text("of another")
    keep_checkpoint(hall.vault, Place(hall.checkpoints, hall.vault))
    assert signed(hall) == [hall.vault.audit_log.head().size]
