"""What a pass over the answers gives, and which of the two ways to make it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from typing import Literal, Protocol

from strongroom.quality.answers import Floats, Integers, Rows
from strongroom.quality.em.scipy_sweep import ScipySweep
from strongroom.quality.errors import AnswersError

Engine = Literal["automatic", "numba", "scipy"]

WORTH_COMPILING = 50_000
"""From this many answers on, loading Numba pays for itself."""

MOST_COUNTS = 200_000_000
"""Annotators × classes²: what confusions may take, 1.6 GB each."""

_engine: ContextVar[Engine] = ContextVar("engine", default="automatic")


class Sweep(Protocol):
    """Counts and confusions are (annotators × answered class × true class), posteriors (items × classes)."""

    def tally(self, posterior: Floats) -> Floats:
        """The expected counts of what each annotator answers for each true class."""
        ...

    def expect(
        self, log_confusion: Floats, log_prior: Floats, gold: Integers, posterior: Floats
    ) -> tuple[Floats, float, float]:
        """Writes the posterior of each item in place, gold items as certain.

        Returns the counts under it, the mean change of an item (total variation), and the log-likelihood of
        the answers.
        """
        ...


def sweep_over(rows: Rows, annotators: int, classes: int) -> Sweep:
    """The pass over these answers; depends on their number and on whether Numba is installed, on nothing else.

    Raises AnswersError where the confusions of so many annotators over so many classes would not fit in memory.
    """
    if annotators * classes**2 > MOST_COUNTS:
        raise AnswersError(
            f"{annotators} annotators with {classes} classes each are too many confusions to hold.",
            remedy="Merge rare classes, or treat the labels as text or numbers.",
        )
    chosen = _engine.get()
    if chosen == "automatic":
        chosen = "numba" if len(rows.label) >= WORTH_COMPILING and find_spec("numba") else "scipy"
    if chosen == "scipy":
        return ScipySweep(rows, annotators, classes)
    from strongroom.quality.em.numba_sweep import NumbaSweep

    return NumbaSweep(rows, annotators, classes)


@contextmanager
def engine(name: Engine) -> Iterator[None]:
    """Within it, passes are made this way."""
    token = _engine.set(name)
    try:
        yield
    finally:
        _engine.reset(token)
