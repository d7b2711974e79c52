"""A session ends when what it wrote is on disk, and sessions that end together share a sync."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_port import Port
from sample_rooms import Draft, Password
from sqlalchemy import func, select

from strongroom.errors import StorageFullError
from strongroom.vault import durable

pytestmark = pytest.mark.only("sqlite")


@pytest.fixture
def syncs(port: Port, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many drafts were committed when each sync of the log began."""
    seen: list[int] = []

    def note(file: int) -> None:
        assert os.readlink(f"/proc/self/fd/{file}") == str(
            (port.vault.folder / "strongroom.db-wal").resolve()
        )
        seen.append(port.truth("select count(*) from draft")[0][0])

    monkeypatch.setattr(durable.os, "fdatasync", note)
    return seen


def test_a_session_ends_after_a_sync_that_began_after_its_commit(port: Port, syncs: list[int]) -> None:
    for number in range(3):
        with port.vault.writing(port.anna) as session:
            session.add(Draft(name=str(number)))
        assert syncs[-1] == number + 1


def test_the_registry_and_disclosures_wait_for_the_disk_too(port: Port, syncs: list[int]) -> None:
    with port.vault.registry(write=True) as registry:
        registry.add(Password(hash="h"))
    assert len(syncs) == 1
    with port.vault.reading(port.anna) as session:
        session.audit("item.read", "item", marking=port.low)
    assert len(syncs) == 2


def test_who_wrote_nothing_waits_for_nothing(port: Port, syncs: list[int]) -> None:
    with port.vault.writing(port.anna) as session:
        assert session.scalar(select(func.count(Draft.id))) == 0
    with port.vault.reading(port.anna) as reading:
        assert reading.scalar(select(func.count(Draft.id))) == 0
    assert syncs == []


def test_sessions_that_end_together_share_a_sync(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0

    def slow(_: int) -> None:
        nonlocal count
        count += 1
        time.sleep(0.02)

    monkeypatch.setattr(durable.os, "fdatasync", slow)

    def work(thread: int) -> None:
        for number in range(5):
            with port.vault.writing(port.anna) as session:
                session.add(Draft(name=f"{thread} {number}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert port.truth("select count(*) from draft") == [(40,)]
    assert count < 25


@pytest.mark.parametrize(("number", "error"), [(5, OSError), (28, StorageFullError)])
def test_a_sync_that_fails_is_told_and_what_came_before_is_made_safe(
    port: Port, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    def fail(_: int) -> None:
        raise OSError(number, "the disk says no")

    sync: Callable[[int], None] = os.fdatasync
    monkeypatch.setattr(durable.os, "fdatasync", fail)
    with pytest.raises(error), port.vault.writing(port.anna) as session:
        session.add(Draft(name="in doubt"))
    monkeypatch.setattr(durable.os, "fdatasync", sync)
    log = port.vault.folder / "strongroom.db-wal"
    emptied: list[int] = []
    monkeypatch.setattr(
        port.vault._database.log,
        "_empty",
        lambda: (port.vault._system.empty_log(), emptied.append(log.stat().st_size)),
    )
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="after"))
    assert emptied == [0]
    with port.vault.writing(port.anna) as session:
        session.add(Draft(name="later"))
    assert emptied == [0]


def test_a_log_that_is_new_has_its_folder_synced(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []
    monkeypatch.setattr(durable, "sync_folder", folders.append)
    port.vault._database.log._known_inode = None
    for number in range(2):
        with port.vault.writing(port.anna) as session:
            session.add(Draft(name=str(number)))
    assert folders == [port.vault.folder]
