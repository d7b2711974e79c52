"""Trying whether a backup could be restored today: it is, into a scratch folder, and looked through."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from strongroom.errors import StrongroomError
from strongroom.vault import audit_check, lineage_check, manifest
from strongroom.vault import backup as backups
from strongroom.vault.database import SQLITE_FILE
from strongroom.vault.manifest import Manifest
from strongroom.vault.restore import restore
from strongroom.vault.vault import Vault

_SHOWN = 5


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. No `doubts` means that all is well."""

    name: str
    looked_at: str
    doubts: list[str] = field(default_factory=list)


def drill(backup: Path, *, keys_from: Path | None = None, scratch: Path | None = None) -> Iterator[Check]:
    """Each check as soon as it is done. The scratch folder, made inside `scratch` or where temporary files go, needs the
    room of the backup and is removed."""
    try:
        whole = manifest.load(backup)
    except StrongroomError as error:
        yield Check("manifest", str(backup), [error.detail])
        return
    yield Check("files", f"{len(whole.files)} files", list(manifest.faults(backup, whole)))
    yield Check("losses", "files that the workspace had lost already", whole.missing)
    yield from _of_database(backup / SQLITE_FILE, whole)
    with tempfile.TemporaryDirectory(prefix="strongroom-drill-", dir=scratch) as place:
        folder = Path(place) / "workspace"
        try:
            restore(backup, folder, keys_from=keys_from)
            vault = Vault.open(folder, database="")
        except Exception as error:
            yield Check("restore", "a scratch folder", [f"{type(error).__name__}: {error}"])
            return
        yield Check("restore", "a scratch folder, brought up to date")
        with vault:
            yield from _of_workspace(vault, whole)


def _of_database(database: Path, whole: Manifest) -> Iterator[Check]:
    try:
        with backups.reading(database) as connection:
            integrity = connection.exec_driver_sql("pragma integrity_check").scalars().all()
            references = connection.exec_driver_sql("pragma foreign_key_check").all()
            rows = backups.counts(connection)
    except Exception as error:
        yield Check("database", database.name, [f"{type(error).__name__}: {error}"])
        return
    yield Check("database", "integrity_check", [line for line in integrity if line != "ok"])
    yield Check(
        "references", "foreign_key_check", [f"{row[0]} refers to a lost {row[2]}" for row in references]
    )
    yield Check(
        "rows",
        f"{sum(rows.values())} rows of {len(rows)} tables",
        [
            f"{name}: {rows.get(name)} rows where the manifest says {whole.rows.get(name)}"
            for name in sorted(rows.keys() | whole.rows.keys())
            if rows.get(name) != whole.rows.get(name)
        ],
    )


def _of_workspace(vault: Vault, whole: Manifest) -> Iterator[Check]:
    yield _tried(
        "lineage",
        "no derived thing below its sources",
        lambda: [
            f"{each.derived_kind} {each.derived_id} lies below {each.source_kind} {each.source_id}"
            for each in lineage_check.check(vault)
        ],
    )
    yield _tried(
        "blobs",
        f"{whole.rows.get('blob', 0)} blobs decrypt to what was put",
        lambda: [
            f"blob {blob_id}"
            for blob_id in vault.blobs.damaged()
            if not any(path.endswith(blob_id) for path in whole.missing)
        ],
    )
    size = 0 if whole.audit_log is None else whole.audit_log.size
    yield _tried("audit log", f"{size} entries, as they were recorded", lambda: _of_log(vault, whole))


def _of_log(vault: Vault, whole: Manifest) -> list[str]:
    """Every entry against the tree, and the tree against where the log stood when the backup was made."""
    told = whole.audit_log
    if told is None:
        return ["the log was damaged when the backup was made", *audit_check.check(vault).faults]
    root = vault.audit_log.root_at(told.size)
    grown = [] if root is not None and root.hex() == told.root else ["the log isn't that of the manifest"]
    return grown + audit_check.check(vault, [("the manifest", told.note)]).faults


def _tried(name: str, looked_at: str, look: Callable[[], list[str]]) -> Check:
    try:
        doubts = look()
    except Exception as error:
        doubts = [f"{type(error).__name__}: {error}"]
    more = [f"and {len(doubts) - _SHOWN} more"] if len(doubts) > _SHOWN else []
    return Check(name, looked_at, doubts[:_SHOWN] + more)
