"""HTTP: set-up, sessions, tokens, people and their clearances."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select

from strongroom.errors import NotSignedInError
from strongroom.markings import Clearance, Marking
from strongroom.people import clearances, enrol, set_up, sign_in, tokens
from strongroom.people.credentials import csrf_token
from strongroom.people.gate import COOKIE, Caller, Gate
from strongroom.people.passwords import require_good
from strongroom.people.policy import (
    GateDep,
    Principal,
    VaultDep,
    duty,
    in_person,
    level_for,
    public,
    signed_in,
)
from strongroom.people.schemas import (
    ClearanceIn,
    ClearanceOut,
    GrantOut,
    GrantsOut,
    LevelIn,
    LinkIn,
    MarkingOut,
    MeOut,
    NewPersonOut,
    NewTokenOut,
    PasswordIn,
    PeopleOut,
    PersonCard,
    PersonChangeIn,
    PersonIn,
    PersonOut,
    SchemeName,
    SessionOut,
    SetupIn,
    SetupOut,
    SignInIn,
    TokenIn,
    TokenOut,
    TokensOut,
)
from strongroom.people.sign_in import Visit
from strongroom.people.tables import ApiToken, Person, SignIn
from strongroom.vault import page

router = APIRouter(tags=["people"])

Administrator = Annotated[Principal, duty("administrator")]
SecurityOfficer = Annotated[Principal, duty("security_officer")]
SignedIn = Annotated[Principal, signed_in]
InPerson = Annotated[Principal, in_person]
Cursor = Annotated[str | None, Query(max_length=2000)]
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/setup", dependencies=[public])
def get_setup(vault: VaultDep) -> SetupOut:
    """Whether there is no account yet."""
    with vault.registry() as session:
        return SetupOut(needed=set_up.is_needed(session))


@router.post("/setup", dependencies=[public], status_code=201)
def make_first_account(
    asked: SetupIn, request: Request, response: Response, vault: VaultDep, gate: GateDep
) -> SessionOut:
    """The first account, an administrator. The token stands on the console of `strongroom serve`."""
    visit = _visit(request)
    secret = set_up.set_up(gate, visit, asked.token, asked.login, asked.name, asked.password)
    return _enter(gate, response, secret)


@router.post("/session", dependencies=[public], status_code=201)
def sign_in_with_password(asked: SignInIn, request: Request, response: Response, gate: GateDep) -> SessionOut:
    """Signs in and sets the session cookie."""
    secret = sign_in.with_password(gate, _visit(request), asked.login, asked.password, asked.ceiling)
    return _enter(gate, response, secret)


@router.post("/session/link", dependencies=[public], status_code=201)
def sign_in_with_link(asked: LinkIn, request: Request, response: Response, gate: GateDep) -> SessionOut:
    """Signs in with a one-time link."""
    return _enter(gate, response, sign_in.with_link(gate, _visit(request), asked.token))


@router.get("/session")
def get_session(who: SignedIn, gate: GateDep) -> SessionOut:
    """Who I am, what I may see, the level I work at."""
    return _session_of(gate, who)


@router.patch("/session")
def change_level(asked: LevelIn, who: InPerson, gate: GateDep, vault: VaultDep) -> SessionOut:
    """Sets the level that this session works at."""
    level = level_for(gate, who.reader.clearance, asked.level, "body.level")
    with vault.registry(write=True) as session:
        session.get_one(SignIn, who.sign_in_id).level = str(level)
    return _session_of(gate, who, level)


@router.delete("/session", status_code=204)
def sign_out(who: InPerson, response: Response, vault: VaultDep) -> None:
    """Ends this session."""
    with vault.registry(write=True) as session:
        session.delete(session.get_one(SignIn, who.sign_in_id))
        session.audit("sign_out", "person", who.person.id, actor=who.reader)
    # Not delete_cookie, which adds a date: everything that an answer says of the time comes from our clock.
    response.set_cookie(COOKIE, "", max_age=0, path="/", httponly=True, samesite="strict")


@router.put("/session/password", status_code=204)
def change_password(asked: PasswordIn, who: InPerson, gate: GateDep, vault: VaultDep) -> None:
    """Changes my password and ends my other sessions."""
    hashed = sign_in.change_password(gate, who.person.id, who.person.login, asked.current, asked.new)
    with vault.registry(write=True) as session:
        sign_in.store_password(session, who.person.id, hashed, keep_sign_in=who.sign_in_id)
        session.audit("change_password", "person", who.person.id, actor=who.reader)


@router.get("/tokens")
def list_tokens(who: SignedIn, gate: GateDep, vault: VaultDep) -> TokensOut:
    """My API tokens."""
    with vault.registry() as session:
        return TokensOut(
            items=[_token_out(gate, token) for token in tokens.tokens_of(session, who.person.id)]
        )


@router.post("/tokens", status_code=201)
def make_token(asked: TokenIn, who: InPerson, gate: GateDep, vault: VaultDep) -> NewTokenOut:
    """A new API token of mine. It is shown this once."""
    ceiling = None if asked.ceiling is None else gate.clearances.canonical(asked.ceiling, who.person.login)
    with vault.registry(write=True) as session:
        token, secret = tokens.issue(
            session,
            who.person.id,
            asked.name,
            asked.scopes,
            days=asked.expires_in_days,
            longest_days=gate.settings.token_days,
            ceiling=ceiling,
        )
        session.audit("make_token", "api_token", token.id, actor=who.reader)
        return NewTokenOut(**_token_out(gate, token).model_dump(by_alias=True), token=secret)


@router.delete("/tokens/{token_id}", status_code=204)
def withdraw_token(token_id: str, who: InPerson, vault: VaultDep) -> None:
    """Ends an API token of mine, from the next request on."""
    with vault.registry(write=True) as session:
        tokens.withdraw(session, who.person.id, token_id)
        session.audit("withdraw_token", "api_token", token_id, actor=who.reader)


@router.get("/people")
def list_people(
    who: SignedIn, gate: GateDep, vault: VaultDep, cursor: Cursor = None, limit: Limit = 100
) -> PeopleOut:
    """Everyone with an account, by login. Security officers see clearances, too."""
    with vault.reading(who.reader) as session:
        found = page(session, select(Person), Person.login, cursor, limit)
    items = [_person_out(person) for person in found.items]
    if "security_officer" in who.person.duties:
        with vault.registry() as registry:
            in_force = clearances.in_force(registry, [item.id for item in items])
        for item in items:
            stored = in_force.get(item.id)
            item.clearance = None if stored is None else ClearanceOut.of(gate.clearances.read(stored))
    return PeopleOut(items=items, next=found.next)


@router.post("/people", status_code=201)
def add_person(asked: PersonIn, who: Administrator, gate: GateDep, vault: VaultDep) -> NewPersonOut:
    """A new account. Without a password, a one-time sign-in link is answered."""
    hashed = None
    if asked.password is not None:
        require_good(asked.password, login=asked.login)
        hashed = gate.passwords.hash(asked.password)
    with vault.registry(write=True) as session:
        person = enrol.add_person(session, asked.login, asked.name, asked.duties)
        link = None
        if hashed is None:
            link = sign_in.new_link(session, gate, person.id)
        else:
            sign_in.store_password(session, person.id, hashed, keep_sign_in=None)
        session.audit("add_person", "person", person.id, actor=who.reader, duties=person.duties)
        return NewPersonOut(**_person_out(person).model_dump(), sign_in_link=link)


@router.patch("/people/{person_id}")
def change_person(person_id: str, asked: PersonChangeIn, who: Administrator, vault: VaultDep) -> PersonOut:
    """Changes a name, closes or reopens an account, gives or takes duties."""
    with vault.registry(write=True) as session:
        person = enrol.find_person(session, id_=person_id)
        enrol.change_person(
            session, person, by=who.person.id, name=asked.name, active=asked.active, duties=asked.duties
        )
        session.audit(
            "change_person", "person", person.id, actor=who.reader, duties=person.duties, active=person.active
        )
        return _person_out(person)


@router.put("/people/{person_id}/clearance")
def give_clearance(
    person_id: str, asked: ClearanceIn, who: SecurityOfficer, gate: GateDep, vault: VaultDep
) -> PersonOut:
    """Gives somebody else a clearance, in force with their next request. The history keeps it, with the reason."""
    with vault.registry(write=True) as session:
        person = enrol.find_person(session, id_=person_id)
        stored = gate.clearances.canonical(asked.clearance, person.login)
        grant = clearances.give(session, person, stored, reason=asked.reason, by=who.person.id)
        session.flush()
        session.audit("give_clearance", "person", person.id, actor=who.reader, grant=grant.id)
        out = _person_out(person)
    out.clearance = ClearanceOut.of(gate.clearances.read(stored))
    return out


@router.get("/people/{person_id}/clearances")
def list_clearances(person_id: str, who: SecurityOfficer, gate: GateDep, vault: VaultDep) -> GrantsOut:
    """The clearances that somebody has had, newest first; the first is in force."""
    with vault.registry() as session:
        person = enrol.find_person(session, id_=person_id)
        history = clearances.history(session, person.id)
    return GrantsOut(
        items=[
            GrantOut(
                clearance=ClearanceOut.of(gate.clearances.read(grant.clearance)),
                reason=grant.reason,
                given_by=None if by is None else PersonCard(id=by.id, login=by.login, name=by.name),
                given_at=grant.given_at,
            )
            for grant, by in history
        ]
    )


def _visit(request: Request) -> Visit:
    address = request.client.host if request.client else "-"
    return Visit(address=address, request_id=request.scope["request_id"])


def _enter(gate: Gate, response: Response, secret: str) -> SessionOut:
    """Sets the cookie of a session that has just begun, and shows it."""
    response.set_cookie(
        COOKIE,
        secret,
        max_age=gate.settings.session_hours * 3600,
        path="/",
        secure=gate.settings.https,
        httponly=True,
        samesite="strict",
    )
    begun = gate.by_session(secret)
    if begun is None:
        raise NotSignedInError("The session ended as it began.")
    return _session_out(gate, begun.person, begun.clearance, begun.level, csrf_token(secret))


def _session_of(gate: Gate, who: Principal, level: Marking | None = None) -> SessionOut:
    return _session_out(gate, who.person, who.reader.clearance, level or who.reader.level, who.csrf)


def _session_out(
    gate: Gate, person: Caller, clearance: Clearance, level: Marking, csrf: str | None
) -> SessionOut:
    scheme = gate.vault.scheme
    return SessionOut(
        person=MeOut(id=person.id, login=person.login, name=person.name, duties=list(person.duties)),
        clearance=ClearanceOut.of(clearance),
        level=MarkingOut.of(level),
        csrf_token=csrf,
        scheme=SchemeName(name=scheme.name, title=scheme.title, hash=scheme.hash),
        banner_note=scheme.plan.notice or None,
    )


def _person_out(person: Person) -> PersonOut:
    return PersonOut(
        id=person.id, login=person.login, name=person.name, active=person.active, duties=person.duties
    )


def _token_out(gate: Gate, token: ApiToken) -> TokenOut:
    ceiling = None if token.ceiling is None else ClearanceOut.of(gate.clearances.read(token.ceiling))
    return TokenOut(
        id=token.id,
        name=token.name,
        scopes=token.scopes,
        ceiling=ceiling,
        created_at=token.created_at,
        seen_at=token.seen_at,
        expires_at=token.expires_at,
    )
