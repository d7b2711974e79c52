"""The auditor's room: who saw this, what did this person see, what failed; and proof that the log is whole.

Entries are written by the vault (`session.audit`) and read here by those with the duty of an auditor, each as far as the
auditor's clearance goes. Where the log stands, tree sizes, numbers and proofs count every entry, so only an auditor cleared for
everything gets them. The *keeper* takes up what was recorded, signs checkpoints and writes them to a second place.
"""

from strongroom.audit.keeper import Keeper
from strongroom.audit.place import Place, RefusedError
from strongroom.audit.routes import router

__all__ = ["Keeper", "Place", "RefusedError", "router"]
