"""Which column holds the text, the id, the marking, the people: as the options say, else by their usual names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from strongroom.label.readers.row import RefusedError, Row, row
from strongroom.label.schemas import ImportOptions

_TEXT = ("text", "content", "sentence", "body", "message", "document", "passage", "utterance", "title")
_ID = ("id", "external_id", "task_id", "task", "doc_id", "document_id", "item_id", "uid", "key")
_MARKING = ("marking", "classification", "banner", "portion")
_PEOPLE = ("people", "annotators", "workers", "logins")
_SEPARATORS = re.compile(r"[\s,;|]+")


class Columns(NamedTuple):
    text: str
    id: str | None
    marking: str | None
    people: str | None
    gold: str | None
    explanation: str | None


def choose(names: Sequence[str], options: ImportOptions, *, quoted: bool = True) -> Columns:
    """Raises RefusedError when no column holds the text, or a named column isn't there.

    `quoted`: the error may list the names. Those of a header may be told; the keys of one line may be as secret as the
    line.
    """
    return _choose(
        tuple(names),
        options.text_column,
        options.id_column,
        options.marking_column,
        options.people_column,
        options.gold_column,
        options.explanation_column,
        quoted=quoted,
    )


@lru_cache(maxsize=512)
def _choose(
    names: tuple[str, ...],
    text: str | None,
    id_: str | None,
    marking: str | None,
    people: str | None,
    gold: str | None,
    explanation: str | None,
    *,
    quoted: bool,
) -> Columns:
    there = f"one of {_listed(names)}" if quoted else None
    # A line of JSON may well have no known answer; a header that lacks the column has none anywhere.
    for wanted in (text, id_, marking, people, *((gold, explanation) if quoted else ())):
        if wanted is not None and wanted not in names:
            raise RefusedError(f"there is no column {wanted!r}", there)
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(name.strip().casefold().replace(" ", "_"), name)

    def usual(words: tuple[str, ...]) -> str | None:
        return next((folded[word] for word in words if word in folded), None)

    chosen = text or usual(_TEXT) or (names[0] if quoted and len(names) == 1 else None)
    if chosen is None:
        raise RefusedError(
            "no column is known to hold the text", f"text_column to be {there or 'named in the options'}"
        )
    taken = {chosen, gold, explanation}
    others = [None if found in taken else found for found in (usual(_ID), usual(_MARKING), usual(_PEOPLE))]
    return Columns(chosen, id_ or others[0], marking or others[1], people or others[2], gold, explanation)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:20])
    return shown + (", …" if len(names) > 20 else "")


def from_mapping(
    number: int, line: int, place: str | None, values: Mapping[str, Any], columns: Columns
) -> Row:
    """A row from named values; what no column is meant for goes into the data. Raises RefusedError."""
    text = values.get(columns.text)
    if not isinstance(text, str):
        raise RefusedError(
            f"{columns.text!r} is not text" if text is not None else f"{columns.text!r} is missing"
        )
    external_id = values.get(columns.id) if columns.id else None
    if isinstance(external_id, bool) or not isinstance(external_id, str | int | None):
        raise RefusedError(f"{columns.id!r} is neither text nor a whole number")
    marking = values.get(columns.marking) if columns.marking else None
    if not isinstance(marking, str | None):
        raise RefusedError(f"{columns.marking!r} is not text")
    known = values.get(columns.gold) if columns.gold else None
    if isinstance(known, str) and not known.strip():
        known = None
    explanation = values.get(columns.explanation) if columns.explanation else None
    if not isinstance(explanation, str | None):
        raise RefusedError(f"{columns.explanation!r} is not text")
    meant = set(columns)
    return row(
        number,
        line,
        place,
        text=text,
        external_id=None if external_id in (None, "") else str(external_id),
        marking=(marking or "").strip() or None,
        people=_people(values.get(columns.people), columns.people) if columns.people else None,
        data={key: value for key, value in values.items() if key not in meant},
        known=known,
        explanation=explanation or "",
    )


def _people(value: Any, column: str) -> tuple[str, ...] | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = [login for login in _SEPARATORS.split(value) if login]
    if not isinstance(value, list) or not all(isinstance(login, str) for login in value):
        raise RefusedError(f"{column!r} is not a list of logins")
    return tuple(dict.fromkeys(login.strip() for login in value if login.strip())) or None
