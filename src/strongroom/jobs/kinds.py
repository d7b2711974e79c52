"""Which kinds of job there are: rooms register theirs when they are imported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from strongroom.jobs.context import JobContext

Work = Callable[[JobContext], None]

_kinds: dict[str, Kind] = {}


@dataclass(frozen=True)
class Kind:
    """What a job does, and which roles in its project allow somebody to have it done (none named: any)."""

    name: str
    roles: tuple[str, ...]
    work: Work


def job(name: str, *, roles: tuple[str, ...] = ()) -> Callable[[Work], Work]:
    """Registers a function as the work of the jobs of this kind, such as `label.import`.

    `roles`: one of these the job's person must hold in the job's project when it starts. Raises ValueError for a name
    that is taken.
    """

    def register(work: Work) -> Work:
        if name in _kinds:
            raise ValueError(f"there is a kind of job called {name} already")
        _kinds[name] = Kind(name, roles, work)
        return work

    return register


def kind_of(name: str) -> Kind:
    """Raises KeyError for a kind that no room of this process registered."""
    return _kinds[name]
