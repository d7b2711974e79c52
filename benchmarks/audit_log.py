"""How many entries a second the audit log takes, from `session.audit` to the tree, and what that costs beside plain inserts.

    python benchmarks/audit_log.py [--entries 20000] [--database-url postgresql://…]

Plain inserts of the same columns past the vault are what the database takes by itself. Entries are recorded through a reader's
session, in transactions of 100: one by one (`session.audit`, as an act does it), and many at once (as a disclosure of many things
does it). Then they are taken up into the tree. One thread; the best of three rounds; by the wall and by the processor, since a
machine that others use too makes the first say little.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import insert

import strongroom.assembly  # noqa: F401
from strongroom.markings import Scheme
from strongroom.vault import AuditEntry, Reader, Vault, audit, audit_check, ids

TOGETHER = 100
ROUNDS = 3
Seconds = tuple[float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--entries", type=int, default=20_000)
    parser.add_argument("--database-url", default=None)
    given = parser.parse_args()
    if given.database_url:
        os.environ["STRONGROOM_DATABASE_URL"] = given.database_url
    scheme = Scheme.load("corporate")
    best: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as scratch, Vault.create(Path(scratch) / "w", scheme) as vault:
        level = scheme.parse("INTERNAL")
        reader = Reader("a" * 32, "anna", scheme.clearance({"level": "Internal"}), level, "session", "b" * 32)
        with vault.writing(reader) as session:
            session.audit("benchmark.begin", "benchmark")
            level_id = session.level_id
        for _ in range(ROUNDS):
            for name, run in (
                ("plain inserts", lambda: plain(vault, given.entries, level_id)),
                ("recorded one by one", lambda: recorded(vault, reader, given.entries)),
                ("recorded many at once", lambda: recorded_together(vault, reader, given.entries)),
                ("taken up", lambda: taken_up(vault, 2 * given.entries)),
            ):
                wall, cpu = run()
                before = best.get(name, (float("inf"), float("inf")))
                best[name] = min(before[0], wall), min(before[1], cpu)
        faults = audit_check.check(vault).faults
    # The plain rows came past the program: the check has to say so, and nothing else.
    assert all("somebody put it in" in fault for fault in faults), faults[:3]
    result = {}
    for which, measure in enumerate(("by the wall", "by the processor")):
        seconds = {name: both[which] for name, both in best.items()}
        seconds["taken up"] /= 2
        ends = {
            f"{how}, and taken up": seconds[f"recorded {how}"] + seconds["taken up"]
            for how in ("one by one", "many at once")
        }
        result[measure] = {
            name: {
                "entries a second": round(given.entries / each),
                "times plain inserts": round(each / seconds["plain inserts"], 2),
            }
            for name, each in (seconds | ends).items()
        }
    print(json.dumps(result, indent=2))


def plain(vault: Vault, count: int, level_id: int) -> Seconds:
    """The same columns, by the system engine, without views, commitments and markings."""
    values = audit.entry("task.read", "task", "c" * 32, "done", {"count": 3}, **_WHO)

    def chunk() -> None:
        with vault._system.writing() as connection:
            for _ in range(TOGETHER):
                row = {**values, "id": ids.new_id(), "marking_id": level_id, "salt": "0" * 32}
                connection.execute(insert(AuditEntry.__table__), row)

    return _timed(chunk, count // TOGETHER)


def recorded(vault: Vault, reader: Reader, count: int) -> Seconds:
    def chunk() -> None:
        with vault.writing(reader) as session:
            for _ in range(TOGETHER):
                session.audit("task.read", "task", "c" * 32, count=3)

    return _timed(chunk, count // TOGETHER)


def recorded_together(vault: Vault, reader: Reader, count: int) -> Seconds:
    values = audit.entry("task.read", "task", "c" * 32, "done", {"count": 3}, **_WHO)

    def chunk() -> None:
        with vault.writing(reader) as session:
            audit.write(session.connection(), [values] * TOGETHER, reader.level, vault.audit_log.secret)

    return _timed(chunk, count // TOGETHER)


def taken_up(vault: Vault, count: int) -> Seconds:
    def all_of_them() -> None:
        assert vault.audit_log.take_up() >= count

    return _timed(all_of_them, 1)


def _timed(run: Callable[[], None], times: int) -> Seconds:
    begun, cpu = time.perf_counter(), time.process_time()
    for _ in range(times):
        run()
    return time.perf_counter() - begun, time.process_time() - cpu


_WHO: dict[str, Any] = {
    "actor_id": "a" * 32,
    "how": "session",
    "clearance": "Internal",
    "level": "INTERNAL",
    "scheme_hash": "0" * 64,
    "request_id": "b" * 32,
}


if __name__ == "__main__":
    main()
