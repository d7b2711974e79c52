"""One row of an import, whatever the format: taken with its parts, or refused with the reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

MAX_TEXT = 1_000_000
"""Code points of one text."""
MAX_RECORD = 4_000_000
"""Code points of one row in its file: a line of JSONL, a record of CSV."""
MAX_DATA_BYTES = 262_144
MAX_ID = 500
MAX_EXPLANATION = 10_000
MAX_PEOPLE = 1_000


_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class RefusedError(ValueError):
    """This row can't be taken; the others can. The reason never quotes what the row says."""

    def __init__(self, reason: str, expected: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.expected = expected


class Row(NamedTuple):
    """`number` counts rows from 1; `line` is where it begins in its file; `place` names the file in an archive.

    `tags` are spans (start, end, label) that came with a CoNLL text; `known` is the right answer, as the file says it.
    """

    number: int
    line: int
    place: str | None
    text: str
    external_id: str | None
    marking: str | None
    people: tuple[str, ...] | None
    data: dict[str, Any]
    content_hash: str
    tags: tuple[tuple[int, int, str], ...] = ()
    known: Any = None
    explanation: str = ""


class Refusal(NamedTuple):
    number: int
    line: int
    place: str | None
    reason: str
    expected: str | None


def row(
    number: int,
    line: int,
    place: str | None,
    *,
    text: str,
    external_id: str | None = None,
    marking: str | None = None,
    people: tuple[str, ...] | None = None,
    data: Mapping[str, Any] | None = None,
    tags: tuple[tuple[int, int, str], ...] = (),
    known: Any = None,
    explanation: str = "",
) -> Row:
    """A row whose parts hold what they must. Raises RefusedError.

    A row is the same as another if text and external id are equal; without external id, if text and data are.
    """
    if not text or text.isspace():
        raise RefusedError("the text is empty")
    if len(text) > MAX_TEXT:
        raise RefusedError(f"the text has {len(text):,} characters", f"at most {MAX_TEXT:,}")
    if external_id is not None and len(external_id) > MAX_ID:
        raise RefusedError(f"the id has {len(external_id):,} characters", f"at most {MAX_ID}")
    if people is not None and len(people) > MAX_PEOPLE:
        raise RefusedError(f"{len(people):,} people are named", f"at most {MAX_PEOPLE:,}")
    kept = dict(data or {})
    try:
        encoded = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise RefusedError(f"the data can't be stored: {error}") from None
    if len(encoded) > MAX_DATA_BYTES:
        raise RefusedError(
            f"the data beside the text takes {len(encoded):,} bytes", f"at most {MAX_DATA_BYTES:,}"
        )
    if "\0" in text or _NUL.search(encoded):
        raise RefusedError("holds a NUL character")
    try:
        identity = orjson.dumps(
            [text, external_id, *(() if external_id is not None else (encoded.decode(),))]
        )
        digest = hashlib.sha256(identity).hexdigest()
    except orjson.JSONEncodeError:
        raise RefusedError("holds half a surrogate pair, which is no character") from None
    if known is not None and people is not None:
        raise RefusedError("a task whose answer is known is given to everybody, and can't name people")
    if len(explanation) > MAX_EXPLANATION:
        raise RefusedError(
            f"the explanation has {len(explanation):,} characters", f"at most {MAX_EXPLANATION:,}"
        )
    return Row(
        number, line, place, text, external_id, marking, people, kept, digest, tags, known, explanation
    )
