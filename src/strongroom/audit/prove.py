"""One entry, with the proof that it is in the log."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from strongroom.audit.schemas import AuditEntryDetail, AuditProofOut
from strongroom.audit.search import entry_out, people_in
from strongroom.audit.sight import sees_everything
from strongroom.vault import AuditEntry, ReaderSession, Vault, core, load
from strongroom.vault.audit_check import commitment_in
from strongroom.vault.audit_export import line_of
from strongroom.vault.audit_log import Inclusion
from strongroom.vault.strongroom_verify import PROOF_FORMAT, Checkpoint

NOT_FOR_YOU = (
    "A proof tells how many entries there are, so it is for auditors who are cleared for everything. "
    "The entry itself is whole as shown."
)
WAITS = "The log takes this entry up in a moment. Ask again then."


def detail(vault: Vault, session: ReaderSession, entry_id: str) -> AuditEntryDetail:
    """An entry as far as `session` shows it (NotFoundError otherwise); looking is on record."""
    entry = load(session, AuditEntry, entry_id)
    people = people_in(session, [entry])
    session.audit("audit.read", "audit_entry", entry.id, marking=[session.level, entry])
    row = {column.name: getattr(entry, column.name) for column in core(AuditEntry).columns}
    marking = str(session.marking(entry))
    commitment = commitment_in(row, marking)
    proof, withheld = None, NOT_FOR_YOU
    if sees_everything(vault, session.reader.clearance):
        vault.audit_log.take_up()
        found = vault.audit_log.inclusion(entry.id)
        proof = None if found is None else _proof(vault, row, marking, found)
        withheld = WAITS
    return AuditEntryDetail(
        **entry_out(session, entry, people).model_dump(),
        people=list(people.values()),
        salt=entry.salt,
        commitment=None if commitment is None else commitment.hex(),
        proof=proof,
        withheld=withheld if proof is None else None,
    )


def document_of(vault: Vault, row: dict[str, Any], marking: str, found: Inclusion) -> dict[str, Any]:
    """The proof as `strongroom_verify.py` reads it."""
    return {
        "format": PROOF_FORMAT,
        "key": str(vault.audit_log.key),
        "checkpoint": found.head.note,
        "line": line_of(found.number, row["id"], found.commitment, row, {row["marking_id"]: marking}),
        "hashes": _base64(found.path),
    }


def growth_of(vault: Vault, old_note: str) -> dict[str, Any]:
    """The proof that the log grew from an older checkpoint (UnreadableError when it isn't one of this log). NotFoundError when
    the log has fewer entries than that."""
    old = Checkpoint.opened(old_note, vault.audit_log.key)
    path, head = vault.audit_log.growth(old.size)
    return {
        "format": PROOF_FORMAT,
        "key": str(vault.audit_log.key),
        "checkpoint": head.note,
        "old": old_note,
        "growth": _base64(path),
    }


def _proof(vault: Vault, row: dict[str, Any], marking: str, found: Inclusion) -> AuditProofOut:
    said = commitment_in(row, marking)
    return AuditProofOut(
        number=found.number,
        size=found.head.size,
        root=found.head.root.hex(),
        hashes=[each.hex() for each in found.path],
        intact=row["salt"] is None or said == found.commitment,
        document=document_of(vault, row, marking, found),
    )


def _base64(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(each).decode() for each in hashes]
