"""The secret of a workspace: one file that only its owner reads, from which a key for each purpose is derived."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from strongroom.vault import durable, ids

FILE = "keys"
_SECRET_BYTES = 32


def make(folder: Path) -> None:
    """Write a new secret, whole or not at all. One that is there stays: a secret is never overwritten."""
    if (folder / FILE).exists():
        return
    aside = folder / f"{FILE}.new"
    file = os.open(aside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(file, "w", encoding="ascii") as stream:
        stream.write(ids.random_bytes(_SECRET_BYTES).hex() + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    aside.rename(folder / FILE)
    durable.sync_folder(folder)


def load(folder: Path) -> bytes:
    return bytes.fromhex((folder / FILE).read_text("ascii"))


def derive(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose, from which neither the secret nor another purpose's key can be told."""
    return hmac.digest(secret, purpose.encode(), hashlib.sha256)
