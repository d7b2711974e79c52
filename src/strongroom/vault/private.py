"""Files that nobody but their owner may read, from the moment they are there: `open(path, "xb", opener=private)`."""

from __future__ import annotations

import os


def private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
