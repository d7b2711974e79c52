"""Checkpoints of the audit log: signed notes (C2SP) that say how many entries there are and what their root is."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from strongroom.vault.strongroom_verify import PART, Checkpoint, PublicKey

NAME = "strongroom-audit-"


class Signer:
    """Signs for one log. Its name comes from its key, so that two logs never go by the same."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        raw = self._private.public_key().public_bytes_raw()
        self.key = PublicKey(NAME + hashlib.sha256(raw).hexdigest()[:16], raw)

    def checkpoint(self, size: int, root: bytes) -> str:
        """The signed note over the whole log."""
        return self._signed(Checkpoint(self.key.name, size, root).text())

    def checkpoint_of_part(self, part: str, size: int, root: bytes) -> str:
        """The signed note over entries that somebody may read: a log of its own, which says nothing about the rest."""
        return self._signed(Checkpoint(f"{self.key.name}{PART}-{part}", size, root).text())

    def _signed(self, text: str) -> str:
        signature = base64.b64encode(self.key.id + self._private.sign(text.encode())).decode()
        return f"{text}\n\N{EM DASH} {self.key.name} {signature}\n"
