"""Keeps the log: takes up what was recorded, each second; signs where it stands, each minute when something changed."""

from __future__ import annotations

import threading
import time

import structlog

from strongroom.audit.place import Place, RefusedError
from strongroom.errors import StrongroomError
from strongroom.vault import Vault
from strongroom.vault.audit_log import Head, LogBrokenError

TAKE_UP_SECONDS = 1.0
CHECKPOINT_SECONDS = 60.0

log = structlog.get_logger("strongroom.audit")


class Keeper:
    """A thread beside the server. `stop` takes up and signs a last time."""

    def __init__(
        self,
        vault: Vault,
        place: Place | None,
        *,
        take_up_seconds: float = TAKE_UP_SECONDS,
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
    ) -> None:
        self._vault = vault
        self._place = place
        self._nap = take_up_seconds
        self._between = checkpoint_seconds
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="audit keeper", daemon=True)
        self._signed = -1
        self._said: str | None = None

    def start(self) -> None:
        """Looks at the second place before anything else."""
        if self._place is not None:
            try:
                self._place.check()
            except (StrongroomError, OSError) as error:
                self._say(error)
        self._thread.start()

    def stop(self) -> None:
        self._leaving.set()
        self._thread.join()

    def _run(self) -> None:
        due = time.monotonic() + self._between
        while not self._leaving.wait(self._nap):
            self._attempt(sign=time.monotonic() >= due)
            if time.monotonic() >= due:
                due = time.monotonic() + self._between
        self._attempt(sign=True)

    def _attempt(self, *, sign: bool) -> None:
        """Whatever goes wrong, the next attempt comes: nothing that was recorded is lost by waiting."""
        try:
            self._vault.audit_log.take_up()
            if sign:
                self._signed = keep_checkpoint(self._vault, self._place, unless=self._signed).size
            self._said = None
        except Exception as error:
            self._say(error)

    def _say(self, error: Exception) -> None:
        """Loud where somebody has tampered; each trouble once, until it is over."""
        words = error.detail if isinstance(error, StrongroomError) else type(error).__name__
        if words != self._said:
            tampered = isinstance(error, (RefusedError, LogBrokenError))
            (log.error if tampered else log.warning)("audit log", trouble=words)
        self._said = words


def keep_checkpoint(vault: Vault, place: Place | None, *, unless: int = -1) -> Head:
    """Sign where the log stands and put that into the database and the second place. Nothing is signed over `unless` entries,
    nor when the log doesn't continue what lies in the second place (RefusedError)."""
    head = vault.audit_log.head()
    if head.size == unless:
        return head
    if place is not None:
        place.check()
    head = vault.audit_log.keep_checkpoint()
    if place is not None:
        place.write(head)
    return head
