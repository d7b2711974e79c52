"""What the vault's guard costs, beside plain SQLAlchemy on the same tables: `python benchmarks/vault_overhead.py`.

Both sides use the same SQLite settings, indexes and data: 60,000 rows under 200 markings, 50 of them readable. Times are
CPU seconds of this process, the two sides interleaved, medians of many rounds; the plain side filters by marking where
the line says so. The last lines are absolute, and the time of an fsync on this disk is printed with them.
"""

from __future__ import annotations

import gc
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Index, MetaData, create_engine, event, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from strongroom.markings import Scheme
from strongroom.vault import AuditEntry, Base, Blob, Marked, Reader, Vault, derive_from_ids, ids
from strongroom.vault.lineage import DerivationEdge
from strongroom.vault.markings_table import InternedMarking

ROWS, MARKINGS, READABLE = 60_000, 200, 50


def vault_metadata() -> MetaData:
    metadata = MetaData()
    for model in (InternedMarking, AuditEntry, DerivationEdge, Blob):
        model.__table__.to_metadata(metadata)  # type: ignore[attr-defined]
    return metadata


class Room(DeclarativeBase):
    metadata = vault_metadata()
    type_annotation_map = Base.type_annotation_map


class Item(Marked, Room):
    __tablename__ = "item"
    __table_args__ = (Index(None, "marking_id", "state"),)

    title: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="open")
    n: Mapped[int] = mapped_column(default=0)


def plain_engine(database: Path) -> Engine:
    engine = create_engine(f"sqlite:///{database}", connect_args={"isolation_level": None, "timeout": 30})

    @event.listens_for(engine, "connect")
    def _(connection: Any, _: Any) -> None:
        for pragma in (
            "journal_mode = wal",
            "synchronous = full",
            "foreign_keys = on",
            "mmap_size = 268435456",
        ):
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Sides:
    """The same work through the vault and plainly."""

    def __init__(self, folder: Path) -> None:
        self.scheme = Scheme.load("corporate")
        self.vault = Vault.create(folder / "guarded", self.scheme, metadata=Room.metadata)
        level = self.scheme.parse("INTERNAL")
        cases = [f"C{n}" for n in range(READABLE - 2)]
        clearance = self.scheme.clearance({"level": "Internal", "compartments": [f"CASE {c}" for c in cases]})
        self.reader = Reader("p", "anna", clearance, level, "session", "r")
        everyone = Reader(
            "q",
            "root",
            self.scheme.clearance(
                {"level": "Internal", "compartments": [f"CASE C{n}" for n in range(MARKINGS)]}
            ),
            level,
            "operator",
            "r",
        )
        each = ROWS // MARKINGS
        for n in range(MARKINGS):
            marking = self.scheme.parse(f"INTERNAL//CASE C{n}")
            with self.vault.writing(everyone, marking) as session:
                session.execute(insert(Item), [{"title": f"t{k}", "payload": {"k": k}} for k in range(each)])
        self.level_id = self.vault.markings.intern_in_turn(level)
        self.plain = plain_engine(folder / "plain.db")
        Room.metadata.create_all(self.plain)
        copy = sqlite3.connect(folder / "plain.db")
        copy.execute(f"ATTACH '{folder / 'guarded' / 'strongroom.db'}' AS guarded")
        for table in ("marking", "item"):
            copy.execute(f"INSERT INTO main.{table} SELECT * FROM guarded.{table}")
        copy.commit()
        copy.close()
        sight = self.vault.markings.sight(clearance, None, None)
        self.readable = sorted(sight.readable)
        with self.vault.reading(self.reader) as session:
            self.some = list(session.scalars(select(Item.id).limit(2000)))


def compare(name: str, vault: Callable[[], Any], plain: Callable[[], Any], rounds: int, target: str) -> None:
    for warm in (vault, plain, vault, plain):
        warm()
    taken: tuple[list[float], list[float]] = ([], [])
    gc.disable()
    for _ in range(rounds):
        for side, work in enumerate((vault, plain)):
            began = time.process_time()
            work()
            taken[side].append(time.process_time() - began)
    gc.enable()
    ours, theirs = (statistics.median(each) * 1e3 for each in taken)
    print(
        f"{name:44s} plain {theirs:8.3f} ms   vault {ours:8.3f} ms   x{ours / theirs:.2f}   (target {target})",
        flush=True,
    )


def measure(name: str, work: Callable[[], Any], rounds: int, target: str) -> None:
    work()
    cpu, wall = [], []
    for _ in range(rounds):
        began, clock = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - began)
        wall.append(time.perf_counter() - clock)
    print(
        f"{name:44s} cpu {statistics.median(cpu) * 1e3:8.2f} ms   wall {statistics.median(wall) * 1e3:8.2f} ms"
        f"   (target {target})",
        flush=True,
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sides = Sides(Path(folder))
        reads(sides)
        writes(sides)
        absolute(sides, Path(folder))
        sides.vault.close()
    print(f"load {os.getloadavg()[0]:.1f}")


def reads(sides: Sides) -> None:
    some, readable = sides.some, sides.readable

    with sides.vault.reading(sides.reader) as ours, Session(sides.plain) as theirs:

        def get(session: Session) -> None:
            for each in some[:200]:
                session.get(Item, each)
            session.expunge_all()

        def one(session: Session, *filters: Any) -> None:
            session.scalars(select(Item).where(*filters).order_by(Item.id).limit(50)).all()
            session.expunge_all()

        visible = Item.marking_id.in_(readable)
        compare("session.get, 200 times", lambda: get(ours), lambda: get(theirs), 21, "1.2")
        compare("page of 50 objects, same filter", lambda: one(ours), lambda: one(theirs, visible), 21, "-")
        counted = select(func.count()).select_from(Item)
        compare(
            "count, same filter",
            lambda: ours.scalar(counted),
            lambda: theirs.scalar(counted.where(visible)),
            21,
            "-",
        )
        theirs.rollback()


def writes(sides: Sides) -> None:
    level_id = sides.level_id

    def guarded(work: Callable[[Session], Any]) -> Callable[[], None]:
        def run() -> None:
            with sides.vault.writing(sides.reader) as session:
                work(session)

        return run

    def plain(work: Callable[[Session], Any]) -> Callable[[], None]:
        def run() -> None:
            with Session(sides.plain, expire_on_commit=False) as session:
                work(session)
                session.commit()

        return run

    def add(session: Session, **extra: Any) -> None:
        session.add_all([Item(title="n", payload={"k": 1}, **extra) for _ in range(100)])

    def change(session: Session) -> None:
        for item in session.scalars(select(Item).where(Item.marking_id == level_id).limit(50)):
            item.n += 1

    rows = [{"title": f"b{n}", "payload": {"k": n}} for n in range(10_000)]
    marked = [{**row, "marking_id": level_id} for row in rows]
    compare("100 objects added", guarded(add), plain(lambda s: add(s, marking_id=level_id)), 21, "1.05-1.2")
    compare("50 objects changed", guarded(change), plain(change), 21, "1.44 in the spike")
    compare(
        "bulk insert of 10,000 rows",
        guarded(lambda s: s.execute(insert(Item), rows)),
        plain(lambda s: s.execute(insert(Item), marked)),
        5,
        "< 350 ms",
    )


def absolute(sides: Sides, folder: Path) -> None:
    level_id = sides.level_id

    def claim() -> None:
        with sides.vault.writing(sides.reader) as session:
            task = session.scalars(
                select(Item).where(Item.marking_id == level_id, Item.state == "open").limit(1)
            ).one()
            session.add(Item(title="assignment", payload={}, state="claimed"))
            task.n += 1
            session.audit("item.claim", "item", task.id)

    def look() -> None:
        with sides.vault.reading(sides.reader) as session:
            session.get(Item, sides.some[0])

    def derive() -> None:
        with sides.vault.writing(sides.reader) as session:
            made = Item(title="dataset", payload={})
            session.add(made)
            session.flush()
            derive_from_ids(session, made, Item, sources, "export")

    with sides.vault.reading(sides.reader) as session:
        sources = list(session.scalars(select(Item.id).where(Item.marking_id == level_id).limit(10_000)))
    measure("claim: select, insert, update, audit, commit", claim, 101, "< 3 ms cpu")
    measure("reading session with one get", look, 101, "-")
    measure("derive 10,000 edges", derive, 5, "< 200 ms")
    measure("1,000 ids", lambda: [ids.new_id() for _ in range(1000)], 21, "-")
    with open(folder / "fsync", "wb") as file:

        def sync() -> None:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())

        measure("fsync of 4 KiB on this disk", sync, 101, "-")


if __name__ == "__main__":
    main()
