"""What the worker does once a day beside its jobs: files that no row refers to are removed.

They come from uploads that broke off and from acts that were taken back. One younger than a day may still get its row.
A backup is in nobody's way: it copies what rows refer to.
"""

from __future__ import annotations

import threading
import time

import structlog

from strongroom.jobs.run import places
from strongroom.vault import Vault

_FIRST_AFTER_SECONDS = 600.0  # a server that has just started has better things to do
_EVERY_SECONDS = 86_400.0
_OLD_SECONDS = 86_400.0

log = structlog.get_logger("strongroom.jobs")


def begin(vault: Vault, *, first_after_seconds: float = _FIRST_AFTER_SECONDS) -> None:
    """Keeps house in a thread of its own, for as long as the process lives."""
    threading.Thread(target=_keep, args=(vault, first_after_seconds), name="upkeep", daemon=True).start()


def once(vault: Vault) -> None:
    """One round. What goes wrong is told to the log: the next round tries again."""
    try:
        swept = vault.blobs.sweep(older_than_seconds=_OLD_SECONDS)
    except Exception as error:
        log.error("upkeep failed", error=type(error).__qualname__, frames=places(error))
    else:
        log.info("upkeep done", swept=swept)


def _keep(vault: Vault, pause: float) -> None:
    while True:
        time.sleep(pause)
        once(vault)
        pause = _EVERY_SECONDS
