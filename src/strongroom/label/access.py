"""Roles for things that are reached by their own id, not by their project's."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from strongroom.errors import NotFoundError, NotPermittedError
from strongroom.label.project import present
from strongroom.label.tables import Dataset, Import, Task
from strongroom.people import roles_of
from strongroom.vault import ReaderSession, load

Thing = TypeVar("Thing", Task, Import, Dataset)


def load_for(session: ReaderSession, model: type[Thing], thing_id: str, roles: Collection[str]) -> Thing:
    """A visible thing of a project that is still there, for someone with one of `roles` in it.

    Raises NotFoundError for what is absent, hidden or removed, or of a project that one has no part in;
    NotPermittedError for who has one, and lacks the roles.
    """
    thing = load(session, model, thing_id)
    present(session, thing.project_id)
    held = roles_of(session, thing.project_id, session.reader.person_id)
    if not held:
        raise NotFoundError
    if set(roles).isdisjoint(held):
        raise NotPermittedError("Your role in this project does not include this.")
    return thing
