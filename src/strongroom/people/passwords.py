"""Passwords: argon2id, at most two at once, and as slow for an unknown login as for a known one.

Parameters after the OWASP password storage cheat sheet: 19 MiB and 2 passes, or 46 MiB and 1.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from strongroom.errors import BusyError, InvalidError

SHORTEST, LONGEST = 10, 256
AT_ONCE, MAY_WAIT = 2, 16


class Passwords:
    """Hashes and checks passwords. One object a process: it bounds the memory that sign-ins can take."""

    def __init__(self, memory_mib: int) -> None:
        self._argon2 = _argon2(memory_mib)
        self._places = threading.BoundedSemaphore(AT_ONCE + MAY_WAIT)
        self._hashing = threading.BoundedSemaphore(AT_ONCE)
        self._nobodys = _nobodys(memory_mib)

    def hash(self, password: str) -> str:
        """The hash to store. Raises BusyError when too many wait already."""
        with self._turn():
            return self._argon2.hash(password)

    def check(self, stored: str | None, password: str) -> bool:
        """Whether `password` fits `stored`; for None (unknown login, no password) it takes as long and says no."""
        with self._turn():
            try:
                return self._argon2.verify(stored or self._nobodys, password) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(stored)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise BusyError("Many people are signing in right now.", remedy="Try again in a few seconds.")
        try:
            with self._hashing:
                yield
        finally:
            self._places.release()


def require_good(password: str, *, login: str) -> None:
    """Raises InvalidError for a password that is too short, too long, or the login itself."""
    why = ""
    if len(password) < SHORTEST:
        why = f"a password has at least {SHORTEST} characters"
    elif len(password) > LONGEST:
        why = f"a password has at most {LONGEST} characters"
    elif login and login.casefold() in password.casefold() and len(password) < len(login) + 6:
        why = "a password that is mostly the login is guessed first"
    elif len(set(password)) < 4:
        why = "a password needs at least 4 different characters"
    if why:
        raise InvalidError("That password cannot be taken.", errors=[{"where": "body.password", "why": why}])


def _argon2(memory_mib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=2 if memory_mib < 46 else 1, memory_cost=memory_mib * 1024, parallelism=1)


@cache
def _nobodys(memory_mib: int) -> str:
    """The hash that is checked where there is none: as slow as any, and nobody's."""
    return _argon2(memory_mib).hash("the password of nobody")
