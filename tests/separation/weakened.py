"""Programs with one defence taken out, as they could come to be by one wrong line; and a server that runs them.

`python weakened.py NAME WORKSPACE` serves one, with the leaking routes on top; `-` names the sound one.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Table, text

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from strongroom.errors import NotFoundError, NotPermittedError
from strongroom.people import policy
from strongroom.separation import server
from strongroom.vault import Vault, ids, shadow
from strongroom.vault.layout import Layout
from strongroom.vault.markings_table import Markings
from strongroom.vault.sight import Sight
from strongroom.web import routes

Weakening = Callable[[], type[Vault]]
WEAK: dict[str, Weakening] = {}
#: What is tried on PostgreSQL too; the rest stands above the database, or in SQLite alone: tests/vault takes the same
#: out of PostgreSQL.
ON_POSTGRESQL = ("a_sight_remembered_without_its_clearance",)


def weak(weakening: Weakening) -> Weakening:
    WEAK[weakening.__name__] = weakening
    return weakening


@weak
def views_without_their_filter() -> type[Vault]:
    class Unfiltered(shadow.Shadow):
        def _visible(self, table: Table) -> str:
            return f"typeof(t.{table.columns.keys()[0]}) <> 'blob'"

    class Weakened(Vault):
        @classmethod
        def _shadow(cls, layout: Layout) -> shadow.Shadow:
            return Unfiltered(layout)

    return Weakened


@weak
def a_sight_remembered_without_its_clearance() -> type[Vault]:
    sound = Markings.sight
    seen: dict[Any, Sight] = {}

    def forgetful(self: Markings, clearance: Any, level: Any, level_id: Any) -> Sight:
        fresh = sound(self, clearance, level, level_id)
        wider = seen.get((id(self), level_id))
        if wider is None or len(fresh.readable) > len(wider.readable):
            seen[id(self), level_id] = fresh
        return seen[id(self), level_id]

    Markings.sight = forgetful  # type: ignore[method-assign]
    return Vault


@weak
def forbidden_where_a_hidden_project_is() -> type[Vault]:
    sound = policy.InProject.check

    def telling(self: policy.InProject, request: Any) -> policy.Principal:
        try:
            return sound(self, request)
        except NotFoundError:
            vault: Vault = request.app.state.vault
            with vault._system.reading() as db:
                known = db.execute(
                    text("select 1 from project where id = :id"), {"id": request.path_params["project_id"]}
                ).scalar()
            if known:
                raise NotPermittedError from None
            raise

    policy.InProject.check = telling  # type: ignore[method-assign]
    return Vault


@weak
def ids_that_count() -> type[Vault]:
    numbers = itertools.count(1)
    ids.new_id = lambda: f"{next(numbers):032x}"
    return Vault


@weak
def levels_from_every_row() -> type[Vault]:
    def all_levels(session: Any) -> list[Any]:
        return [*session.vault.markings._by_id.values()]

    routes.levels_of = all_levels
    return Vault


def serve(name: str, workspace: Path) -> None:
    from tests.separation.planted import router

    vault = WEAK[name]() if name in WEAK else Vault
    server.serve(workspace, sys.stdin.readline().strip(), vault=vault, routers=[router()])


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
