"""Errors on the wire: the one place where an error becomes `application/problem+json` (RFC 9457).

Absent and forbidden give the same bytes, so nothing here adds an id, a time or a path to an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from strongroom.errors import (
    InvalidError,
    NotFoundError,
    StrongroomError,
    TooLargeError,
)
from strongroom.markings import MarkingError
from strongroom.vault import refusals

MEDIA_TYPE = "application/problem+json"


class Mistake(BaseModel):
    """One thing that is wrong with the input."""

    where: str = Field(description="the field, as a path from the body, query, path or header")
    why: str
    position: int | None = Field(default=None, description="offset in the text, where the text is a marking")
    expected: str | None = None


class Problem(BaseModel):
    """What happened, what was kept, what to do."""

    code: str
    title: str
    status: int
    detail: str
    kept: str = ""
    remedy: str = ""
    errors: list[Mistake] | None = None


class UnexpectedError(StrongroomError):
    """A fault of the program: the answer carries the request id alone, the log has the rest."""

    status = 500
    code = "unexpected"
    title = "Something broke"


class WrongMethodError(StrongroomError):
    status = 405
    code = "wrong_method"
    title = "This address does not take that method"


def render(error: StrongroomError, headers: Mapping[str, str] | None = None) -> Response:
    """The answer for `error`. Keyword facts of the error (`extra`) stand beside the six fixed members."""
    body = {
        "code": error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "kept": error.kept,
        "remedy": error.remedy,
        **error.extra,
    }
    answer = Response(_to_json(body), status_code=error.status, media_type=MEDIA_TYPE, headers=headers)
    if "retry_after" in error.extra:
        answer.headers["Retry-After"] = str(error.extra["retry_after"])
    return answer


def install(app: FastAPI) -> None:
    """Hand every foreseen error of `app` to `render`; the unforeseen ones are the envelope's."""

    async def strongroom_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, StrongroomError)
        return render(error)

    async def validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return render(_from_validation(error))

    async def marking_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, MarkingError)
        return render(from_marking_error(error, "marking"))

    async def half_character(request: Request, error: Exception) -> Response:
        return render(InvalidError("A text holds half of a character (a lone surrogate)."))

    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return render(_from_http(error), headers=error.headers)

    async def system_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, OSError)
        instead = refusals.of_a_file(error)
        if instead is None:
            raise error
        return render(instead)

    app.add_exception_handler(StrongroomError, strongroom_error)
    app.add_exception_handler(RequestValidationError, validation_error)
    app.add_exception_handler(MarkingError, marking_error)
    app.add_exception_handler(UnicodeEncodeError, half_character)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(OSError, system_error)


def from_marking_error(error: MarkingError, where: str) -> InvalidError:
    """A marking that can't be read, said with the place and what was expected there."""
    mistake = {"where": where, "why": str(error), "position": error.position, "expected": error.expected}
    return InvalidError("A marking cannot be read.", errors=[mistake])


def _from_validation(error: RequestValidationError) -> InvalidError:
    """Says which field and why. What was sent stays out: it may be a password or a text."""
    mistakes = []
    for each in error.errors():
        if each["type"] == "json_invalid":
            mistakes.append({"where": "body", "why": f"this is not JSON, at character {each['loc'][-1]}"})
        else:
            where = ".".join(str(part) for part in each["loc"])
            mistakes.append({"where": where, "why": each["msg"].removeprefix("Value error, ")})
    return InvalidError("Some of the input cannot be taken.", errors=mistakes)


def _from_http(error: HTTPException) -> StrongroomError:
    if error.status_code == 404:
        return NotFoundError()
    if error.status_code == 405:
        return WrongMethodError()
    if error.status_code == 413:
        return TooLargeError("The request is larger than this server takes.")
    cause = error.__cause__
    instead = refusals.of_a_file(cause) if isinstance(cause, OSError) else None
    return instead or InvalidError("The body cannot be read.")


def _to_json(body: dict[str, object]) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:  # a key that came in may hold a lone surrogate, which UTF-8 has no bytes for
        return json.dumps(body, ensure_ascii=True).encode()
