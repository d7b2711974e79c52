"""The power fails while people work: what was acknowledged is there afterwards, whatever the disk forgot.

A real server is watched while people answer, keep drafts, import and export (`disk.py`). Then the disk is rebuilt as a cut
at some point would have left it, and opened.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom.vault import Vault

from ..replay import workspace as people
from ..replay.crowd import wait_for
from ..replay.plain_http import Connection
from ..replay.running_server import RunningServer
from ..replay.workspace import Staff
from . import figures
from .disk import Disk, Event, Fate, Watch, What
from .ledger import Crowd, Ledger, lost

LAUNCH = Path(__file__).with_name("launch.py")
LONG = bool(os.environ.get("STRONGROOM_LONG"))
SECONDS = 6.0 if LONG else 1.2
SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)


def found(watch: Watch, logins: list[str]) -> Staff:
    """A workspace made in a process of its own, watched from its first byte."""
    folder = watch.folder / "workspace"
    made = subprocess.run(
        [sys.executable, people.__file__, str(folder), *logins],
        env={**os.environ, **watch.environment},
        check=True,
        stdout=subprocess.PIPE,
    )
    watch.say(kind="founded")
    return Staff(**json.loads(made.stdout))


@dataclass
class Record:
    """What happened to a disk, and who was there."""

    who: Staff
    events: list[Event]

    @property
    def told(self) -> list[int]:
        """The points at which something had just been acknowledged; the first is the founding of the workspace."""
        return [point + 1 for point, event in enumerate(self.events) if event.what is What.SAID]

    def disk_at(self, point: int) -> Disk:
        disk = Disk()
        for event in self.events[:point]:
            disk.take(event)
        return disk


def recorded(place: Path, seconds: float, *faults: str) -> Record:
    """Founds a workspace, serves it with `faults` in the program, lets people work, and gives the record."""
    watch = Watch(place, place / "disk")
    who = found(watch, ["ann", "ben", "cem"])
    server = RunningServer(
        watch.folder / "workspace",
        place / "server.log",
        program=[sys.executable, str(LAUNCH), *faults, "--"],
        environment=watch.environment,
    )
    server.start()
    try:
        crowd = Crowd(server.port, who, Ledger(told=[watch.say]), tasks=120)
        crowd.start()
        time.sleep(seconds)
        crowd.stop()
        server.kill()
    finally:
        server.stop()
    return Record(who, watch.events())


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    found = recorded(tmp_path_factory.mktemp("sound"), SECONDS)
    figures.note(
        "record",
        writes=sum(1 for event in found.events if event.what is What.WRITE),
        mebibytes=sum(len(event.data) for event in found.events) // 2**20,
        syncs=sum(1 for event in found.events if event.what is What.SYNC_ENDS),
        acknowledged=len(found.told),
    )
    return found


def faults_after(disk: Disk, fate: Fate) -> list[str]:
    """What is wrong with the workspace that the cut leaves."""
    with tempfile.TemporaryDirectory() as place:
        disk.cut(Path(place) / "disk", fate)
        with Vault.open(Path(place) / "disk" / "workspace") as vault:
            with vault._system.reading() as connection:
                told = connection.exec_driver_sql("pragma integrity_check").scalars().all()
            return [line for line in told if line != "ok"] + lost(vault, disk.said)


@settings(
    max_examples=400 if LONG else 30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_nothing_acknowledged_is_lost_wherever_the_power_is_cut(record: Record, data: st.DataObject) -> None:
    anywhere = st.integers(record.told[0], len(record.events))
    point = data.draw(st.one_of(anywhere, st.sampled_from(record.told)), label="point")
    share = data.draw(st.sampled_from(SHARES), label="share of the unsynced that is kept")
    sector = data.draw(st.sampled_from((512, 4096)), label="sector")
    seed = data.draw(st.integers(0, 2**32), label="seed")
    assert faults_after(record.disk_at(point), Fate(share, sector, seed)) == []
    figures.note("cut")


@pytest.mark.parametrize(
    "defence",
    [
        pytest.param("strongroom.vault.durable:Log.sync", id="the-shared-sync-of-the-log"),
        pytest.param("strongroom.vault.durable:sync_folder", id="the-sync-of-names"),
    ],
)
def test_without_a_defence_something_is_lost(tmp_path: Path, defence: str) -> None:
    mutant = recorded(tmp_path, 0.8, "--everywhere", "--without", defence)
    points = mutant.told[1 :: 1 if LONG else 8]
    lossy = sum(1 for point in points if faults_after(mutant.disk_at(point), Fate(0.0)))
    assert lossy
    figures.note("mutant", defence=defence, points=len(points), lossy=lossy)


def test_a_server_goes_on_with_an_import_that_the_power_cut_short(record: Record, tmp_path: Path) -> None:
    point = [point for point in record.told if b'"kind": "import"' in record.events[point - 1].data][-1]
    asked = json.loads(record.events[point - 1].data)
    disk = record.disk_at(point)
    disk.cut(tmp_path / "disk", Fate(0.5, seed=4))
    server = RunningServer(tmp_path / "disk" / "workspace", tmp_path / "log")
    server.start()
    try:
        manager = Connection(server.port, record.who.manager_token)
        wait_for(manager, f"/imports/{asked['id']}")
    finally:
        server.stop()
    with Vault.open(server.workspace) as vault:
        assert lost(vault, disk.said) == []
