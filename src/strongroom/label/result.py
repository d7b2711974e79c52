"""An answer against its form: checked, put into canonical shape, told in a few words.

An answer is an object keyed by field: a label id, a sorted list of label ids, a sorted list of
{"start", "end", "label"} (code points, end exclusive), or a string. Canonical means that two people who meant the
same sent the same bytes: lists are sorted and always there, even when empty; a label or text left empty is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from strongroom.errors import InvalidError
from strongroom.label.form import ClassField, Questions, SpansField, TextField

MAX_SPANS = 10_000
MAX_ERRORS = 50

Result = dict[str, Any]
Span = tuple[int, int, str]


class _WrongError(Exception):
    def __init__(self, why: str, where: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.where = where


def check(questions: Questions, text_length: int, result: Mapping[str, Any]) -> Result:
    """The canonical answer. `text_length` in code points. Raises InvalidError with `errors`: [{where, why}]."""
    errors: list[dict[str, str]] = []
    checked: Result = {}
    for field in questions.fields:
        try:
            value = _checked(field, text_length, result.get(field.key))
        except _WrongError as wrong:
            errors.append({"where": field.key + wrong.where, "why": wrong.why})
            continue
        if value:
            checked[field.key] = value
        elif field.required:
            errors.append({"where": field.key, "why": "needs an answer"})
        elif _is_list(field):
            checked[field.key] = []
    known = {field.key for field in questions.fields}
    errors += [
        {"where": str(key)[:100], "why": "is not a field of the form"} for key in result if key not in known
    ]
    if errors:
        raise InvalidError(
            f"The answer does not fit the form: {errors[0]['where']}: {errors[0]['why']}.",
            errors=errors[:MAX_ERRORS],
        )
    return checked


def _is_list(field: ClassField | SpansField | TextField) -> bool:
    return isinstance(field, SpansField) or (isinstance(field, ClassField) and field.multiple)


def _checked(field: ClassField | SpansField | TextField, text_length: int, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(field, TextField):
        return _text(field, value)
    ids = {label.id for label in field.labels}
    if isinstance(field, SpansField):
        return _spans(ids, text_length, value)
    if not field.multiple:
        return _label(ids, value)
    if not isinstance(value, list):
        raise _WrongError("expected a list of label ids")
    chosen = {_label(ids, item, f"[{number}]") for number, item in enumerate(value[: len(ids) + 1])}
    if len(chosen) != len(value):
        raise _WrongError("a label is chosen twice")
    return sorted(chosen)


def _label(ids: set[str], value: Any, where: str = "") -> str:
    if not isinstance(value, str):
        raise _WrongError("expected a label id", where)
    if value not in ids:
        raise _WrongError(f"{value[:64]!r} is not a label of this field", where)
    return value


def _text(field: TextField, value: Any) -> str:
    if not isinstance(value, str):
        raise _WrongError("expected text")
    if len(value) > field.max_length:
        raise _WrongError(f"{len(value):,} characters where {field.max_length:,} may be")
    if not value.isprintable() and ("\0" in value or not _encodable(value)):
        raise _WrongError("holds a character that is none (NUL or half a surrogate pair)")
    return value if value.strip() else ""


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _spans(ids: set[str], text_length: int, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise _WrongError("expected a list of spans")
    if len(value) > MAX_SPANS:
        raise _WrongError(f"{len(value):,} spans where {MAX_SPANS:,} may be")
    seen: set[Span] = set()
    for number, item in enumerate(value):
        where = f"[{number}]"
        if not isinstance(item, dict) or item.keys() != {"start", "end", "label"}:
            raise _WrongError("expected {start, end, label}", where)
        start, end = item["start"], item["end"]
        if type(start) is not int or type(end) is not int:
            raise _WrongError("start and end are whole numbers (code points)", where)
        if not 0 <= start < end <= text_length:
            raise _WrongError(f"{start}–{end} does not lie in the text of {text_length:,} characters", where)
        span = (start, end, _label(ids, item["label"], where))
        if span in seen:
            raise _WrongError("this span is here twice", where)
        seen.add(span)
    return [{"start": start, "end": end, "label": label} for start, end, label in sorted(seen)]


def spans_of(value: Any) -> frozenset[Span]:
    """The spans of a stored answer as a set that can be compared."""
    return frozenset((item["start"], item["end"], item["label"]) for item in value or ())


def summary(questions: Questions, result: Mapping[str, Any], length: int = 120) -> str:
    """An answer in a few words, by titles: "Oil spill · 3 spans"."""
    parts: list[str] = []
    for field in questions.fields:
        value = result.get(field.key)
        if not value:
            continue
        if isinstance(field, SpansField):
            parts.append("1 span" if len(value) == 1 else f"{len(value)} spans")
        elif isinstance(field, TextField):
            parts.append(f"“{excerpt(value, 40)}”")
        else:
            titles: dict[str, str] = {label.id: label.title for label in field.labels}
            chosen: list[str] = value if isinstance(value, list) else [value]
            parts.append(", ".join(titles.get(item, item) for item in chosen))
    return excerpt(" · ".join(parts), length)


def excerpt(text: str, length: int = 160) -> str:
    """The beginning of a text on one line, at most `length` code points."""
    line = " ".join(text[: length * 4].split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
