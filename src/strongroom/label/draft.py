"""Saving unfinished work: always, whatever became of the lease or the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strongroom.label.desk import Held, keep_draft
from strongroom.label.schemas import DraftOut
from strongroom.vault import ReaderSession


def save(session: ReaderSession, held: Held, work: Mapping[str, Any]) -> DraftOut:
    """The draft need not fit the form; it only has to be one."""
    saved_at = keep_draft(session, held.id, work)
    session.audit("assignment.draft", "assignment", held.id)
    return DraftOut(saved_at=saved_at)
