"""`strongroom people`: accounts, seen to by the operator of the machine. Works on the workspace itself, served or not.

Whoever can run this can read the workspace's files; so it asks for no password, and the audit log says "operator".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from sqlalchemy import select

from strongroom.cli.workspace import WorkspaceOption, open_existing
from strongroom.errors import InvalidError, NotFoundError
from strongroom.people import clearances, enrol, sign_in, tokens
from strongroom.people.gate import Gate
from strongroom.people.schemas import Duty, PersonIn, TokenIn
from strongroom.people.tables import Person
from strongroom.vault import RegistrySession
from strongroom.web import Settings

app = typer.Typer(
    help="Accounts, clearances, duties and tokens of a workspace on this machine.", no_args_is_help=True
)

Login = Annotated[str, typer.Argument(metavar="LOGIN")]
Level = Annotated[str | None, typer.Option(help="The highest level.", show_default=False)]
Compartments = Annotated[list[str] | None, typer.Option("--compartment", help="May be repeated.")]
Nations = Annotated[list[str] | None, typer.Option("--nation", help="May be repeated.")]
Circles = Annotated[list[str] | None, typer.Option("--circle", help="May be repeated.")]
Attributes = Annotated[list[str] | None, typer.Option("--attribute", help="May be repeated.")]


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="Full name; the login if left out.")] = "",
    duty: Annotated[
        list[str] | None, typer.Option(help="administrator, security_officer or auditor; may be repeated.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Makes an account and prints a one-time sign-in link for it."""
    asked = PersonIn.model_validate({"login": login, "name": name or login, "duties": duty or []})
    with _at_the_console(workspace) as (gate, session):
        person = enrol.add_person(session, asked.login, asked.name, asked.duties)
        session.audit("add_person", "person", person.id, how="operator", duties=person.duties)
        token = sign_in.new_link(session, gate, person.id)
    _print_link(token)


@app.command("list")
def list_(workspace: WorkspaceOption = None) -> None:
    """Lists the accounts: login, name, duties, clearance."""
    with _at_the_console(workspace) as (gate, session):
        people = session.scalars(select(Person).order_by(Person.login)).all()
        in_force = clearances.in_force(session, [person.id for person in people])
    for person in people:
        duties = ", ".join(person.duties) or "-"
        closed = "" if person.active else "  (closed)"
        clearance = gate.clearances.read(in_force.get(person.id))
        typer.echo(f"{person.login:<20} {person.name:<28} {duties:<32} {clearance}{closed}")


@app.command()
def clear(
    login: Login,
    reason: Annotated[str, typer.Option(help="Why; kept in the history.")],
    level: Level = None,
    compartment: Compartments = None,
    nation: Nations = None,
    circle: Circles = None,
    attribute: Attributes = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Gives somebody a clearance. It replaces the one before, from their next request on."""
    with _at_the_console(workspace) as (gate, session):
        person = _person(session, login)
        given = _clearance(level, compartment, nation, circle, attribute)
        stored = gate.clearances.canonical(given, person.login)
        grant = clearances.give(session, person, stored, reason=reason, by=None)
        session.flush()
        session.audit("give_clearance", "person", person.id, how="operator", grant=grant.id)
    typer.echo(f"{login}: {gate.clearances.read(stored)}")


@app.command()
def duty(
    login: Login,
    duty: Annotated[Duty, typer.Argument()],
    remove: Annotated[bool, typer.Option("--remove", help="Take the duty away.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Gives somebody a duty of the installation, or takes it away."""
    with _at_the_console(workspace) as (_, session):
        person = _person(session, login)
        held = set(person.duties) - {duty} if remove else {*person.duties, duty}
        enrol.change_person(session, person, by=None, duties=sorted(held))
        session.audit("change_person", "person", person.id, how="operator", duties=person.duties)
    typer.echo(f"{login}: {', '.join(person.duties) or 'no duties'}")


@app.command()
def token(
    login: Login,
    scopes: Annotated[str, typer.Option(help="With commas: read, label, manage, admin.")] = "read",
    days: Annotated[int, typer.Option(help="How long it lives.")] = 30,
    name: Annotated[str, typer.Option(help="What it is for.")] = "made at the console",
    level: Annotated[
        str | None,
        typer.Option(help="A ceiling: the token sees no higher than this level.", show_default=False),
    ] = None,
    compartment: Compartments = None,
    nation: Nations = None,
    circle: Circles = None,
    attribute: Attributes = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Makes an API token for somebody and prints it, this once."""
    asked = TokenIn.model_validate(
        {"name": name, "scopes": [scope.strip() for scope in scopes.split(",")], "expires_in_days": days}
    )
    with _at_the_console(workspace) as (gate, session):
        person = _person(session, login)
        ceiling = None
        if level is not None:
            ceiling = gate.clearances.canonical(
                _clearance(level, compartment, nation, circle, attribute), person.login
            )
        made, secret = tokens.issue(
            session,
            person.id,
            asked.name,
            asked.scopes,
            days=days,
            longest_days=gate.settings.token_days,
            ceiling=ceiling,
        )
        session.audit("make_token", "api_token", made.id, how="operator", person=person.id)
    typer.echo(secret)


@app.command()
def link(login: Login, workspace: WorkspaceOption = None) -> None:
    """Prints a one-time sign-in link: for somebody who has no password yet, or has lost it."""
    with _at_the_console(workspace) as (gate, session):
        person = _person(session, login)
        token = sign_in.new_link(session, gate, person.id)
        session.audit("make_link", "person", person.id, how="operator")
    _print_link(token)


@app.command()
def close(
    login: Login,
    reopen: Annotated[bool, typer.Option("--reopen", help="Open it again.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Closes an account: signed out everywhere, tokens withdrawn. What the person did stays."""
    with _at_the_console(workspace) as (_, session):
        person = _person(session, login)
        enrol.change_person(session, person, by=None, active=reopen)
        session.audit("change_person", "person", person.id, how="operator", active=reopen)
    typer.echo(f"{login}: {'open' if reopen else 'closed'}")


@contextmanager
def _at_the_console(workspace: WorkspaceOption) -> Iterator[tuple[Gate, RegistrySession]]:
    with open_existing(workspace) as vault:
        gate = Gate(vault, Settings())
        with vault.registry(write=True) as session:
            yield gate, session


def _person(session: RegistrySession, login: str) -> Person:
    try:
        return enrol.find_person(session, login=login)
    except NotFoundError:
        raise InvalidError(
            f"Nobody here has the login {login}.", remedy="See `strongroom people list`."
        ) from None


def _clearance(
    level: str | None,
    compartments: list[str] | None,
    nations: list[str] | None,
    circles: list[str] | None,
    attributes: list[str] | None,
) -> dict[str, Any]:
    given = {
        "level": level,
        "compartments": compartments,
        "nations": nations,
        "circles": circles,
        "attributes": attributes,
    }
    return {key: value for key, value in given.items() if value}


def _print_link(token: str) -> None:
    settings = Settings()
    typer.echo(f"http://{settings.host}:{settings.port}/enter#{token}")
