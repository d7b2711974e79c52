"""What the custody room stores: requests to mark something otherwise, spills, and what came of them.

A request or a spill carries the marking that its thing had; each thing that a spill took out of sight is on its list at
the marking that it had. So whoever looks at a spill sees of it what they could have seen of the things.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from strongroom.vault import Base, Marked
from strongroom.vault.ties import aside

PURGE = "purge"


class Remarking(Marked, Base):
    """That somebody gave a thing another marking, or asks for it. Raising is done at once; anything else waits for a
    second person."""

    __tablename__ = "remarking"
    __table_args__ = (
        Index("ix_remarking_state", "marking_id", "state", "asked_at"),
        Index("ix_remarking_thing", "marking_id", "thing_kind", "thing_id"),
        CheckConstraint("state IN ('asked', 'done', 'refused')", name="state"),
    )

    thing_kind: Mapped[str] = mapped_column(String(64))
    thing_id: Mapped[str] = mapped_column(String(32))
    raises: Mapped[bool]
    wanted: Mapped[str] = mapped_column(Text)
    """The canonical text of the marking."""
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    asked_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class Spill(Marked, Base):
    """Something was marked too low, or should not be here. `should_be` is the canonical text of a marking, or `purge`."""

    __tablename__ = "spill"
    __table_args__ = (
        Index("ix_spill_reported", "marking_id", "reported_at"),
        Index("ix_spill_thing", "marking_id", "thing_kind", "thing_id"),
    )

    thing_kind: Mapped[str] = mapped_column(String(64))
    thing_id: Mapped[str] = mapped_column(String(32))
    should_be: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    reported_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reported_at: Mapped[datetime]


class SpillThing(Marked, Base):
    """Something that a spill took out of sight, at the marking that it had. `became`: the text of the marking it has
    since it was marked otherwise."""

    __tablename__ = "spill_thing"
    __table_args__ = (
        UniqueConstraint("marking_id", "spill_id", "kind", "thing_id", name="uq_spill_thing"),
        Index("ix_spill_thing_id", "marking_id", "thing_id"),
        CheckConstraint("state IN ('quarantined', 'remarked', 'released', 'purged')", name="state"),
    )

    spill_id: Mapped[str] = mapped_column(ForeignKey("spill.id"))
    kind: Mapped[str] = mapped_column(String(64))
    thing_id: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    became: Mapped[str | None] = mapped_column(Text)


class SpillDecision(Marked, Base):
    """What was decided about things of a spill (of some kinds, or all), and how far it is done. `proof` belongs to a
    purge."""

    __tablename__ = "spill_decision"
    __table_args__ = (
        Index("ix_spill_decision_spill", "marking_id", "spill_id", "decided_at"),
        CheckConstraint("decision IN ('remark', 'release', 'purge')", name="decision"),
        CheckConstraint("state IN ('working', 'done')", name="state"),
    )

    spill_id: Mapped[str] = mapped_column(ForeignKey("spill.id"))
    decision: Mapped[str] = mapped_column(String(16))
    wanted: Mapped[str | None] = mapped_column(Text)
    kinds: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    state: Mapped[str] = mapped_column(String(16))
    job_id: Mapped[str | None] = mapped_column(String(32))
    decided_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    proof: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


aside("remarking", "spill", "spill_thing", "spill_decision")
