"""Loading one thing by its id."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy.orm import Session

from strongroom.errors import InvalidError, NotFoundError

Thing = TypeVar("Thing")


def load(session: Session, model: type[Thing], thing_id: str) -> Thing:
    """The row of `model` with this id; NotFoundError when it is absent or hidden, byte for byte alike.

    The one way to load by an id that came from outside.
    """
    try:
        thing = session.get(model, thing_id)
    except InvalidError:  # half a character: no id looks like that
        raise NotFoundError from None
    if thing is None:
        raise NotFoundError
    return thing
