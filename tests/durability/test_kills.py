"""The server is killed while people work, at random moments and at named points: what was acknowledged is there, once."""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

from strongroom.vault import Vault

from ..replay.running_server import RunningServer
from ..replay.workspace import Staff, staff
from . import figures
from .ledger import Crowd, Ledger, lost

LAUNCH = Path(__file__).with_name("launch.py")
LONG = bool(os.environ.get("STRONGROOM_LONG"))
KILLS = 50 if LONG else 6
POINTS = (
    None,  # at a random moment, from outside
    "strongroom.vault.session:ReaderSession.commit:before",
    "strongroom.vault.session:ReaderSession.commit:after",  # committed, not yet synced
    "strongroom.vault.durable:Log.sync:after",  # synced, not yet answered
    "strongroom.label.uploads:hand_over:before",  # a file is written and has no name yet
    "strongroom.label.uploads:hand_over:after",  # it has its name, and no row refers to it yet
)


def test_nothing_acknowledged_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    chance = random.Random(11)
    who = staff(tmp_path / "workspace", ["ann", "ben", "cem"])
    server = RunningServer(tmp_path / "workspace", tmp_path / "log")
    ledger = Ledger()
    server.start()
    try:
        crowd = Crowd(server.port, who, ledger, tasks=2000 if LONG else 300)
        crowd.start()
        for number in range(KILLS):
            point = POINTS[number % len(POINTS)]
            server.program = program_dying_at(point, chance)
            server.kill()
            server.start()
            if point is None:
                time.sleep(chance.uniform(0.05, 1.0))
            else:
                server.wait_for_death(within_seconds=300)
        server.program = program_dying_at(None, chance)
        server.kill()
        server.start()
        crowd.stop()
    finally:
        server.stop()
    assert ledger.refused == {}
    assert server.kills >= KILLS
    assert ledger.of_kind("submit") > KILLS
    with Vault.open(server.workspace) as vault:
        assert lost(vault, ledger.said) == []
    assert what_the_job_library_knows(server.workspace, who) == []
    figures.note("kills", kills=server.kills, acknowledged=ledger.acknowledged)


def what_the_job_library_knows(workspace: Path, who: Staff) -> list[bytes]:
    """What its files hold of texts, names, markings and people, and of pickles: they are to hold ids of jobs alone."""
    words = [
        b"of the harbour",
        b"Durable",
        b"PUBLIC",
        b"label.import",
        *(id_.encode() for id_ in who.ids.values()),
    ]
    pickles = [b"gASV", b"gAR9", b"\x80\x04\x95"]
    files = list(workspace.glob("jobs.db*"))
    assert files
    return [word for file in files for word in words + pickles if word in file.read_bytes()]


def program_dying_at(point: str | None, chance: random.Random) -> tuple[str, ...]:
    if point is None:
        return (sys.executable, "-m", "strongroom")
    number = 1 if "uploads" in point else chance.randint(5, 60)
    return (sys.executable, str(LAUNCH), "--die", f"{point}:{number}", "--")
