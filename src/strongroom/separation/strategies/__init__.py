"""How each operation of the API is tried, one module a room.

An operation that takes a body and has no entry here fails the build. To add one, write into the room's module:

    @body_of("operation_id")
    def _(draw: Draw) -> Any:
        return {"field": draw.dice.choice(["one", "other"])}

and, where the room's answers hold things with ids that paths take, `told_by("a key only they have", "thing_id")`.
A new module is imported at the end of this one.
"""

from strongroom.separation.strategies.drawing import (
    ON_RECORD,
    OPEN_TO_ALL,
    Draw,
    Operation,
    Pool,
    Stage,
    operations,
    request_for,
    without_strategy,
)

__all__ = [
    "ON_RECORD",
    "OPEN_TO_ALL",
    "Draw",
    "Operation",
    "Pool",
    "Stage",
    "operations",
    "request_for",
    "without_strategy",
]

from strongroom.separation.strategies import audit, custody, jobs, label, people, server  # noqa: F401
