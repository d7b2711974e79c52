"""What is neither a room's nor a person's."""

from __future__ import annotations

from typing import Any

from strongroom.separation.strategies.drawing import Draw, body_of


@body_of("roll_up")
def _(draw: Draw) -> Any:
    return {"markings": [draw.marking() for _ in range(draw.dice.randint(1, 3))]}
