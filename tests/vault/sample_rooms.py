"""Tables like those that rooms have, in a metadata of their own, with the vault's own tables beside them."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import BigInteger, Column, ForeignKey, Index, MetaData, String, Table, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from strongroom.vault import AuditEntry, Base, Blob, Marked, ids, through
from strongroom.vault.audit import AuditWaiting
from strongroom.vault.audit_log import AuditCheckpoint, AuditLeaf, AuditTile, AuditTree
from strongroom.vault.lineage import DerivationEdge
from strongroom.vault.markings_table import InternedMarking


def metadata_with_vault_tables() -> MetaData:
    metadata = MetaData(naming_convention=Base.metadata.naming_convention)
    log = (AuditWaiting, AuditLeaf, AuditTile, AuditTree, AuditCheckpoint)
    for model in (InternedMarking, AuditEntry, *log, DerivationEdge, Blob):
        model.__table__.to_metadata(metadata)
    return metadata


class Room(DeclarativeBase):
    metadata = metadata_with_vault_tables()
    type_annotation_map: ClassVar[dict[Any, Any]] = Base.type_annotation_map


class Harbour(Room):
    """Plain, and every reader may read it."""

    __tablename__ = "harbour"
    __table_args__ = ({"info": {"access": "reader"}},)

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Password(Room):
    """Plain, for registry sessions alone."""

    __tablename__ = "password"

    id: Mapped[str] = mapped_column(primary_key=True, default=ids.new_id)
    hash: Mapped[str] = mapped_column(unique=True)


class Order(Room):
    """Plain, and readers may add to it."""

    __tablename__ = "order"
    __table_args__ = ({"info": {"access": "append"}},)

    id: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]


item_tag = Table(
    "item_tag",
    Room.metadata,
    Column("item_id", ForeignKey("item.id"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id"), primary_key=True),
    info=through(item_id="item", tag_id="tag"),
)


class Project(Marked, Room):
    __tablename__ = "project"
    __table_args__ = (UniqueConstraint("marking_id", "name"),)

    name: Mapped[str]
    items: Mapped[list[Item]] = relationship(back_populates="project")


class Item(Marked, Room):
    __tablename__ = "item"
    __table_args__ = (
        Index(None, "marking_id", "project_id"),
        Index(None, "marking_id", "secret"),
        Index(None, "marking_id", "state", "n"),
    )
    sources = ("project_id",)

    title: Mapped[str]
    secret: Mapped[str | None]
    payload: Mapped[dict[str, Any] | None]
    n: Mapped[int] = mapped_column(BigInteger, default=7)
    state: Mapped[str] = mapped_column(default="open")
    version: Mapped[int] = mapped_column(default=1)
    project_id: Mapped[str] = mapped_column(ForeignKey("project.id"))
    harbour_id: Mapped[str | None] = mapped_column(ForeignKey("harbour.id"))

    project: Mapped[Project] = relationship(back_populates="items")
    notes: Mapped[list[Note]] = relationship(back_populates="item")
    tags: Mapped[list[Tag]] = relationship(secondary=item_tag, back_populates="items")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}


class Note(Marked, Room):
    """Nothing refers to notes, so a reader may delete one."""

    __tablename__ = "note"
    __table_args__ = (Index(None, "marking_id", "item_id"),)
    sources = ("item_id",)

    body: Mapped[str]
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"))
    item: Mapped[Item] = relationship(back_populates="notes")


class Tag(Marked, Room):
    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("marking_id", "name"),)

    name: Mapped[str]
    items: Mapped[list[Item]] = relationship(secondary=item_tag, back_populates="tags")


class Draft(Marked, Room):
    """A leaf with a unique name, for keys that collide."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("marking_id", "name"),)

    name: Mapped[str]
    code: Mapped[str] = mapped_column(String, default="")
