"""Many rows in one statement: each column travels as an array.

A line of VALUES for each row would make a text that client and server take apart anew for each number of rows; a statement for
each row has the policies ask about each. This is one text, planned once, and costs half of either.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

_INSERT = re.compile(r"(insert into .+?) values \((.+)\)", re.I | re.S)
_VALUE = re.compile(r"%\((?P<name>\w+)\)s(?:::(?P<type>[\w ]+))?")


class Arrays(NamedTuple):
    """A statement for any number of rows, and the names of its columns' parameters."""

    statement: str
    names: tuple[str, ...]

    def of(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
        return {name: [row[name] for row in rows] for name in self.names}


def in_arrays(statement: str, type_of: Callable[[str], str]) -> Arrays | None:
    """What to say instead of an INSERT of one row; None where there is more to it than a parameter for each column.
    `type_of` is asked about parameters without a type of their own."""
    parts = _parts(statement)
    if parts is None:
        return None
    beginning, values = parts
    names = tuple(name for name, _ in values)
    columns = ", ".join(f"%({name})s::{type_ or type_of(name)}[]" for name, type_ in values)
    return Arrays(f"{beginning} SELECT * FROM unnest({columns})", names)  # noqa: S608 - made by SQLAlchemy


@functools.lru_cache(maxsize=500)
def _parts(statement: str) -> tuple[str, list[tuple[str, str | None]]] | None:
    insert = _INSERT.fullmatch(statement)
    values = [_VALUE.fullmatch(value) for value in insert[2].split(", ")] if insert else []
    found = [(value["name"], value["type"]) for value in values if value]
    return (insert[1], found) if insert and values and len(found) == len(values) else None
