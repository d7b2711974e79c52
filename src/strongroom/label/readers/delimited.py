"""CSV and its kin: a header, records, quoted fields that may hold line ends."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from strongroom.errors import InvalidError
from strongroom.label.readers import columns, encoding
from strongroom.label.readers.row import MAX_RECORD, Refusal, RefusedError, Row
from strongroom.label.schemas import ImportOptions

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_LINES = 50

# The module's limit is one for the whole process; ours is on the record, and checked line by line below.
csv.field_size_limit(MAX_RECORD)


class _EndlessError(Exception):
    """A record went on past MAX_RECORD: a quote that was opened and never closed."""


def read(stream: BinaryIO, name: str, options: ImportOptions) -> Iterator[Row | Refusal]:
    """Raises InvalidError when header or encoding make the whole file unreadable."""
    codec = encoding.detect(stream, options.encoding)
    with encoding.decoded(stream, codec) as text:
        sample = list(islice(encoding.lines(text, MAX_RECORD), _SAMPLE_LINES))
    delimiter = options.delimiter or _delimiter([line for line in sample if line is not None])
    with encoding.decoded(stream, codec) as text:
        yield from _rows(_Lines(encoding.lines(text, MAX_RECORD)), delimiter, options)


def _rows(feed: _Lines, delimiter: str, options: ImportOptions) -> Iterator[Row | Refusal]:
    header: list[str] = []
    chosen: columns.Columns | None = None
    number = 0
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    while True:
        line = feed.begin()
        try:
            values = next(reader)
            if not values or values == [""]:
                continue
            if chosen is None:
                header = _header(values)
                chosen = columns.choose(header, options)
                continue
            number += 1
            if len(values) != len(header):
                raise RefusedError(f"has {len(values)} columns", f"{len(header)}, as in the header")
            named = {key: value.replace("\r\n", "\n") for key, value in zip(header, values, strict=True)}
            yield columns.from_mapping(number, line, None, named, chosen)
        except StopIteration:
            break
        except RefusedError as refused:
            if chosen is None:
                raise _unreadable(refused.reason, refused.expected) from None
            yield Refusal(number, line, None, refused.reason, refused.expected)
        except (csv.Error, _EndlessError) as error:
            reason, expected = _reason(error)
            if chosen is None:
                raise _unreadable(reason, expected) from None
            number += 1
            yield Refusal(number, line, None, reason, expected)
            feed.back_to_second_line()
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
    if chosen is None:
        raise _unreadable("is empty", "a header and rows")


class _Lines:
    """The lines that csv.reader pulls; it can go back to the second line of a record that turned out broken."""

    def __init__(self, source: Iterator[str | None]) -> None:
        self._source = source
        self._waiting: deque[str | None] = deque()
        self._record: list[str | None] = []
        self._size = 0
        self._line = 0

    def begin(self) -> int:
        """A record begins: the number of its first line."""
        self._record.clear()
        self._size = 0
        return self._line + 1

    def back_to_second_line(self) -> None:
        self._waiting.extendleft(reversed(self._record[1:]))
        self._line -= max(0, len(self._record) - 1)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._source)
        self._line += 1
        self._record.append(line)
        if line is None:
            raise _EndlessError
        self._size += len(line)
        if self._size > MAX_RECORD:
            raise _EndlessError
        return line


def _reason(error: Exception) -> tuple[str, str | None]:
    if isinstance(error, _EndlessError):
        return (
            "a record that begins here is too long, or a quote is not closed",
            f"at most {MAX_RECORD:,} characters",
        )
    message = str(error)
    if "unexpected end of data" in message:
        return "a quote that is opened here is not closed", '"'
    if "expected after" in message:
        return "something stands between a closing quote and the next delimiter", "a delimiter"
    return f"the record can't be read ({message})", None


def _header(values: list[str]) -> list[str]:
    names = [value.strip() for value in values]
    twice = sorted({name for name in names if names.count(name) > 1 and name})
    if twice:
        raise RefusedError(f"the header names {twice[0][:100]!r} twice", "every name once")
    return [name or f"column_{number}" for number, name in enumerate(names, 1)]


def _unreadable(reason: str, expected: str | None) -> InvalidError:
    tail = f" Expected {expected}." if expected else ""
    return InvalidError(
        f"The file can't be read as CSV: {reason}.{tail}", errors=[{"where": "header", "why": reason}]
    )


def _delimiter(sample: list[str]) -> str:
    """The one under which most records of the sample have as many fields as the first, and more than one."""

    def fit(delimiter: str) -> tuple[int, int]:
        try:
            records = [record for record in csv.reader(sample, delimiter=delimiter) if record]
        except csv.Error:
            return (0, 0)
        if not records or len(records[0]) < 2:
            return (0, 0)
        return sum(len(record) == len(records[0]) for record in records), len(records[0])

    return max(_DELIMITERS, key=fit)
