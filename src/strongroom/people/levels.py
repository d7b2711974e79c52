"""The levels that a person may work at."""

from __future__ import annotations

from sqlalchemy import select

from strongroom.markings import Marking, MarkingError
from strongroom.vault import ReaderSession
from strongroom.vault.markings_table import InternedMarking


def levels_of(session: ReaderSession) -> list[Marking]:
    """The plain levels of the scheme and the markings in sight, as far as the clearance permits them; lowest first.

    Both come from the reader's own sight: a marking that only hidden rows carry is not in it.
    """
    scheme = session.vault.scheme
    found = {scheme.parse(text) for text in session.scalars(select(InternedMarking.text))}
    for level in scheme.levels:
        try:
            found.add(scheme.parse(level.banner))
        except MarkingError:
            continue  # a scheme may have levels that never stand alone
    permitted = [marking for marking in found if session.reader.clearance.permits(marking)]
    return sorted(permitted, key=lambda marking: (marking.level.rank, str(marking)))
