"""Who is asking, and what they may do.

An account belongs to a *person*. People sign in with a password or a one-time link and get a session that lives on the
server; programs carry an API token. At each request the *gate* looks up who that is and what clearance is in force,
and gives the route a *principal*: the person, the vault's reader, the working level. A route says with a *policy*
who may call it; a route without one keeps the app from starting.

A clearance is given by a security officer, never to oneself, with a reason, and each grant is kept. Roles in a project
(memberships) are marked as the project is. Both have to permit: a duty gives no clearance, a clearance gives no role.
"""

from strongroom.people.clearances import Clearances, give
from strongroom.people.gate import Gate
from strongroom.people.levels import levels_of
from strongroom.people.memberships import members_of, projects_of, roles_of, set_roles
from strongroom.people.policy import (
    Policy,
    Principal,
    VaultDep,
    duty,
    in_person,
    project,
    public,
    signed_in,
    signed_in_for,
)
from strongroom.people.receipts import Idempotency, IdempotencyDep, once
from strongroom.people.schemas import MarkingOut, PersonCard, Role
from strongroom.people.tables import Membership, Person, Receipt

__all__ = [
    "Clearances",
    "Gate",
    "Idempotency",
    "IdempotencyDep",
    "MarkingOut",
    "Membership",
    "Person",
    "PersonCard",
    "Policy",
    "Principal",
    "Receipt",
    "Role",
    "VaultDep",
    "duty",
    "give",
    "in_person",
    "levels_of",
    "members_of",
    "once",
    "project",
    "projects_of",
    "public",
    "roles_of",
    "set_roles",
    "signed_in",
    "signed_in_for",
]
