"""Refusals at the desk. Each says what was kept, and those marked `KeepsWorkError` are raised after the work was stored."""

from __future__ import annotations

from strongroom.errors import ConflictError, InvalidError, NotPermittedError, StrongroomError

KEPT = "Your work is kept as a draft of this task."


class KeepsWorkError(StrongroomError):
    """Marks a refusal that must not undo what its transaction stored: see `desk.at_desk`."""


class LeaseLostError(KeepsWorkError, ConflictError):
    """The slot went to somebody else, or the lease is not the one that was given."""

    code = "lease_lost"
    title = "This task went to somebody else"


class ProjectRemovedError(KeepsWorkError, ConflictError):
    code = "project_removed"
    title = "This project was removed"


class NoLongerMemberError(KeepsWorkError, NotPermittedError):
    code = "no_longer_member"
    title = "You no longer label in this project"


class UnfitAnswerError(KeepsWorkError, InvalidError):
    """The answer doesn't fit the form; `errors` says where and why."""


class LevelChangedError(ConflictError):
    """The act belongs to another working level than the caller's."""

    code = "level_changed"
    title = "This belongs to another level"


class PausedError(ConflictError):
    """The person is given no tasks of this project, until a manager says otherwise."""

    code = "paused"
    title = "You are given no tasks here for now"


class EnoughClaimedError(ConflictError):
    code = "enough_claimed"
    title = "You have enough tasks in hand"
