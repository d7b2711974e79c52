"""The ledger of purges: a signed line for each, chained to the one before, ids only. It says for ever what was purged, so
that a workspace that comes out of a backup can purge it again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from strongroom.errors import StrongroomError
from strongroom.vault import refusals
from strongroom.vault.durable import sync_folder
from strongroom.vault.private import private

if TYPE_CHECKING:
    from strongroom.vault.vault import Vault

FILE = "purges.jsonl"
COPIES = "STRONGROOM_CHECKPOINTS"
"""The environment names a second place by this: a folder that gets a copy."""
_FIRST = "0" * 64


class LedgerError(StrongroomError):
    """The ledger of purges isn't the one that this workspace wrote."""

    status = 500
    code = "damaged_ledger"
    title = "The ledger of purges is damaged"
    exit_code = 1


def read(vault: Vault, ledger: Path) -> list[dict[str, Any]]:
    """The lines of a ledger, checked; none when there is no ledger."""
    if not ledger.exists():
        return []
    public = _key(vault).public_key()
    found, previous = [], _FIRST
    for number, raw in enumerate(ledger.read_bytes().splitlines(), 1):
        try:
            line = orjson.loads(raw)
            signature = bytes.fromhex(line.pop("signature"))
            public.verify(signature, _canonical(line))
        except (ValueError, KeyError, AttributeError, InvalidSignature):
            raise LedgerError(f"Line {number} of {ledger} isn't what was written.") from None
        if line["number"] != number or line["previous"] != previous:
            raise LedgerError(f"A line before line {number} of {ledger} is missing.")
        previous = hashlib.sha256(raw).hexdigest()
        found.append(line)
    return found


def adopt(vault: Vault, ledger: Path | None) -> list[dict[str, Any]]:
    """The lines of this workspace's ledger after taking those of one from elsewhere that goes on behind its own.

    LedgerError for one that has other lines: it would make this workspace forget what it purged.
    """
    own = vault.folder / FILE
    lines = read(vault, own)
    if ledger is None or ledger == own:
        return lines
    longer = read(vault, ledger)
    shared = min(len(lines), len(longer))
    if lines[:shared] != longer[:shared]:
        raise LedgerError(f"{ledger} has other lines than the ledger that it should go on from.")
    if len(longer) <= len(lines):
        return lines
    with refusals.of_files():
        _write_aside(own, ledger.read_bytes())
    return longer


def copy_of(vault: Vault) -> Path | None:
    """Where the second place, if there is one, has the copy: beside the checkpoints of this workspace's log, since several
    workspaces may share the place."""
    place = os.environ.get(COPIES)
    return Path(place) / vault.audit_log.key.name / FILE if place else None


def write(vault: Vault, work_id: str, case: str, at: datetime, things: Mapping[str, list[str]]) -> None:
    """Add a line, here and in the second place; once for each work."""
    file = vault.folder / FILE
    with vault._turn.taken(), refusals.of_files():
        raw = file.read_bytes() if file.exists() else b""
        if raw and not raw.endswith(b"\n"):  # the machine died while a line was written
            raw = raw[: raw.rfind(b"\n") + 1]
        lines = raw.splitlines()
        if not any(orjson.loads(line)["work"] == work_id for line in lines):
            line = {
                "number": len(lines) + 1,
                "previous": hashlib.sha256(lines[-1]).hexdigest() if lines else _FIRST,
                "at": at.isoformat(),
                "case": case,
                "work": work_id,
                "things": things,
            }
            line["signature"] = _key(vault).sign(_canonical(line)).hex()
            raw += _canonical(line) + b"\n"
        _write_aside(file, raw)
        if (copy := copy_of(vault)) is not None:
            copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_aside(copy, raw)


def _write_aside(file: Path, content: bytes) -> None:
    aside = file.with_name(file.name + ".part")
    with open(aside, "wb", opener=private) as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    aside.replace(file)
    sync_folder(file.parent)


def _canonical(line: Mapping[str, Any]) -> bytes:
    return orjson.dumps(line, option=orjson.OPT_SORT_KEYS)


def _key(vault: Vault) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(vault.key("signing: purge ledger"))
