"""Whether bytes that should be gone are still somewhere: fingerprints of what was deleted, looked for in files.

A fingerprint is a keyed number made of 16 bytes. It is taken before the deletion and kept until the search is over, where
the bytes themselves may not be kept. A window of 16 bytes slides over each file, and each position's number is looked up.

What a text looks like on disk: as UTF-8, as JSON writes it (with and without escapes), as UTF-16. Texts shorter than 16
bytes have no fingerprint.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTH = 16
ENCODINGS = ("UTF-8", "JSON", "JSON with escapes", "UTF-16LE", "UTF-16BE")
AT_MOST = 500_000
_FORMS = 6
"""Of one thing, as a rule of thumb: two texts in three forms."""
_DENSEST, _SPARSEST = 64, 3
_PIECE = 1 << 18
_BITS = 24


class Prints:
    """Numbers to look for. Keep the key with them: without it they mean nothing."""

    def __init__(self, key: int, numbers: NDArray[np.uint64]) -> None:
        import numpy as np  # heavy, and only the worker purges

        self.key = key
        self.numbers = np.unique(numbers)
        self._near = np.zeros(1 << _BITS, dtype=bool)
        self._near[self.numbers >> np.uint64(64 - _BITS)] = True
        self._powers = [np.uint64(pow(key, WIDTH - 1 - at, 1 << 64)) for at in range(WIDTH)]

    @classmethod
    def of(cls, texts: Iterable[str], *, count: int) -> Prints:
        """Of the texts of about `count` things, some windows each: fewer when there are very many."""
        import numpy as np

        each = max(_SPARSEST, min(_DENSEST, AT_MOST // max(1, count * _FORMS)))
        empty = cls(secrets.randbits(64) | 1, np.zeros(0, dtype=np.uint64))
        found = [empty.at(form, each) for text in texts for form in forms(text)]
        return cls(empty.key, np.concatenate(found) if found else empty.numbers)

    def at(self, content: bytes, windows: int) -> NDArray[np.uint64]:
        """The numbers of some windows, spread over the content from its beginning to its end."""
        import numpy as np

        every = self._slide(content)
        if len(every) <= windows:
            return every
        return every[np.linspace(0, len(every) - 1, windows).astype(np.int64)]

    def seen_in(self, content: bytes) -> NDArray[np.uint64]:
        """Which of the numbers are those of some window of the content."""
        import numpy as np

        every = self._slide(content)
        likely = np.unique(every[self._near[every >> np.uint64(64 - _BITS)]])
        if not len(likely) or not len(self.numbers):
            return likely[:0]
        place = np.minimum(np.searchsorted(self.numbers, likely), len(self.numbers) - 1)
        seen: NDArray[np.uint64] = likely[self.numbers[place] == likely]
        return seen

    def seen_in_file(self, file: Path) -> NDArray[np.uint64]:
        import numpy as np

        found, before = [], b""
        with open(file, "rb") as stream:
            while piece := stream.read(_PIECE):
                found.append(self.seen_in(before + piece))
                before = piece[-(WIDTH - 1) :]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint64)

    def packed(self) -> bytes:
        return self.key.to_bytes(8, "big") + self.numbers.tobytes()

    @classmethod
    def unpacked(cls, packed: bytes) -> Prints:
        import numpy as np

        return cls(int.from_bytes(packed[:8], "big"), np.frombuffer(packed[8:], dtype=np.uint64))

    def _slide(self, content: bytes) -> NDArray[np.uint64]:
        import numpy as np

        octets = np.frombuffer(content, dtype=np.uint8).astype(np.uint64)
        length = max(0, len(octets) - WIDTH + 1)
        numbers = np.zeros(length, dtype=np.uint64)
        for at, power in enumerate(self._powers):
            numbers += octets[at : at + length] * power
        return numbers


def forms(text: str) -> Iterator[bytes]:
    """What a text may look like in a file; each form once, and none that is too short."""
    raw = text.encode("utf-8", "replace")
    seen = {
        raw: None,
        json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "replace"): None,
        json.dumps(text)[1:-1].encode(): None,
        text.encode("utf-16-le", "replace"): None,
        text.encode("utf-16-be", "replace"): None,
    }
    return (form for form in seen if len(form) >= WIDTH)


def leaves(value: Any) -> Iterator[str]:
    """The texts in something that JSON can say."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
