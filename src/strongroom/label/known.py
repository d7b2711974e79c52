"""Tasks whose answer is known: gold, which is mixed in unseen, and training, which explains itself afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

import orjson

from strongroom.errors import InvalidError
from strongroom.label import result
from strongroom.label.consensus import likeness
from strongroom.label.form import ClassField, Questions, TextField
from strongroom.label.readers.row import RefusedError

ALIKE_ENOUGH = 0.8
"""How alike to the known answer one must be to count as right: all of it for a label, an F1 of this for several and for spans."""


def is_right(questions: Questions, known: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Whether an answer is right on the fields that are known: the mean of how alike it is on each, against ALIKE_ENOUGH."""
    return fmean(_alike(questions, key, known, answer) for key in known) >= ALIKE_ENOUGH if known else True


def _alike(questions: Questions, key: str, known: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    field = questions.field(key)
    if field is None:
        return 1.0
    if isinstance(field, TextField):
        return float(_words(known[key]) == _words(str(answer.get(key, ""))))
    return likeness(field, answer, known)


def _words(text: str) -> list[str]:
    return text.casefold().split()


def checked(questions: Questions, text_length: int, given: Any) -> dict[str, Any]:
    """The known answer of a row, in canonical shape: a label where the form has one choice, else fields and values.

    Raises RefusedError, which never says what the row holds.
    """
    fields = given
    if isinstance(given, str) and given.lstrip().startswith("{"):
        try:
            fields = orjson.loads(given)
        except orjson.JSONDecodeError:
            raise RefusedError(
                "its known answer is not JSON", "a label id, or a JSON object by field"
            ) from None
    elif isinstance(given, str):
        choices = [
            field for field in questions.fields if isinstance(field, ClassField) and not field.multiple
        ]
        if len(choices) != 1:
            raise RefusedError(
                "its known answer doesn't say to which field",
                "a JSON object by field, since the form has several",
            )
        fields = {choices[0].key: given.strip()}
    if not isinstance(fields, dict) or not fields:
        raise RefusedError("its known answer can't be read", "a label id, or a JSON object by field")
    asked = tuple(field for field in questions.fields if field.key in fields)
    if len(asked) != len(fields):
        raise RefusedError("its known answer names a field that the form lacks")
    try:
        return result.check(Questions(fields=asked), text_length, fields)
    except InvalidError as unfit:
        places = unfit.extra.get("errors")
        where = places[0]["where"] if isinstance(places, list) and places else asked[0].key
        raise RefusedError(f"its known answer doesn't fit the form, at {where}") from None
