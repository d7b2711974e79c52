"""Who logs in to the database: the owner, by the operator's address, and three roles that own nothing.

Roles belong to a cluster and not to one database, so their names hold the workspace's id. Their passwords follow from the
workspace's secret: nothing more to keep.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import URL

from strongroom.vault import keys
from strongroom.vault.proxies import quoted

KINDS = ("reader", "writer", "registry")
_RIGHTS = "login noinherit nosuperuser nocreatedb nocreaterole nobypassrls noreplication"


@dataclass(frozen=True)
class Roles:
    """The names of the roles of a workspace; `owner` is whoever the operator's address logs in."""

    owner: str
    workspace_id: str
    secret: bytes

    @property
    def reader(self) -> str:
        return self.name("reader")

    @property
    def writer(self) -> str:
        return self.name("writer")

    @property
    def registry(self) -> str:
        return self.name("registry")

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(map(self.name, KINDS))

    def name(self, kind: str) -> str:
        return f"strongroom_{self.workspace_id[:12]}_{kind}"

    def password(self, kind: str) -> str:
        return keys.derive(self.secret, f"postgresql.{kind}").hex()

    def url(self, owner: URL, kind: str) -> URL:
        """The operator's address, for one of the roles."""
        return owner.set(username=self.name(kind), password=self.password(kind))

    def statements(self, present: frozenset[str]) -> list[str]:
        """What makes the roles, or renews them. For a role that may create roles."""
        return [
            f"{'alter' if self.name(kind) in present else 'create'} role {quoted(self.name(kind))}"
            f" with {_RIGHTS} password '{self.password(kind)}'"
            for kind in KINDS
        ]
