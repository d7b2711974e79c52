"""How the worker hears at once that there is something to do; without a bell it looks once a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_bells: dict[Path, Callable[[], None]] = {}


def hang(folder: Path, bell: Callable[[], None]) -> None:
    """Whoever keeps a worker for a workspace in this process says how to wake it."""
    _bells[folder.resolve()] = bell


def take_down(folder: Path) -> None:
    _bells.pop(folder.resolve(), None)


def ring(folder: Path) -> None:
    bell = _bells.get(folder.resolve())
    if bell is not None:
        bell()
