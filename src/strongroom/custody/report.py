"""The signed report of a spill: what was found, what was done, by whom, and what can't be known.

It says what its reader could see of the things, and names that reader. Signed with a key of the workspace over its
canonical JSON (keys sorted, no spaces, UTF-8), so that whoever knows the public key can check it offline.
"""

from __future__ import annotations

import html
import json
import re
from typing import Any, Literal

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import BaseModel
from sqlalchemy import select

from strongroom.custody import spills
from strongroom.custody.schemas import SpillOut
from strongroom.errors import InvalidError, StrongroomError
from strongroom.people import Principal
from strongroom.vault import ReaderSession, Vault, clock
from strongroom.vault.backup import BackupRecord
from strongroom.vault.strongroom_verify import each_once

KIND = "strongroom spill report"
VERSION = 1
MOST_LINES = 10_000
Format = Literal["json", "html"]
NOT_KNOWN = (
    "What lies at markings that the reader of this report isn't cleared for.",
    "What people remember, copied by hand, photographed or downloaded.",
    "Copies of the workspace's folder that were made without `strongroom backup`.",
    "Blocks that a disk, a file system's snapshots or a machine's swap may still hold.",
)
_SIGNED = re.compile(r'<pre id="signed">(.*?)</pre>', re.S)


class ForgedReportError(StrongroomError):
    code = "forged_report"
    title = "This report isn't what was signed"
    exit_code = 1


class Signed(BaseModel):
    """A report and the signature over its canonical JSON."""

    report: dict[str, Any]
    algorithm: Literal["Ed25519"]
    public_key: str
    signature: str


def signed(session: ReaderSession, who: Principal, spill_id: str) -> Signed:
    """Raises NotFoundError."""
    spill = spills.one(session, spill_id)
    document = _document(session, who, spill, _backups(session.vault))
    session.audit("spill.report", "spill", spill_id)
    key = _key(session.vault)
    return Signed(
        report=document,
        algorithm="Ed25519",
        public_key=_hex(key.public_key()),
        signature=key.sign(canonical(document)).hex(),
    )


def public_key(vault: Vault) -> str:
    """What reports of this workspace are signed with, in hexadecimal."""
    return _hex(_key(vault).public_key())


def canonical(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def verify(content: bytes, expected_key: str | None = None) -> Signed:
    """The report in a file (JSON or HTML), its signature checked. Without `expected_key` only that it is whole: anybody
    can sign with a key of their own.

    Raises InvalidError for what is no report, ForgedReportError for one that was changed or signed with another key.
    """
    text = content.decode("utf-8", "replace")
    found = _SIGNED.search(text)
    try:
        said = json.loads(html.unescape(found.group(1)) if found else text, object_pairs_hook=each_once)
        report = Signed.model_validate(said)
    except (ValueError, RecursionError):
        raise InvalidError("This is no spill report.") from None
    if expected_key is not None and report.public_key != expected_key.strip().lower():
        raise ForgedReportError("It was signed with another key.")
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(report.public_key))
        public.verify(bytes.fromhex(report.signature), canonical(report.report))
    except (ValueError, TypeError, InvalidSignature):
        raise ForgedReportError("It was changed after it was signed.") from None
    try:
        page = as_html(report)
    except (LookupError, TypeError, AttributeError):  # signed by somebody who isn't this program
        raise InvalidError("This is no spill report.") from None
    if found and text != page:
        raise ForgedReportError("The page says something else than what was signed.")
    return report


def as_html(report: Signed) -> str:
    """To read and to print; the signed JSON stands at its end, so that this file can be verified too."""
    body = report.report
    spill = body["spill"]
    parts = [
        f"<h1>Spill {_(spill['id'])}</h1>",
        _definitions(
            {
                "What": f"{spill['kind']} {spill['thing_id']}",
                "Was marked": spill["marking"],
                "Should have been": spill["should_be"] or "not here at all",
                "Reported": f"{spill['reported_at']} by {spill['reported_by']}",
                "Reason": spill["reason"],
                "State": "open: something is still in quarantine" if spill["open"] else "closed",
                "Report made": f"{body['made_at']} for {body['made_for']['login']}",
                "Seen with": body["made_for"]["clearance"],
            }
        ),
        "<h2>What was affected</h2>",
        _table(
            ["Kind", "Marking", "In quarantine", "Marked anew", "Put back", "Purged"],
            [
                [each[name] for name in ("kind", "marking", "quarantined", "remarked", "released", "purged")]
                for each in body["affected"]
            ],
        ),
        "<h2>What was decided and done</h2>",
        _table(
            ["Decided", "By", "What", "About", "Done", "Proof"],
            [
                [
                    each["decided_at"],
                    each["decided_by"],
                    f"{each['decision']} {each['to'] or ''}".strip(),
                    ", ".join(each["kinds"]) if each["kinds"] else "everything in quarantine",
                    each["done_at"] or "not yet",
                    _proof(each["proof"]),
                ]
                for each in body["decisions"]
            ],
        ),
        "<h2>Who had it before</h2>",
        _table(
            ["At", "Person", "Act", "Thing", "Way"],
            [
                [
                    each["at"],
                    each["person"] or "",
                    each["action"],
                    f"{each['kind']} {each['thing_id']}",
                    each["how"],
                ]
                for each in body["acts"]
            ],
        ),
        "<p>There is more than this list holds.</p>" if body["more_acts"] else "",
        "<h2>Backups that still hold it</h2>",
        _table(
            ["Made", "Where", "SHA-256 of its manifest"],
            [[each["at"], each["path"], each["sha256"] or "not finished"] for each in body["backups"]],
        ),
        "<p>A backup holds the database, and with it the keys of the files that it holds: what was purged can be read from "
        "it. Destroy it, or restore it only with <code>strongroom restore</code>, which purges again.</p>"
        if body["backups"]
        else "",
        "<h2>What this report can't say</h2>",
        "<ul>" + "".join(f"<li>{_(each)}</li>" for each in [*body["operator"], *body["not_known"]]) + "</ul>",
        "<h2>Signature</h2>",
        _definitions({"Key (Ed25519)": report.public_key, "Signature": report.signature}),
        "<p>Check with <code>strongroom spill verify FILE --key KEY</code>.</p>",
        f'<details><summary>What was signed</summary><pre id="signed">{_(report.model_dump_json())}</pre></details>',
    ]
    return _PAGE.format(title=f"Spill {_(spill['id'])}", body="\n".join(parts))


def _document(
    session: ReaderSession, who: Principal, spill: SpillOut, backups: list[dict[str, Any]]
) -> dict[str, Any]:
    acts = spills.acts(session, spill.id, None, 500)
    entries, cursor = list(acts.items), acts.next
    while cursor is not None and len(entries) < MOST_LINES:
        further = spills.acts(session, spill.id, cursor, 500)
        entries, cursor = [*entries, *further.items], further.next
    things, more = [], None
    while True:
        listed = spills.things(session, spill.id, None, more, 500)
        things += listed.items
        more = listed.next
        if more is None or len(things) >= MOST_LINES:
            break
    purges = [each.proof for each in spill.decisions if each.proof is not None]
    done = [each.done_at for each in spill.decisions if each.decision == "purge" and each.done_at is not None]
    last = max(done).isoformat() if done else None
    return {
        "type": KIND,
        "version": VERSION,
        "made_at": clock.now().isoformat(),
        "made_for": {
            "id": who.person.id,
            "login": who.person.login,
            "clearance": str(session.reader.clearance),
        },
        "spill": {
            "id": spill.id,
            "kind": spill.kind,
            "thing_id": spill.thing_id,
            "marking": spill.marking.text,
            "should_be": None if spill.should_be is None else spill.should_be.text,
            "reason": spill.reason,
            "reported_by": spill.reported_by.login,
            "reported_at": spill.reported_at.isoformat(),
            "open": spill.open,
        },
        "affected": [{**each.model_dump(), "marking": each.marking.text} for each in spill.affected],
        "things": [
            {
                "kind": each.kind,
                "id": each.thing_id,
                "marking": each.marking.text,
                "state": each.state,
                "became": None if each.became is None else each.became.text,
            }
            for each in things
        ],
        "more_things": more is not None,
        "decisions": [
            {
                "id": each.id,
                "decision": each.decision,
                "to": None if each.to is None else each.to.text,
                "kinds": each.kinds,
                "state": each.state,
                "decided_by": each.decided_by.login,
                "decided_at": each.decided_at.isoformat(),
                "done_at": None if each.done_at is None else each.done_at.isoformat(),
                "proof": each.proof,
            }
            for each in spill.decisions
        ],
        "acts": [
            {
                "at": each.at.isoformat(),
                "person": None if each.person is None else each.person.login,
                "action": each.action,
                "kind": each.kind,
                "thing_id": each.thing_id,
                "how": each.how,
                "marking": each.marking.text,
            }
            for each in entries
        ],
        "more_acts": cursor is not None,
        "downloads": spill.downloads,
        "backups": [each for each in backups if last is None or each["at"] <= last],
        "operator": sorted({line for proof in purges for line in proof["operator"]}),
        "not_known": list(NOT_KNOWN),
    }


def _backups(vault: Vault) -> list[dict[str, Any]]:
    with vault.registry() as session:
        rows = session.scalars(select(BackupRecord).order_by(BackupRecord.at, BackupRecord.id))
        return [
            {"id": row.id, "at": row.at.isoformat(), "path": row.path, "sha256": row.sha256} for row in rows
        ]


def _proof(proof: dict[str, Any] | None) -> str:
    if proof is None:
        return ""
    found = "nothing found" if proof["clean"] else f"STILL FOUND IN {', '.join(proof['residue'])}"
    return (
        f"{'; '.join(proof['done'])}. Searched {'; '.join(proof['searched'])} for pieces of {proof['width']} bytes, as "
        f"{', '.join(proof['encodings'])}: {found}."
    )


def _definitions(pairs: dict[str, str]) -> str:
    return (
        "<dl>" + "".join(f"<dt>{_(name)}</dt><dd>{_(value)}</dd>" for name, value in pairs.items()) + "</dl>"
    )


def _table(heads: list[str], rows: list[list[Any]]) -> str:
    if not rows:
        return "<p>None.</p>"
    head = "".join(f"<th scope='col'>{_(each)}</th>" for each in heads)
    body = "".join("<tr>" + "".join(f"<td>{_(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _(value: object) -> str:
    return html.escape(str(value))


def _key(vault: Vault) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(vault.key("signing: spill reports"))


def _hex(public: Ed25519PublicKey) -> str:
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>
body {{ font: 14px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100%; font-size: 13px }}
th, td {{ text-align: left; vertical-align: top; border-bottom: 1px solid #ccc; padding: .3rem .6rem .3rem 0 }}
td {{ overflow-wrap: anywhere }}
dl {{ display: grid; grid-template-columns: 10rem 1fr; gap: .2rem 1rem }}
dt {{ font-weight: 600 }} dd {{ margin: 0; overflow-wrap: anywhere }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font-size: 11px }}
</style></head><body>
{body}
</body></html>
"""
