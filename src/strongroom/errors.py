"""What can go wrong, said once: each class knows its HTTP status and its wording.

A door (web, command line) renders these; a room raises them. The message says what happened, `kept` says what
was not lost, `remedy` says what to do. Messages never hold content that the reader might not be cleared for.
"""

from __future__ import annotations

from typing import ClassVar


class StrongroomError(Exception):
    """The root of every error that a person may see."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "error"
    title: ClassVar[str] = "That did not work"
    exit_code: ClassVar[int] = 2

    def __init__(self, detail: str = "", *, kept: str = "", remedy: str = "", **extra: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.kept = kept
        self.remedy = remedy
        self.extra = extra


class NotFoundError(StrongroomError):
    """Absent and forbidden look the same, byte for byte: this class takes no words."""

    status = 404
    code = "not_found"
    title = "Not found"

    def __init__(self) -> None:
        super().__init__("There is nothing here that you can see.")


class NotSignedInError(StrongroomError):
    status = 401
    code = "not_signed_in"
    title = "Sign in first"


class NotPermittedError(StrongroomError):
    """The thing is visible to the person, the act is not theirs to do."""

    status = 403
    code = "not_permitted"
    title = "Not permitted"


class InvalidError(StrongroomError):
    """Input that cannot be taken; `extra` may carry `errors`: a list of {where, why}."""

    status = 422
    code = "invalid"
    title = "This input cannot be taken"


class ConflictError(StrongroomError):
    status = 409
    code = "conflict"
    title = "Somebody was faster"


class TooLargeError(StrongroomError):
    status = 413
    code = "too_large"
    title = "Too large"


class TooManyRequestsError(StrongroomError):
    status = 429
    code = "too_many_requests"
    title = "Too many attempts"


class StorageFullError(StrongroomError):
    status = 507
    code = "storage_full"
    title = "The disk is full"


class BusyError(StrongroomError):
    status = 503
    code = "busy"
    title = "Too busy right now"
