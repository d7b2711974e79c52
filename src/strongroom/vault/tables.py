"""How a room declares what it stores.

A table is one of three kinds, and the kind decides which connection may touch it:

* **marked**: the class is `Marked`. Rows carry a marking; readers see the rows that they may see.
* **through**: an association `Table(..., info=through(task_id="task", tag_id="tag"))`. A row is visible to those who see
  every end that is named, and written in a session at the level of at least one of its ends.
* **plain**: everything else. With `info={"access": "reader"}` all readers may read it (never write it); with
  `info={"access": "append"}` they may add rows to it (never read it); without, only registry sessions know that it
  exists; with `info={"access": "system"}` no session does, only the vault itself.

`layout.check` refuses declarations that would leak; it runs whenever a vault is opened.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast

from sqlalchemy import JSON, Connection, ForeignKey, MetaData, String, Table
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from strongroom.vault import ids
from strongroom.vault.utc import UtcDateTime


class Base(DeclarativeBase):
    """Every table of the program. `Mapped[datetime]` is a UTC moment; dicts and lists are JSON."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        list[str]: JSON(),
    }


def level_of_connection(context: DefaultExecutionContext) -> int | None:
    """The marking id that a new row gets: the level of the writing session that inserts it."""
    return level_of(context.root_connection)


def level_of(connection: Connection) -> int | None:
    """The marking id that rows inserted through this connection get."""
    level_id: int | None = getattr(connection.connection.dbapi_connection, "level_id", None)
    return level_id


class Marked:
    """Mixin of a table whose rows carry a marking.

    A room names neither `id` nor `marking_id`: an object has its id from the start, a row inserted by Core gets one, and
    the marking is the level of the session that inserts. Every index and unique constraint of the table begins with
    `marking_id`. No server defaults, no cascades.

    `sources` names the foreign key columns over which this row was derived from other rows: its lineage.
    `append_only = True` makes rows that readers can add and never change or delete.
    """

    sources: ClassVar[tuple[str, ...]] = ()
    append_only: ClassVar[bool] = False

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=ids.new_id, sort_order=-2)
    marking_id: Mapped[int] = mapped_column(
        ForeignKey("marking.id"), nullable=False, default=level_of_connection, sort_order=-1
    )

    def __init__(self, **values: Any) -> None:
        values.setdefault("id", ids.new_id())  # known before the flush, so a flush inserts many rows at once
        super().__init__(**values)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        table = cls.__dict__.get("__table__")
        if isinstance(table, Table):
            table.info.update(marked=True, sources=tuple(cls.sources), append_only=cls.append_only)


def through(**ends: str) -> dict[str, Any]:
    """The `info` of an association table: which column refers to which marked table, `through(task_id="task")`."""
    return {"through": ends}


def core(model: type[Base | Marked]) -> Table:
    """The table behind a class: what a hot path or a bulk insert speaks to."""
    return cast(Table, model.__table__)  # type: ignore[union-attr]
