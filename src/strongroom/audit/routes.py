"""HTTP: the log for those with the duty of an auditor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime
from starlette.responses import StreamingResponse

from strongroom.audit import download, prove
from strongroom.audit.place import Place, RefusedError
from strongroom.audit.schemas import (
    AuditCheckpointOut,
    AuditEntriesOut,
    AuditEntryDetail,
    AuditStateOut,
    Question,
)
from strongroom.audit.search import Wanted, search
from strongroom.audit.sight import sees_everything
from strongroom.errors import NotPermittedError
from strongroom.people import Principal, VaultDep, duty
from strongroom.vault import Vault
from strongroom.vault.audit_log import LogBrokenError

router = APIRouter(tags=["audit"], prefix="/audit")

Auditor = Annotated[Principal, duty("auditor")]
Overseer = Annotated[Principal, duty("auditor", "administrator")]
Id = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
Word = Annotated[str | None, Query(pattern=r"^[a-z0-9_.:-]{1,64}$")]


@router.get("/entries")
def search_audit(
    who: Auditor,
    vault: VaultDep,
    question: Question = "all",
    thing: Id = None,
    mentioned: bool = True,
    person: Id = None,
    action: Word = None,
    kind: Word = None,
    outcome: Word = None,
    since: Annotated[AwareDatetime | None, Query()] = None,
    until: Annotated[AwareDatetime | None, Query()] = None,
    of_auditors: bool = False,
    cursor: Annotated[str | None, Query(max_length=4000)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AuditEntriesOut:
    """Entries that you may see, latest first. `question=seen` are acts by which somebody got to see something, `failed` what
    was refused or went wrong. What auditors do here is left out unless `of_auditors`."""
    wanted = Wanted(question, thing, mentioned, person, action, kind, outcome, since, until, of_auditors)
    with vault.reading(who.reader) as session:
        return search(session, wanted, cursor, limit)


@router.get("/entries/{entry_id}")
def read_audit_entry(entry_id: str, who: Auditor, vault: VaultDep) -> AuditEntryDetail:
    """One entry, and the proof that it is in the log where you may see every entry."""
    with vault.reading(who.reader) as session:
        return prove.detail(vault, session, entry_id)


@router.get("/checkpoint")
def read_audit_checkpoint(who: Auditor, vault: VaultDep) -> AuditCheckpointOut:
    """Where the log stands, signed. For auditors who may see every entry: it counts them."""
    if not sees_everything(vault, who.reader.clearance):
        raise NotPermittedError(
            "A checkpoint counts every entry, so it is for auditors cleared for everything."
        )
    vault.audit_log.take_up()
    head = vault.audit_log.head()
    return AuditCheckpointOut(
        size=head.size, root=head.root.hex(), note=head.note, key=str(vault.audit_log.key)
    )


@router.get("/state")
def read_audit_state(who: Overseer, request: Request, vault: VaultDep) -> AuditStateOut:
    """Whether the log is in order, and whether it continues the checkpoints in the second place."""
    folder: Path | None = request.app.state.checkpoints
    everything = "auditor" in who.person.duties and sees_everything(vault, who.reader.clearance)
    state, trouble = _state(vault, folder)
    return AuditStateOut(
        state=state,
        trouble=trouble if everything or trouble is None else _without_numbers(state),
        place=folder is not None,
        key=str(vault.audit_log.key),
        sees_everything=everything,
        size=vault.audit_log.head().size if everything and state != "broken" else None,
    )


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/zip": {}}}},
)
def export_audit(who: Auditor, vault: VaultDep) -> StreamingResponse:
    """The entries that you may see, as a zip that verifies without Strongroom. Cleared for everything, you get the whole log with
    its tree; else a part, which proves nothing about the rest."""
    file = download.zipped(vault, who.reader)
    headers = {"Content-Disposition": f'attachment; filename="{download.NAME}.zip"'}
    return StreamingResponse(download.pieces(file), media_type="application/zip", headers=headers)


def _state(vault: Vault, folder: Path | None) -> tuple[Literal["in_order", "refused", "broken"], str | None]:
    try:
        vault.audit_log.head()
        if folder is not None:
            Place(folder, vault).check()
    except RefusedError as error:
        return "refused", error.detail
    except LogBrokenError as error:
        return "broken", error.detail
    except OSError as error:
        return "refused", f"The second place can't be read: {error.strerror}."
    return "in_order", None


def _without_numbers(state: str) -> str:
    if state == "broken":
        return "The tables of the audit log aren't as the program left them."
    return "The log does not continue its last checkpoint in the second place."
