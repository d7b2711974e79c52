"""Pages of a list, by key and never by offset: a page can't move with rows that its reader doesn't see."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Generic, TypeVar

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, Select, UnaryExpression, and_, or_
from sqlalchemy.sql import operators

from strongroom.errors import InvalidError
from strongroom.vault.session import ReaderSession, RegistrySession

Item = TypeVar("Item")
LONGEST = 500
_NONCE_BYTES = 12


@dataclass(frozen=True)
class Page(Generic[Item]):
    """`next` is the cursor of the following page, None on the last one."""

    items: list[Item]
    next: str | None


def page(
    session: ReaderSession | RegistrySession,
    statement: Select[Any],
    key: Any,
    cursor: str | None,
    limit: int,
    *,
    woven: Any = None,
) -> Page[Any]:
    """One page of `statement` in the order of `key`: a column or several, each plain or `.desc()`, not nullable, and
    together unique (end with the id).

    Items are objects when the statement selects one thing, rows otherwise. The cursor is sealed and good for the same
    reader, clearance and query alone: InvalidError for any other, and for a limit outside 1 to 500.

    `woven` names the marking column of a long table with an index on the marking and the key: each marking is asked for
    its first items and they are woven together, where a single query would sort the whole table.
    """
    if not 1 <= limit <= LONGEST:
        raise InvalidError(f"A page holds 1 to {LONGEST} items.")
    keys: tuple[Any, ...] = tuple(key) if isinstance(key, (tuple, list)) else (key,)
    columns = [_column(each) for each in keys]
    seal = _Seal(session, statement, keys)
    asked = statement
    if cursor is not None:
        asked = asked.where(_after(columns, [_falls(each) for each in keys], seal.open(cursor)))
    wide = asked.add_columns(*columns).order_by(None).order_by(*keys).limit(limit + 1)
    entities = len(statement.column_descriptions)
    if woven is None or not isinstance(session, ReaderSession):
        rows = list(session.execute(wide))
    else:
        rows = [row for each in session.readable for row in session.execute(wide.where(woven == each))]
        for place, each_key in reversed(list(enumerate(keys, entities))):
            rows.sort(key=itemgetter(place), reverse=_falls(each_key))
    more = len(rows) > limit
    rows = rows[:limit]
    items = [row[0] for row in rows] if entities == 1 else list(rows)
    if not more:
        return Page(items, None)
    return Page(items, seal.close(list(rows[-1][entities:])))


class _Seal:
    """Cursors are encrypted under the workspace's key and bound to who asks for what. The nonce follows from the
    content, so that the same page has the same cursor."""

    def __init__(
        self, session: ReaderSession | RegistrySession, statement: Select[Any], keys: Sequence[Any]
    ) -> None:
        self._secret = session.vault.key("cursors")
        compiled = statement.order_by(None).order_by(*keys).compile(dialect=session.get_bind().dialect)
        who = (
            [session.reader.person_id, str(session.reader.clearance), str(session.level), session.writes]
            if isinstance(session, ReaderSession)
            else ["registry"]
        )
        bound = repr((who, session.vault.scheme.hash, str(compiled), sorted(compiled.params.items())))
        self._bound = hashlib.sha256(bound.encode()).digest()

    def close(self, values: list[Any]) -> str:
        plain = orjson.dumps([_packed(value) for value in values])
        nonce = hmac.digest(self._secret, self._bound + plain, hashlib.sha256)[:_NONCE_BYTES]
        sealed = nonce + AESGCM(self._secret).encrypt(nonce, plain, self._bound)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, cursor: str) -> list[Any]:
        try:
            sealed = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
            plain = AESGCM(self._secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._bound)
        except (ValueError, InvalidTag):
            raise InvalidError(
                "This cursor doesn't belong to this list.", remedy="Begin with the first page."
            ) from None
        return [_unpacked(value) for value in orjson.loads(plain)]


def _packed(value: Any) -> Any:
    if value is None:
        raise TypeError("a page's key can't be null")
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _unpacked(value: Any) -> Any:
    return datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value


def _falls(key: Any) -> bool:
    return isinstance(key, UnaryExpression) and key.modifier is operators.desc_op


def _column(key: Any) -> ColumnElement[Any]:
    column: ColumnElement[Any] = key.element if isinstance(key, UnaryExpression) else key
    return column


def _after(columns: list[ColumnElement[Any]], falling: list[bool], values: list[Any]) -> ColumnElement[bool]:
    """Beyond the last item, in the order of the key: a < x, or a = x and b < y, and so on."""
    steps = []
    for place, (column, falls, value) in enumerate(zip(columns, falling, values, strict=True)):
        equal = [columns[before] == values[before] for before in range(place)]
        steps.append(and_(*equal, column < value if falls else column > value))
    return or_(*steps)
