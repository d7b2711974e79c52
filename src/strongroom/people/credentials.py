"""Secrets that people carry: session cookies, API tokens, one-time links. Only their hash is ever stored."""

from __future__ import annotations

import base64
import hashlib
import hmac

from strongroom.vault import ids

TOKEN_PREFIX = "srt_"  # noqa: S105 (the public prefix by which a leaked token is recognised)


def new_secret() -> str:
    """256 random bits in 43 URL-safe characters."""
    return _text(ids.random_bytes(32))


def digest(secret: str) -> str:
    """What is stored of a secret. Plain SHA-256: the input is random, so there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_token(session_secret: str) -> str:
    """The token a page sends back in `X-CSRF-Token`; follows from the cookie, which the page can't read."""
    return _text(hmac.digest(session_secret.encode(), b"strongroom csrf", "sha256"))


def same(one: str, other: str) -> bool:
    """Equality that takes as long wherever the first difference stands."""
    return hmac.compare_digest(one.encode(), other.encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
