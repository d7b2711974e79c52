"""A look-up of one statement without the ceremony of a session: a request begins with two of them, to see who asks."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from strongroom.vault.prepared import Prepared
from strongroom.vault.sight import BLIND, Direct, Sight


class Glances:
    """Keeps one connection of an engine of guarded connections. Each look-up is a transaction of its own, and sees what was
    committed before it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._mutex = threading.Lock()
        self._direct: Direct | None = None

    def all(self, sight: Sight, statement: Prepared, values: Mapping[str, Any]) -> list[Any]:
        """The rows that a query finds of what `sight` shows."""
        with self._mutex:
            direct = self._direct or self._open()
            direct.look(sight)
            try:
                return statement.find(direct, self._engine.dialect, values)
            finally:
                direct.look(BLIND)

    def close(self) -> None:
        with self._mutex:
            if self._direct is not None:
                self._direct.close()
                self._direct = None

    def _open(self) -> Direct:
        pooled = self._engine.raw_connection()
        pooled.detach()
        assert isinstance(pooled.dbapi_connection, Direct)
        self._direct = pooled.dbapi_connection
        return self._direct
