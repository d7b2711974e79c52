"""The ground that the tests play on."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from databases import Sqlite
from strongroom.markings import Scheme
from strongroom.separation.actors import Actor
from strongroom.separation.cast import Cast
from strongroom.separation.ground import Ground, lay

LONG = bool(os.environ.get("STRONGROOM_LONG"))
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

#: No two of these may see each other's work: their clearances are incomparable.
OBSERVERS = (
    Actor(
        "harbour",
        {"level": "Internal", "circles": ["HARBOUR"]},
        "INTERNAL//FOR HARBOUR",
        address="127.0.0.2",
    ),
    Actor(
        "relief",
        {"level": "Internal", "circles": ["RELIEF"]},
        "INTERNAL//FOR RELIEF",
        ("administrator",),
        "127.0.0.3",
    ),
    Actor(
        "doctor",
        {"level": "Confidential", "compartments": ["PII"]},
        "CONFIDENTIAL//PII",
        ("security_officer", "auditor"),
        "127.0.0.4",
    ),
)
CHIEF = Actor(
    "chief",
    {"level": "Restricted", "compartments": ["PII", "PHI"], "circles": ["HARBOUR", "RELIEF"]},
    "RESTRICTED//PHI",
    address="127.0.0.5",
)
COLLEAGUE = Actor("colleague", OBSERVERS[0].clearance, OBSERVERS[0].level, address="127.0.0.6")


def laid(folder: Path, databases: Sqlite) -> Ground:
    scheme = Scheme.load("corporate")
    databases.create(folder, scheme).close()
    return lay(folder, Cast(scheme, OBSERVERS, CHIEF, COLLEAGUE, "PUBLIC"), START, store=databases)


@pytest.fixture(scope="session")
def ground(databases: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return databases.once("ground", lambda: laid(tmp_path_factory.mktemp("ground") / "workspace", databases))
