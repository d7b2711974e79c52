"""A migration that is cut short leaves the workspace as it was, or as it shall be, and the next opening finishes it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.markings import Scheme
from strongroom.vault import Vault
from strongroom.vault.database import SQLITE_FILE

from . import figures, old_workspaces
from .disk import Disk, Event, Fate, Watch, What
from .test_killed_jobs import killed

LONG = bool(os.environ.get("STRONGROOM_LONG"))
Schema = dict[str, str]


def state(folder: Path) -> tuple[str, Schema, int]:
    """Revision, schema, and how many entries the log has."""
    database = sqlite3.connect(folder / SQLITE_FILE)
    (revision,) = database.execute("select version_num from alembic_version").fetchone()
    schema = dict(database.execute("select name, sql from sqlite_master where type in ('table', 'index')"))
    (entries,) = database.execute("select count(*) from audit_entry").fetchone()
    database.close()
    return revision, schema, entries


def checked(folder: Path) -> tuple[str, Schema, int]:
    """The state after opening."""
    with Vault.open(folder, database="") as vault, vault._system.reading() as connection:
        assert connection.exec_driver_sql("pragma integrity_check").scalars().all() == ["ok"]
        assert connection.exec_driver_sql("pragma foreign_key_check").all() == []
    return state(folder)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, scheme: Scheme) -> Path:
    folder = tmp_path_factory.mktemp("old") / "workspace"
    old_workspaces.make(folder, scheme)
    return folder


@pytest.fixture(scope="module")
def new(old: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Schema, int]:
    return checked(shutil.copytree(old, tmp_path_factory.mktemp("new") / "workspace"))


def moments() -> Iterator[int]:
    number = 1.0
    while True:
        yield int(number)
        number = number + 1 if LONG else number * 1.6 + 1


def test_a_migration_that_is_killed_is_complete_or_untouched(
    old: Path, new: tuple[str, Schema, int], tmp_path: Path
) -> None:
    before = state(old)
    assert before[0] == "0001" != new[0]
    deaths = 0
    for number in moments():
        folder = shutil.copytree(old, tmp_path / "workspace")
        if not killed(folder, f"sqlalchemy.engine.default:DefaultDialect.do_execute:after:{number}"):
            break
        assert state(folder) in (before, new)
        assert checked(folder) == new
        shutil.rmtree(folder)
        deaths += 1
    assert deaths > 5
    figures.note("deaths of a migration", count=deaths)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_migration_that_is_killed_at_its_commit(
    old: Path, new: tuple[str, Schema, int], tmp_path: Path, moment: str
) -> None:
    folder = shutil.copytree(old, tmp_path / "workspace")
    assert killed(folder, f"sqlalchemy.engine.default:DefaultDialect.do_commit:{moment}:1")
    assert state(folder) == (state(old) if moment == "before" else new)
    assert checked(folder) == new


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """What happened to a disk while a workspace was made, opened by a later program, and closed."""
    place = tmp_path_factory.mktemp("cut")
    watch = Watch(place, place / "disk")
    command = [sys.executable, old_workspaces.__file__, str(watch.folder / "workspace")]
    subprocess.run(command, check=True, env={**os.environ, **watch.environment})
    watch.say(kind="opened")
    return watch.events()


@settings(max_examples=200 if LONG else 12, deadline=None)
@given(data=st.data())
def test_a_migration_that_a_power_cut_ends_is_complete_or_untouched(
    record: list[Event], new: tuple[str, Schema, int], data: st.DataObject
) -> None:
    told = [number + 1 for number, event in enumerate(record) if event.what is What.SAID]
    made, opened = told[0], told[1]
    point = data.draw(st.integers(made, opened), label="point")
    fate = Fate(data.draw(st.sampled_from((0.0, 0.5, 1.0))), 512, data.draw(st.integers(0, 99)))
    disk = Disk()
    for event in record[:point]:
        disk.take(event)
    with tempfile.TemporaryDirectory() as place:
        disk.cut(Path(place) / "disk", fate)
        folder = Path(place) / "disk" / "workspace"
        if point == opened:
            assert state(folder)[0] == new[0]
        assert checked(folder) == new
    figures.note("cut of a migration")
