"""The one door to stored data.

A room declares tables on `Base` (with `Marked` where rows hold content or come from content) and works in sessions:

    with vault.writing(reader, level) as session:          # sees what is no higher than level, writes at level
        task = load(session, Task, task_id)                # NotFoundError: absent and hidden alike
        session.add(Answer(task_id=task.id, result=result))
        session.audit("answer.submit", "answer", task.id)  # in the same transaction

    with vault.reading(reader) as session:                 # sees all that the reader may see, writes nothing
        listed = page(session, select(Task), Task.id, cursor, 50)

The database engine itself refuses what a reader may not see, whatever query a room writes; see docs/vault.md.
"""

from strongroom.vault import clock, ids
from strongroom.vault.audit import AuditEntry
from strongroom.vault.backup import BackupRecord
from strongroom.vault.blobs import Blob, BlobStore, DamagedBlobError, Staged
from strongroom.vault.layout import LayoutError
from strongroom.vault.lineage import derive, derive_from_ids
from strongroom.vault.listed import listed, packed
from strongroom.vault.load import load
from strongroom.vault.page import Page, page
from strongroom.vault.prepared import Prepared
from strongroom.vault.reader import Reader
from strongroom.vault.session import ReaderSession, RegistrySession
from strongroom.vault.tables import Base, Marked, core, through
from strongroom.vault.utc import UtcDateTime
from strongroom.vault.vault import Vault

__all__ = [
    "AuditEntry",
    "BackupRecord",
    "Base",
    "Blob",
    "BlobStore",
    "DamagedBlobError",
    "LayoutError",
    "Marked",
    "Page",
    "Prepared",
    "Reader",
    "ReaderSession",
    "RegistrySession",
    "Staged",
    "UtcDateTime",
    "Vault",
    "clock",
    "core",
    "derive",
    "derive_from_ids",
    "ids",
    "listed",
    "load",
    "packed",
    "page",
    "through",
]
