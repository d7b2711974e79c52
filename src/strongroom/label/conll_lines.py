"""A labelled text as CoNLL: a token a line, a column for each answer, the consensus in the last.

The tokens are those that the text came with (`data.tokens`), else words and single other characters. Spans become IOB2
tags of the tokens they touch; where spans overlap, the longer one is told, since CoNLL has one tag a token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from strongroom.label.form import SpansField
from strongroom.label.readers.conll import tags_of_spans

if TYPE_CHECKING:
    from strongroom.label.export import Labelled

_TOKEN = re.compile(r"\w+|[^\w\s]")
Token = tuple[int, int]


def block(task: Labelled, field: SpansField) -> str:
    """The lines of one task, with a blank one behind."""
    tokens = tokens_of(task.text, task.data)
    if not tokens:
        return ""
    agreed = task.agreed.get(field.key)
    columns = [tags_of_spans(tokens, _spans(answer.result.get(field.key))) for answer in task.answers]
    columns.append(tags_of_spans(tokens, _spans(agreed.value if agreed else None)))
    remarks = [
        f"# id = {_line(task.external_id or task.id)}",
        f"# task_id = {task.id}",
        f"# marking = {task.marking}",
        f"# annotators = {' '.join(answer.annotator for answer in task.answers)}",
    ]
    words = [
        " ".join((task.text[start:end], *(column[number] for column in columns)))
        for number, (start, end) in enumerate(tokens)
    ]
    return "\n".join([*remarks, *words]) + "\n\n"


def tokens_of(text: str, data: Mapping[str, Any]) -> list[Token]:
    """Where each token lies in the text."""
    stored = data.get("tokens")
    if isinstance(stored, list) and stored and all(_is_token(text, each) for each in stored):
        return [(start, end) for start, end in stored]
    return [match.span() for match in _TOKEN.finditer(text)]


def _is_token(text: str, token: object) -> bool:
    if not (isinstance(token, list) and len(token) == 2 and all(type(each) is int for each in token)):
        return False
    start, end = token
    return 0 <= start < end <= len(text) and not any(map(str.isspace, text[start:end]))


def _spans(value: Sequence[Mapping[str, Any]] | None) -> list[tuple[int, int, str]]:
    return [(item["start"], item["end"], item["label"]) for item in value or ()]


def _line(text: str) -> str:
    return " ".join(text.split())
