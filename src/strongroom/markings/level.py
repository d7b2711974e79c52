"""Levels: the chain at the head of every marking."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a scheme: `rank` 0 is the lowest; `colour` and `ink` are `#rrggbb`, background and text."""

    short: str
    long: str
    banner: str
    colour: str
    ink: str
    rank: int
    open: bool
    """Whether a thing at this level that names no nation is everyone's."""
