"""What this package raises. Messages name positions and counts; they quote no answers."""

from __future__ import annotations

from strongroom.errors import InvalidError


class AnswersError(InvalidError, ValueError):
    """Answers, gold or tables that can't be what they say they are."""

    code = "invalid_answers"
    title = "These answers cannot be taken"


class AnswersFileError(AnswersError):
    """A file of answers that can't be read. `line` counts from 1, the header included; None where no line is at fault."""

    code = "invalid_answers_file"
    title = "This file of answers cannot be read"

    def __init__(self, detail: str, *, line: int | None = None, remedy: str = "") -> None:
        super().__init__(detail if line is None else f"line {line}: {detail}", remedy=remedy)
        self.line = line
