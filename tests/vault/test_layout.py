"""Declarations that would leak are refused when a vault is opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sample_rooms import metadata_with_vault_tables
from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint

from strongroom.markings import Scheme
from strongroom.vault import Base, LayoutError, Vault, through
from strongroom.vault.layout import Layout

MARKED = {"marked": True, "sources": (), "append_only": False}


def marked(metadata: MetaData, name: str, *parts: Any, **info: Any) -> Table:
    own = (
        Column("id", String, primary_key=True),
        Column("marking_id", ForeignKey("marking.id"), nullable=False),
    )
    return Table(name, metadata, *own, *parts, info={**MARKED, **info})


def declare_index_without_marking(m: MetaData) -> None:
    marked(m, "t", Column("n", Integer), Index(None, "n", "marking_id"))


def declare_indexed_column(m: MetaData) -> None:
    marked(m, "t", Column("n", Integer, index=True))


def declare_unique_column(m: MetaData) -> None:
    marked(m, "t", Column("name", String, unique=True))


def declare_unique_constraint_without_marking(m: MetaData) -> None:
    marked(m, "t", Column("name", String), UniqueConstraint("name"))


def declare_server_default(m: MetaData) -> None:
    marked(m, "t", Column("n", Integer, server_default="7"))


def declare_cascade(m: MetaData) -> None:
    marked(m, "t")
    marked(m, "u", Column("t_id", ForeignKey("t.id", ondelete="CASCADE")))


def declare_other_key(m: MetaData) -> None:
    own = (Column("number", Integer, primary_key=True), Column("marking_id", ForeignKey("marking.id")))
    Table("t", m, *own, info=MARKED)


def declare_marking_on_a_plain_table(m: MetaData) -> None:
    Table("t", m, Column("id", String, primary_key=True), Column("marking_id", Integer))


def declare_reference_to_a_private_table(m: MetaData) -> None:
    Table("secret", m, Column("id", String, primary_key=True))
    marked(m, "t", Column("secret_id", ForeignKey("secret.id")))


def declare_plain_reference_to_a_marked_table(m: MetaData) -> None:
    marked(m, "t")
    Table("p", m, Column("id", String, primary_key=True), Column("t_id", ForeignKey("t.id")))


def declare_source_that_is_no_foreign_key(m: MetaData) -> None:
    marked(m, "t", Column("n", Integer), sources=("n",))


def declare_source_that_is_no_column(m: MetaData) -> None:
    marked(m, "t", sources=("parent_id",))


def declare_end_that_is_no_foreign_key(m: MetaData) -> None:
    marked(m, "t")
    Table("a", m, Column("t_id", String, primary_key=True), info=through(t_id="t"))


def declare_association_that_leaves_an_end_out(m: MetaData) -> None:
    marked(m, "t")
    marked(m, "u")
    ends = (
        Column("t_id", ForeignKey("t.id"), primary_key=True),
        Column("u_id", ForeignKey("u.id"), primary_key=True),
    )
    Table("a", m, *ends, info=through(t_id="t"))


def declare_guarded_table_without_a_key(m: MetaData) -> None:
    marked(m, "t")
    Table("a", m, Column("t_id", ForeignKey("t.id")), info=through(t_id="t"))


def declare_unknown_access(m: MetaData) -> None:
    Table("p", m, Column("id", String, primary_key=True), info={"access": "everyone"})


@pytest.mark.parametrize("declare", [v for k, v in dict(globals()).items() if k.startswith("declare_")])
def test_a_declaration_that_would_leak_is_refused(declare: Any, tmp_path: Path, scheme: Scheme) -> None:
    metadata = metadata_with_vault_tables()
    Layout(metadata).check()
    declare(metadata)
    with pytest.raises(LayoutError):
        Vault.create(tmp_path / "w", scheme, metadata=metadata)
    assert not (tmp_path / "w" / "strongroom.db").exists()


def test_every_table_of_the_program_can_be_guarded() -> None:
    import strongroom.assembly  # noqa: F401 - makes every table known

    Layout(Base.metadata).check()
