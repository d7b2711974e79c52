"""What a transaction may see and write, in a form that SQL can check and can't forge.

A custom setting of a transaction can be set by any SQL, so it is signed: HMAC-SHA256 under a key that lies in a table
which the roles of readers and writers can't read. It is bound to the backend and to the moment when the transaction began
(to the microsecond, as the server says it), so that what was seen in one transaction opens no other.
"""

from __future__ import annotations

import hashlib
import hmac

from strongroom.vault.sight import Sight

SETTING = "strongroom.sight"
#: Asked at the beginning of each transaction; compared by the server with the same expression.
MOMENT = "(extract(epoch from pg_catalog.transaction_timestamp()) * 1000000)::bigint"
_BLOCK_BYTES = 64


class Signer:
    """Signs sights with the workspace's key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def signed(self, backend: int, moment: bytes, sight: Sight) -> bytes:
        readable = ",".join(map(str, sorted(sight.readable)))
        level = "" if sight.level_id is None else sight.level_id
        said = b"%d|%b|%b" % (backend, moment, f"{readable}|{level}".encode())
        return b"%b|%b" % (said, hmac.digest(self._key, said, hashlib.sha256).hex().encode())

    def padded(self) -> tuple[bytes, bytes]:
        """The key as HMAC uses it inside and outside, so that plain SHA-256 is enough to check."""
        key = self._key.ljust(_BLOCK_BYTES, b"\0")
        return bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)
