"""Markings changed, spills, purges"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "purge_in_hand",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("things", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.Column("prints", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purge_in_hand")),
    )
    op.create_table(
        "purged",
        sa.Column("thing_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("case", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("thing_id", name=op.f("pk_purged")),
    )
    op.create_table(
        "remarking",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("marking_id", sa.Integer(), nullable=False),
        sa.Column("thing_kind", sa.String(length=64), nullable=False),
        sa.Column("thing_id", sa.String(length=32), nullable=False),
        sa.Column("raises", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'done', 'refused')", name=op.f("ck_remarking_state")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_remarking_asked_by_person")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_remarking_decided_by_person")),
        sa.ForeignKeyConstraint(["marking_id"], ["marking.id"], name=op.f("fk_remarking_marking_id_marking")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remarking")),
    )
    with op.batch_alter_table("remarking", schema=None) as batch_op:
        batch_op.create_index("ix_remarking_state", ["marking_id", "state", "asked_at"], unique=False)
        batch_op.create_index("ix_remarking_thing", ["marking_id", "thing_kind", "thing_id"], unique=False)

    op.create_table(
        "spill",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("marking_id", sa.Integer(), nullable=False),
        sa.Column("thing_kind", sa.String(length=64), nullable=False),
        sa.Column("thing_id", sa.String(length=32), nullable=False),
        sa.Column("should_be", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.String(length=32), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["marking_id"], ["marking.id"], name=op.f("fk_spill_marking_id_marking")),
        sa.ForeignKeyConstraint(["reported_by"], ["person.id"], name=op.f("fk_spill_reported_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spill")),
    )
    with op.batch_alter_table("spill", schema=None) as batch_op:
        batch_op.create_index("ix_spill_reported", ["marking_id", "reported_at"], unique=False)
        batch_op.create_index("ix_spill_thing", ["marking_id", "thing_kind", "thing_id"], unique=False)

    op.create_table(
        "spill_decision",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("marking_id", sa.Integer(), nullable=False),
        sa.Column("spill_id", sa.String(length=32), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=True),
        sa.Column("kinds", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("job_id", sa.String(length=32), nullable=True),
        sa.Column("decided_by", sa.String(length=32), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "decision IN ('remark', 'release', 'purge')", name=op.f("ck_spill_decision_decision")
        ),
        sa.CheckConstraint("state IN ('working', 'done')", name=op.f("ck_spill_decision_state")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_spill_decision_decided_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["marking_id"], ["marking.id"], name=op.f("fk_spill_decision_marking_id_marking")
        ),
        sa.ForeignKeyConstraint(["spill_id"], ["spill.id"], name=op.f("fk_spill_decision_spill_id_spill")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spill_decision")),
    )
    with op.batch_alter_table("spill_decision", schema=None) as batch_op:
        batch_op.create_index(
            "ix_spill_decision_spill", ["marking_id", "spill_id", "decided_at"], unique=False
        )

    op.create_table(
        "spill_thing",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("marking_id", sa.Integer(), nullable=False),
        sa.Column("spill_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("thing_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("became", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('quarantined', 'remarked', 'released', 'purged')", name=op.f("ck_spill_thing_state")
        ),
        sa.ForeignKeyConstraint(
            ["marking_id"], ["marking.id"], name=op.f("fk_spill_thing_marking_id_marking")
        ),
        sa.ForeignKeyConstraint(["spill_id"], ["spill.id"], name=op.f("fk_spill_thing_spill_id_spill")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spill_thing")),
        sa.UniqueConstraint("marking_id", "spill_id", "kind", "thing_id", name="uq_spill_thing"),
    )
    with op.batch_alter_table("spill_thing", schema=None) as batch_op:
        batch_op.create_index("ix_spill_thing_id", ["marking_id", "thing_id"], unique=False)
