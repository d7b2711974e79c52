"""`strongroom database`: the PostgreSQL of a workspace, for its operator."""

from __future__ import annotations

import os
from typing import Annotated

import typer
from sqlalchemy import make_url

import strongroom.assembly  # noqa: F401 (a vault can't be opened before every table is known)
from strongroom.cli.workspace import WorkspaceOption, settings_with
from strongroom.errors import InvalidError
from strongroom.vault.database import VARIABLE

app = typer.Typer(
    help="PostgreSQL instead of SQLite: set up, looked at, moved to (STRONGROOM_DATABASE_URL).",
    no_args_is_help=True,
)


@app.command()
def migrate(workspace: WorkspaceOption = None) -> None:
    """Brings tables, policies, roles and rights up to date. Opening a workspace does the same."""
    from strongroom.vault.postgresql import operation

    _tell(operation.migrate(settings_with(workspace=workspace).workspace))


@app.command()
def check(workspace: WorkspaceOption = None) -> None:
    """Looks at tables, policies, roles, rights, derivations and files. Exit status 1 for a fault."""
    from strongroom.vault.postgresql import operation

    _tell(operation.check(settings_with(workspace=workspace).workspace))


@app.command()
def roles(workspace: WorkspaceOption = None) -> None:
    """Prints the SQL that makes the roles, for somebody who may create roles. It holds passwords."""
    from strongroom.vault.postgresql import operation

    for statement in operation.roles(settings_with(workspace=workspace).workspace, _owner()):
        typer.echo(f"{statement};")


@app.command()
def hardening() -> None:
    """Prints the SQL that shuts the catalogue, for a superuser, to be run in the workspace's database."""
    from strongroom.vault.postgresql import operation

    for statement in operation.shut(_owner()):
        typer.echo(f"{statement};")


@app.command()
def copy(
    workspace: WorkspaceOption = None,
    to: Annotated[
        str | None, typer.Option(help=f"An empty PostgreSQL; {VARIABLE} if left out.", show_default=False)
    ] = None,
) -> None:
    """Moves a workspace from SQLite to PostgreSQL. Stop the server before; run it again if it breaks off."""
    from strongroom.vault.postgresql import operation

    def tell(table: str, done: int, total: int) -> None:
        typer.echo(f"\r{table}: {done} of {total}", nl=done >= total, err=True)

    folder = settings_with(workspace=workspace).workspace
    counts = operation.copy(folder, to or _url(), tell)
    typer.echo(
        f"{sum(counts.values())} rows of {len(counts)} tables are in PostgreSQL, compared value by value."
    )
    typer.echo(f"Set {VARIABLE} from now on. strongroom.db.moved in {folder} may be deleted.")


def _tell(checked: object) -> None:
    from strongroom.vault.postgresql.operation import Checked

    assert isinstance(checked, Checked)
    for fault in checked.faults:
        typer.echo(fault)
    if checked.open_still:
        typer.echo(
            f"{len(checked.open_still)} functions and tables of the catalogue tell readers' SQL about hidden rows; "
            "`strongroom database hardening` prints what a superuser runs against it.",
            err=True,
        )
    if checked.faults:
        raise typer.Exit(1)
    typer.echo("Tables, policies, roles, rights, derivations and files are as they should be.")


def _url() -> str:
    url = os.environ.get(VARIABLE, "")
    if not url:
        raise InvalidError(f"{VARIABLE} is not set.", remedy="Set it to the address of the PostgreSQL.")
    return url


def _owner() -> str:
    owner = make_url(_url()).username
    if not owner:
        raise InvalidError(f"{VARIABLE} names no role.", remedy="postgresql://role@host/database")
    return owner
