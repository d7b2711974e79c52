"""How a file becomes rows: one reader a format, all of the same shape.

A reader is `read(stream, name, options)` and yields a `Row` or a `Refusal` for each row of the file, in order, in
bounded memory. It raises InvalidError when the file as a whole can't be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import BinaryIO

from strongroom.errors import InvalidError
from strongroom.label.readers import archive, conll, delimited, encoding, jsonl, plain
from strongroom.label.readers.row import Refusal, Row
from strongroom.label.schemas import ImportOptions

__all__ = ["READERS", "Refusal", "Row", "examine", "read"]

Reader = Callable[[BinaryIO, str, ImportOptions], Iterator[Row | Refusal]]

READERS: dict[str, Reader] = {
    "csv": delimited.read,
    "jsonl": jsonl.read,
    "text": plain.read,
    "conll": conll.read,
    "zip": archive.read,
}

_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".txt": "text",
    ".md": "text",
    ".conll": "conll",
    ".bio": "conll",
    ".iob": "conll",
    ".zip": "zip",
}


def read(stream: BinaryIO, name: str, format_name: str, options: ImportOptions) -> Iterator[Row | Refusal]:
    """The rows of a file whose format `examine` told."""
    return READERS[format_name](stream, name, options)


def examine(stream: BinaryIO, name: str, format_name: str, options: ImportOptions) -> str:
    """What can be said before the job starts: the format, and that encoding, header or archive are sound.

    Raises InvalidError.
    """
    found = _recognised(stream, name) if format_name == "auto" else format_name
    if found not in READERS:
        raise InvalidError(f"The format {found!r} is not known. Expected one of: {', '.join(READERS)}, auto.")
    if found != "zip":
        encoding.check(stream, encoding.detect(stream, options.encoding))
    if found in ("csv", "zip"):
        next(read(stream, name, found, options), None)
    stream.seek(0)
    return found


def _recognised(stream: BinaryIO, name: str) -> str:
    stream.seek(0)
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return "zip"
    by_name = _SUFFIXES.get(PurePath(name).suffix.lower())
    if by_name is not None:
        return by_name
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        return "jsonl"
    if start == b"[":
        raise InvalidError(
            "The file is one JSON array.",
            remedy="Write one object a line (JSON Lines), for example with `jq -c '.[]'`.",
        )
    raise InvalidError(
        "The name doesn't tell what kind of file this is.",
        remedy=f"Choose a format: {', '.join(READERS)}.",
    )
