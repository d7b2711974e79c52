"""Who is looking: the vault asks for nothing else about a person."""

from __future__ import annotations

from dataclasses import dataclass

from strongroom.markings import Clearance, Marking


@dataclass(frozen=True)
class Reader:
    """Someone on whose behalf the vault is read or written.

    `clearance` is the effective one: the person's, met with the ceilings of session and token. `level` is the marking
    that the person works at now. `how` says how the person was recognised: session, token, operator or job.
    """

    person_id: str
    login: str
    clearance: Clearance
    level: Marking
    how: str
    request_id: str
