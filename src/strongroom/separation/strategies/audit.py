"""The auditor's room: searches, and what they find. No bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from strongroom.separation.strategies.drawing import Draw, query_of, told_by

told_by("entry_id", "entry_id")

THINGS = ("task_id", "assignment_id", "project_id", "dataset_id", "entry_id")


@query_of("search_audit")
def _(draw: Draw) -> Any:
    """A page of everything, or narrowed by one thing or two."""
    query: dict[str, Any] = {"limit": draw.dice.randint(1, 40)}
    narrowings: dict[str, Callable[[], Any]] = {
        "question": lambda: draw.dice.choice(("all", "seen", "failed")),
        "thing": lambda: draw.id(draw.dice.choice(THINGS)),
        "mentioned": lambda: draw.dice.choice(("true", "false")),
        "person": lambda: draw.id("person_id"),
        "action": lambda: draw.dice.choice(("task.read", "task.claim", "annotation.submit", "audit.search")),
        "kind": lambda: draw.dice.choice(("task", "project", "audit_entry")),
        "outcome": lambda: draw.dice.choice(("done", "refused")),
        "since": lambda: draw.dice.choice(("2026-03-02T09:10:00Z", "2031-01-01T00:00:00+02:00")),
        "until": lambda: "2026-03-02T10:00:00Z",
        "of_auditors": lambda: draw.dice.choice(("true", "false")),
        "cursor": lambda: draw.dice.choice([*draw.pool.cursors[-4:], *draw.hidden.cursors[-2:], "forged"]),
    }
    for name in draw.dice.sample(sorted(narrowings), draw.dice.choice((0, 0, 1, 1, 2, 3))):
        query[name] = narrowings[name]()
    return query
