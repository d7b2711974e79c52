"""What an operator does with the PostgreSQL of a workspace; the commands of `strongroom database` are these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from strongroom.vault import keys, lineage_check
from strongroom.vault import migrate as migrations
from strongroom.vault.database import Place, UnusableDatabaseError
from strongroom.vault.postgresql import check as checks
from strongroom.vault.postgresql import hardening, move
from strongroom.vault.postgresql.database import PostgresDatabase
from strongroom.vault.postgresql.roles import Roles
from strongroom.vault.vault import Vault


@dataclass(frozen=True)
class Checked:
    """`faults` break the guarantee; `open_still` is what an administrator could take away besides."""

    faults: list[str]
    open_still: list[str]


def migrate(folder: Path) -> Checked:
    """Bring tables, policies, roles and rights up to date, and look at them."""
    Vault.open(folder).close()
    return check(folder)


def check(folder: Path) -> Checked:
    """Look at everything that the guarantee rests on, and at every derivation."""
    with Vault.open(folder) as vault:
        database = vault._database
        if not isinstance(database, PostgresDatabase):
            raise UnusableDatabaseError(
                "This workspace lies in SQLite.", remedy="`strongroom vault check` looks at it."
            )
        with database.system.reading() as connection:
            faults = list(checks.faults(connection, vault.layout, database.roles))
            open_still = checks.advice(connection, database.roles)
        faults += [
            f"{each.derived_kind} {each.derived_id} is marked below {each.source_kind} {each.source_id}"
            for each in lineage_check.check(vault)
        ]
        faults += [f"the bytes of blob {each} are damaged or missing" for each in vault.blobs.damaged()]
        return Checked(faults, open_still)


def roles(folder: Path, owner: str) -> list[str]:
    """The statements that make the roles of a workspace, for somebody who may create roles. They hold passwords."""
    claim = Place(folder, None).claimed
    if claim is None:
        raise UnusableDatabaseError(
            f"There is no workspace in {folder} that lies in PostgreSQL.",
            remedy="Run `strongroom init` first; it says when it needs these.",
        )
    return Roles(owner, claim.workspace, keys.load(folder)).statements(frozenset())


def shut(owner: str) -> list[str]:
    """The statements that take away from everybody what tells about hidden rows, for a superuser."""
    return hardening.statements(owner)


def copy(folder: Path, url: str, tell: Callable[[str, int, int], None]) -> dict[str, int]:
    """Move the workspace in `folder` from SQLite to the PostgreSQL at `url`, and say how many rows each table has."""
    with Vault.open(folder, database="") as vault, vault._turn.taken():  # nobody writes meanwhile
        target = move.open_target(folder, url, vault.layout)
        try:
            with target.turn.taken():
                migrations.bring_up_to_date(target.system, vault.layout)
            counts = move.copy(vault._system, target, vault.layout, tell)
            for table in vault.layout.metadata.sorted_tables:
                target.learn_size(table)
            move.settle(folder, target)
        finally:
            target.close()
    return counts
