"""Security markings: read, compare, join and print what says who may have a thing.

A *marking* (`SECRET//REL TO USA, GBR`, `CONFIDENTIAL//PII//FOR LEGAL`) is a point of a lattice. `a | b` is the
marking of a thing made from two others, `a <= b` says that b is at least as restrictive as a, and a *clearance*
permits the join of two markings exactly when it permits both. The rules of an organisation are a *scheme*, a YAML
file; five are shipped.

    >>> from strongroom.markings import Scheme
    >>> us = Scheme.load("us-notional")
    >>> print(us.parse("(S//REL TO USA, GBR)") | us.parse("(S)"))
    SECRET//NOFORN

Pure: no I/O besides reading a scheme file, nothing but Pydantic and PyYAML.
"""

from strongroom.markings.clearance import Action, Clearance, ClearanceSpec
from strongroom.markings.errors import MarkingError, SchemeError
from strongroom.markings.level import Level
from strongroom.markings.marking import Marking
from strongroom.markings.scheme import SHIPPED, Scheme

__all__ = [
    "SHIPPED",
    "Action",
    "Clearance",
    "ClearanceSpec",
    "Level",
    "Marking",
    "MarkingError",
    "Scheme",
    "SchemeError",
]
