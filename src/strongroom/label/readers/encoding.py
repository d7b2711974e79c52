"""Which encoding a file of text is in; and the whole file is in it, or the import is refused with the place."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from strongroom.errors import InvalidError

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHUNK = 1 << 20


def detect(stream: BinaryIO, declared: str | None = None) -> str:
    """The name of the codec: by byte order mark, by the zero bytes of UTF-16, else UTF-8. Leaves the stream at 0."""
    stream.seek(0)
    head = stream.read(4096)
    stream.seek(0)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if declared not in (None, "utf-8", "utf-16"):
        return str(declared)
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) >= 4 and max(even, odd) * 4 > len(head):
        return "utf-16-le" if odd > even else "utf-16-be"
    if declared == "utf-16":
        return "utf-16-le"  # as most programs write it; Python's own guess refuses text without a mark
    return declared or "utf-8"


def check(stream: BinaryIO, encoding: str) -> None:
    """Decode all of it once. Raises InvalidError with the position of the first byte that doesn't fit."""
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    consumed, lines = 0, 1
    while True:
        chunk = stream.read(_CHUNK)
        held = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            position = consumed - held + error.start
            lines += chunk[: max(0, error.start - held)].count(b"\n")
            raise InvalidError(
                f"The file is not {encoding.upper()}: byte {position:,} (line {lines:,}) doesn't fit.",
                remedy="Save it as UTF-8, or name its encoding in the options.",
                errors=[{"where": f"byte {position}", "why": f"not {encoding}"}],
            ) from None
        consumed += len(chunk)
        if not chunk:
            break
        lines += text.count("\n")
    stream.seek(0)


@contextmanager
def decoded(stream: BinaryIO, encoding: str) -> Iterator[TextIO]:
    """The stream as text, line ends as they are. The stream itself stays open."""
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    try:
        yield text
    finally:
        text.detach()


def lines(text: TextIO, limit: int) -> Iterator[str | None]:
    """Line by line, memory bounded: a line of more than `limit` characters comes as None."""
    while line := text.readline(limit + 1):
        if len(line) > limit and not line.endswith(("\n", "\r")):
            while (rest := text.readline(limit)) and not rest.endswith(("\n", "\r")):
                pass
            yield None
        else:
            yield line
