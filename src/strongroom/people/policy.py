"""What a route asks of its caller. Every route declares one of these, or the app doesn't start.

| policy | who passes | scope a token needs |
| --- | --- | --- |
| `public` | everyone | |
| `signed_in` | anyone with an account | `read` to read, `label` to act |
| `signed_in_for("manage")` | the same | `read` to read, the named one to act |
| `in_person` | a cookie session, no token | |
| `duty("administrator")` | those with the duty | `admin` |
| `project("owner")` | those with one of the roles in `{project_id}` | `read` to read; to act `label` or `manage` |

To act in a project takes `label` where annotators or reviewers may act, else `manage`. Cookie sessions have every
scope. Reading is GET and HEAD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, get_args
from urllib.parse import unquote, urlsplit

from fastapi import Depends, Request
from sqlalchemy import bindparam, select
from starlette.concurrency import run_in_threadpool

from strongroom.errors import InvalidError, NotFoundError, NotPermittedError, NotSignedInError
from strongroom.markings import Clearance, Marking, MarkingError
from strongroom.people import credentials
from strongroom.people.gate import COOKIE, Caller, Gate, Identity
from strongroom.people.schemas import Duty, Role, Scope
from strongroom.people.tables import Membership
from strongroom.vault import Prepared, Reader, Vault, core

CSRF_HEADER = "x-csrf-token"
LEVEL_HEADER = "strongroom-level"
READING = frozenset({"GET", "HEAD"})
EVERY_SCOPE: frozenset[Scope] = frozenset(get_args(Scope))


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes this request, how they were recognised, and what that way of asking allows."""

    person: Caller
    reader: Reader
    how: str
    scopes: frozenset[Scope]
    csrf: str | None
    unnoted: bool = False
    sign_in_id: str | None = None
    token_id: str | None = None


class Policy:
    """Base of all policies; the app looks for an instance among the dependencies of each route."""

    tokens_pass = True

    def scope(self, method: str) -> Scope | None:
        """The scope that an API token needs for `method`; None where anybody may call."""
        raise NotImplementedError

    def words(self) -> str:
        """The policy in words, for the API's description."""
        raise NotImplementedError


class Public(Policy):
    """Open to everyone; what changes something must still come from our own pages."""

    def scope(self, method: str) -> Scope | None:
        return None

    def words(self) -> str:
        return "Open to everyone."

    async def __call__(self, request: Request) -> None:
        if request.method not in READING:
            _require_own_page(request)


class SignedIn(Policy):
    """Open to everyone with an account."""

    def __init__(self, acting: Scope = "label") -> None:
        self.acting: Scope = acting

    def scope(self, method: str) -> Scope | None:
        return "read" if method in READING else self.acting

    def words(self) -> str:
        return "Open to everyone who is signed in."

    async def __call__(self, request: Request) -> Principal:
        gate: Gate = request.app.state.gate
        # A lookup in a file of this machine takes less than a hop to a thread; one over a network must not keep
        # everybody waiting.
        if gate.vault.near:
            principal = self.check(request)
        else:
            principal = await run_in_threadpool(self.check, request)
        id_ = principal.token_id or principal.sign_in_id
        if principal.unnoted and id_ is not None:
            await run_in_threadpool(gate.note, principal.how, id_)
        return principal

    def check(self, request: Request) -> Principal:
        """Who asks, if they pass. Raises the refusal otherwise."""
        return self.authenticate(request)

    def authenticate(self, request: Request) -> Principal:
        """Raises NotSignedInError, or NotPermittedError where the way of asking falls short."""
        gate: Gate = request.app.state.gate
        authorization = request.headers.get("authorization")
        if authorization is not None:
            principal = _by_token(gate, request, authorization)
            needed = self.scope(request.method)
            if not self.tokens_pass:
                raise NotPermittedError("An API token cannot do this.", remedy="Sign in and do it there.")
            if needed not in principal.scopes:
                raise NotPermittedError(f"This API token lacks the scope {needed!r}.")
            return principal
        return _by_cookie(gate, request)


class InPerson(SignedIn):
    """Open to people who are signed in themselves: a token can't make further tokens or change a password."""

    tokens_pass = False

    def words(self) -> str:
        return "Open to everyone who is signed in with a browser session; API tokens are refused."


class OnDuty(SignedIn):
    """Open to those who hold one of these duties of the installation."""

    def __init__(self, duties: tuple[Duty, ...]) -> None:
        super().__init__("admin")
        self.duties = duties

    def scope(self, method: str) -> Scope | None:
        return "admin"

    def words(self) -> str:
        return f"Open to those with the duty {' or '.join(self.duties)}."

    def check(self, request: Request) -> Principal:
        principal = self.authenticate(request)
        if not set(self.duties) & set(principal.person.duties):
            raise NotPermittedError(f"This is for those with the duty {' or '.join(self.duties)}.")
        return principal


class InProject(SignedIn):
    """Open to those with a role in the project of the path. To everybody else the project is absent."""

    def __init__(self, roles: tuple[Role, ...]) -> None:
        super().__init__("label" if not roles or {"annotator", "reviewer"} & set(roles) else "manage")
        self.roles = frozenset(roles or get_args(Role))

    def words(self) -> str:
        return f"Open to the project's {', '.join(sorted(self.roles))}."

    def check(self, request: Request) -> Principal:
        principal = self.authenticate(request)
        vault: Vault = request.app.state.vault
        mine = {"project": request.path_params["project_id"], "person": principal.person.id}
        held = {role for (role,) in vault.glance(_ROLES, mine, principal.reader)}
        if not held:
            raise NotFoundError
        if self.roles.isdisjoint(held):
            raise NotPermittedError("Your role in this project does not include this.")
        return principal


public = Depends(Public())
signed_in = Depends(SignedIn())
in_person = Depends(InPerson())


def signed_in_for(acting: Scope) -> Any:
    """As `signed_in`, where acting needs another scope than `label`."""
    return Depends(SignedIn(acting))


def duty(*names: Duty) -> Any:
    """Those who hold one of the duties `names`."""
    return Depends(OnDuty(names))


def project(*roles: Role) -> Any:
    """Those who hold one of `roles` in the project of the path's `{project_id}`; without roles: any member."""
    return Depends(InProject(roles))


async def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


async def _gate(request: Request) -> Gate:
    gate: Gate = request.app.state.gate
    return gate


VaultDep = Annotated[Vault, Depends(_vault)]
GateDep = Annotated[Gate, Depends(_gate)]


_membership = core(Membership)
_ROLES = Prepared(
    select(_membership.c.role).where(
        _membership.c.project_id == bindparam("project"), _membership.c.person_id == bindparam("person")
    )
)


def _by_cookie(gate: Gate, request: Request) -> Principal:
    secret = request.cookies.get(COOKIE)
    identity = gate.by_session(secret) if secret else None
    if secret is None or identity is None:
        raise NotSignedInError(remedy="Sign in and try again; what is on the screen is kept.")
    if request.method not in READING:
        _require_own_page(request)
        given = request.headers.get(CSRF_HEADER, "")
        if not credentials.same(given, credentials.csrf_token(secret)):
            raise NotPermittedError(
                "The request does not prove that it comes from Strongroom's own page.",
                remedy="Reload the page.",
            )
    return _principal(gate, request, identity, EVERY_SCOPE, credentials.csrf_token(secret))


def _by_token(gate: Gate, request: Request, authorization: str) -> Principal:
    kind, _, secret = authorization.partition(" ")
    identity = gate.by_token(secret.strip()) if kind.lower() == "bearer" else None
    if identity is None:
        raise NotSignedInError("That API token is unknown, withdrawn or past its time.")
    return _principal(gate, request, identity, identity.scopes, None)


def _principal(
    gate: Gate, request: Request, identity: Identity, scopes: frozenset[Scope], csrf: str | None
) -> Principal:
    clearance = identity.clearance
    reader = Reader(
        person_id=identity.person.id,
        login=identity.person.login,
        clearance=clearance,
        level=_level(gate, request, clearance, identity.level),
        how=identity.how,
        request_id=request.scope["request_id"],
    )
    return Principal(
        person=identity.person,
        reader=reader,
        how=identity.how,
        scopes=scopes,
        csrf=csrf,
        unnoted=identity.unnoted,
        sign_in_id=identity.id if identity.how == "session" else None,
        token_id=identity.id if identity.how == "token" else None,
    )


def _level(gate: Gate, request: Request, clearance: Clearance, kept: Marking) -> Marking:
    """The working level of this request: the header's, else the session's.

    The session's stays even when the clearance no longer permits it: the vault then refuses to write, where falling
    back to a lower level would store what was typed in the belief of a higher one.
    """
    text = request.headers.get(LEVEL_HEADER)
    if text is None:
        return kept
    return level_for(gate, clearance, unquote(text), "header.Strongroom-Level")


def level_for(gate: Gate, clearance: Clearance, text: str, where: str) -> Marking:
    """The marking `text` as a level to work at. Raises InvalidError, or NotPermittedError above the clearance."""
    try:
        level = gate.vault.scheme.parse(text)
    except MarkingError as error:
        mistake = {"where": where, "why": str(error), "position": error.position, "expected": error.expected}
        raise InvalidError("That level cannot be read.", errors=[mistake]) from error
    if not clearance.permits(level):
        raise NotPermittedError("Your clearance does not permit working at that level.")
    return level


def _require_own_page(request: Request) -> None:
    """Refuses what a page of another site made the browser send. Programs send neither header."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    foreign = (
        origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()
    )
    if site not in ("same-origin", "none") or foreign:
        raise NotPermittedError("The request comes from a page of another site.")
