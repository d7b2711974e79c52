"""A text file: one item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from strongroom.label.readers import encoding
from strongroom.label.readers.row import MAX_TEXT, Refusal, RefusedError, Row, row
from strongroom.label.schemas import ImportOptions


def read(stream: BinaryIO, name: str, options: ImportOptions) -> Iterator[Row | Refusal]:
    with encoding.decoded(stream, encoding.detect(stream, options.encoding)) as text:
        content = text.read(MAX_TEXT + 1)
    try:
        yield row(1, 1, None, text=tidy(content), external_id=name)
    except RefusedError as refused:
        yield Refusal(1, 1, None, refused.reason, refused.expected)


def tidy(content: str) -> str:
    """One kind of line end, none at the end of the file."""
    return content.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
