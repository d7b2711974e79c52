"""Many values as one parameter of a query: ten thousand ids need no ten thousand placeholders.

The values travel as JSON, which both databases unfold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import BindParameter, ColumnElement, Select, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_TOGETHER = 500
"""Ids in one statement."""


class _Elements(FunctionElement[Any]):
    name = "elements"
    inherit_cache = True


@compiles(_Elements)
def _each(element: FunctionElement[Any], compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **kwargs)})"


@compiles(_Elements, "postgresql")
def _elements(element: FunctionElement[Any], compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **kwargs)} AS JSON))"


def packed(values: Iterable[str]) -> str:
    """Texts as the value of a parameter that was given to `listed`."""
    return orjson.dumps(list(values)).decode()


def listed(values: Iterable[str] | BindParameter[str]) -> Select[Any]:
    """For `column.in_(listed(texts))`; a parameter's value is made with `packed`."""
    given = values if isinstance(values, BindParameter) else literal(packed(values))
    return select(_Elements(given).table_valued("value").c.value)


def unpacked(parameter: BindParameter[str]) -> ColumnElement[str]:
    """The column of the texts in a parameter's value that was made with `packed`, to select from."""
    column: ColumnElement[str] = _Elements(parameter).table_valued("value").c.value
    return column


def batched(things: Collection[str]) -> Iterator[list[str]]:
    """Some at a time, as many as fit one statement."""
    listed = list(things)
    return (listed[at : at + _TOGETHER] for at in range(0, len(listed), _TOGETHER))
