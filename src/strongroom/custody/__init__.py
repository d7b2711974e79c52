"""The room where it is known where things are, and where it is put right when they are where they shouldn't be.

A *trace* says where a thing came from, where it went and who saw it. A *remarking* gives it another marking: up at once,
any other way with a second person. A *spill* is a thing that was marked too low or should not be here: reported, it and all
that was derived from it is out of sight with the next request; then it is marked anew, put back, or *purged*, with proof
and a signed report.
"""

from strongroom.custody import purging  # noqa: F401 - the kind of job
from strongroom.custody.report import ForgedReportError, verify
from strongroom.custody.routes import router
from strongroom.custody.tables import Remarking, Spill, SpillDecision, SpillThing

__all__ = [
    "ForgedReportError",
    "Remarking",
    "Spill",
    "SpillDecision",
    "SpillThing",
    "router",
    "verify",
]
