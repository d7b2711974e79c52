"""HTTP: where things are, what they are marked, and what is done when something is where it shouldn't be."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from strongroom.custody import remarking, report, spills, trace
from strongroom.custody.schemas import (
    ActOut,
    DecisionIn,
    DecisionOut,
    KeyOut,
    Page,
    RemarkingIn,
    RemarkingOut,
    SpillIn,
    SpillOut,
    SpillRow,
    SpillThingOut,
    ThingOut,
    TraceOut,
)
from strongroom.people import IdempotencyDep, Principal, VaultDep, duty, signed_in, signed_in_for

router = APIRouter(tags=["custody"])

SignedIn = Annotated[Principal, signed_in]
Manages = Annotated[Principal, signed_in_for("manage")]
Officer = Annotated[Principal, duty("security_officer")]
Cursor = Annotated[str | None, Query(max_length=2000)]
Limit = Annotated[int, Query(ge=1, le=500)]
Side = Literal["from", "to"]


@router.get("/trace/{kind}/{thing_id}")
def get_trace(kind: str, thing_id: str, who: SignedIn, vault: VaultDep) -> TraceOut:
    """Where a thing came from and where it went: for those who read its project's data, auditors, security officers."""
    with vault.reading(who.reader) as session:
        return trace.trace(session, who, kind, thing_id)


@router.get("/trace/{kind}/{thing_id}/acts")
def list_acts(
    kind: str, thing_id: str, who: SignedIn, vault: VaultDep, cursor: Cursor = None, limit: Limit = 50
) -> Page[ActOut]:
    """Who saw it: the entries of the log that name it or what was directly made from it. For its project's owner and
    managers, auditors, security officers. Latest first."""
    with vault.reading(who.reader) as session:
        found = trace.acts(session, who, kind, thing_id, cursor, limit)
        return Page(items=found.items, next=found.next)


@router.get("/trace/{kind}/{thing_id}/{side}/{of_kind}")
def list_related(
    kind: str,
    thing_id: str,
    side: Side,
    of_kind: str,
    who: SignedIn,
    vault: VaultDep,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[ThingOut]:
    """The things of one group of a trace."""
    with vault.reading(who.reader) as session:
        found = trace.members(session, who, kind, thing_id, side, of_kind, cursor, limit)
        return Page(items=found.items, next=found.next)


@router.post("/remarkings", status_code=201)
def ask_for_marking(
    body: RemarkingIn, who: Manages, vault: VaultDep, idempotency: IdempotencyDep
) -> RemarkingOut:
    """Raises a thing at once, with everything derived from it; any other marking waits for a security officer's word.
    For its project's owner and security officers, at the thing's own level."""
    return remarking.ask(vault, who, body, idempotency)


@router.get("/remarkings")
def list_remarkings(
    who: SignedIn,
    vault: VaultDep,
    state: Annotated[Literal["asked", "done", "refused"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[RemarkingOut]:
    """What was asked for, latest first: for security officers all in sight, for others their own."""
    with vault.reading(who.reader) as session:
        found = remarking.requests(session, who, state, cursor, limit)
        return Page(items=found.items, next=found.next)


@router.post("/remarkings/{remarking_id}/approve")
def approve_marking(remarking_id: str, who: Officer, vault: VaultDep) -> RemarkingOut:
    """Gives a thing the marking that somebody else asked for."""
    return remarking.decide(vault, who, remarking_id, approve=True)


@router.post("/remarkings/{remarking_id}/refuse")
def refuse_marking(remarking_id: str, who: Officer, vault: VaultDep) -> RemarkingOut:
    """Says no to another marking."""
    return remarking.decide(vault, who, remarking_id, approve=False)


@router.post("/spills", status_code=201)
def report_spill(body: SpillIn, who: Officer, vault: VaultDep) -> SpillOut:
    """Takes a thing, and everything derived from it, out of everyone's sight. At the thing's own level."""
    return spills.report(vault, who, body)


@router.get("/spills")
def list_spills(who: Officer, vault: VaultDep, cursor: Cursor = None, limit: Limit = 50) -> Page[SpillRow]:
    """Latest first."""
    with vault.reading(who.reader) as session:
        found = spills.listed(session, cursor, limit)
        return Page(items=found.items, next=found.next)


@router.get("/spills/{spill_id}")
def get_spill(spill_id: str, who: Officer, vault: VaultDep) -> SpillOut:
    """What a spill affects and what was decided, as far as the caller could see it before."""
    with vault.reading(who.reader) as session:
        return spills.read(session, spill_id)


@router.get("/spills/{spill_id}/things")
def list_spill_things(
    spill_id: str,
    who: Officer,
    vault: VaultDep,
    kind: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[SpillThingOut]:
    """What was taken out of sight, one by one."""
    with vault.reading(who.reader) as session:
        found = spills.things(session, spill_id, kind, cursor, limit)
        spills.on_record(session, spill_id)
        return Page(items=found.items, next=found.next)


@router.get("/spills/{spill_id}/acts")
def list_spill_acts(
    spill_id: str, who: Officer, vault: VaultDep, cursor: Cursor = None, limit: Limit = 50
) -> Page[ActOut]:
    """Who had something affected before them, latest first."""
    with vault.reading(who.reader) as session:
        found = spills.acts(session, spill_id, cursor, limit)
        session.audit("spill.acts", "spill", spill_id)
        return Page(items=found.items, next=found.next)


@router.post("/spills/{spill_id}/decisions", status_code=201)
def decide_spill(
    spill_id: str, body: DecisionIn, who: Officer, vault: VaultDep, idempotency: IdempotencyDep
) -> DecisionOut:
    """Marks what is in quarantine anew, purges it (a job), or puts it back (not by who reported it)."""
    return spills.decide(vault, who, spill_id, body, idempotency)


@router.get(
    "/spills/{spill_id}/report",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}, "text/html": {}}}},
)
def get_spill_report(
    spill_id: str,
    who: Officer,
    vault: VaultDep,
    format: report.Format = "json",  # noqa: A002 - the word of the API
) -> Response:
    """The signed report, to keep, to print, and to verify offline."""
    with vault.reading(who.reader) as session:
        signed = report.signed(session, who, spill_id)
    content = report.as_html(signed) if format == "html" else signed.model_dump_json(indent=1)
    return Response(
        content,
        media_type="text/html; charset=utf-8" if format == "html" else "application/json",
        headers={"Content-Disposition": f'attachment; filename="spill-{spill_id[:8]}.{format}"'},
    )


@router.get("/spill-report-key")
def get_report_key(who: Officer, vault: VaultDep) -> KeyOut:
    """What this workspace's spill reports are signed with: keep it where the reports are checked."""
    return KeyOut(public_key=report.public_key(vault))
