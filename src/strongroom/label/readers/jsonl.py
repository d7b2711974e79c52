"""JSON Lines: one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import orjson

from strongroom.label.readers import columns, encoding
from strongroom.label.readers.row import MAX_RECORD, Refusal, RefusedError, Row
from strongroom.label.schemas import ImportOptions


def read(stream: BinaryIO, name: str, options: ImportOptions) -> Iterator[Row | Refusal]:
    codec = encoding.detect(stream, options.encoding)
    number = 0
    with encoding.decoded(stream, codec) as text:
        for line_number, line in enumerate(encoding.lines(text, MAX_RECORD), 1):
            if line is not None and not line.strip():
                continue
            number += 1
            try:
                values = _object(line)
                chosen = columns.choose(list(values), options, quoted=False)
                yield columns.from_mapping(number, line_number, None, values, chosen)
            except RefusedError as refused:
                yield Refusal(number, line_number, None, refused.reason, refused.expected)


def _object(line: str | None) -> dict[str, object]:
    if line is None:
        raise RefusedError("the line is too long", f"at most {MAX_RECORD:,} characters")
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if "depth" in error.msg or "recursion" in error.msg:
            raise RefusedError("nested too deeply") from None
        raise RefusedError(
            f"not JSON: {error.msg} at column {error.colno}", "one JSON object a line"
        ) from None
    if not isinstance(value, dict):
        raise RefusedError(f"a JSON {_KINDS.get(type(value), 'value')}", "one JSON object a line")
    return value


_KINDS = {
    list: "array",
    str: "string",
    int: "number",
    float: "number",
    bool: "truth value",
    type(None): "null",
}
