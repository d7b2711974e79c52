"""Workspaces, as the command line meets them: made, opened, or not there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import strongroom.assembly  # noqa: F401 (a vault can't be opened before every table is known)
from strongroom.errors import ConflictError, InvalidError
from strongroom.markings import Scheme, SchemeError
from strongroom.vault import Vault
from strongroom.web import Settings

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace", help="The folder that holds everything (STRONGROOM_WORKSPACE).", show_default=False
    ),
]


def init(
    workspace: WorkspaceOption = None,
    scheme: Annotated[
        str | None,
        typer.Option(
            "--scheme", help="Marking scheme: a shipped name, or the path of a YAML file.", show_default=False
        ),
    ] = None,
) -> None:
    """Makes a new workspace."""
    settings = settings_with(workspace=workspace, scheme=scheme)
    try:
        vault = create(settings)
    except FileExistsError as error:
        raise ConflictError(f"There is a workspace in {settings.workspace} already.") from error
    vault.close()
    typer.echo(f"{settings.workspace} is ready, with the marking scheme {vault.scheme.name}.")


def settings_with(**given: object) -> Settings:
    """The settings of the environment, but what the command line gave."""
    return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


def open_existing(workspace: Path | None) -> Vault:
    """The workspace named on the command line or in the environment. Raises InvalidError when there is none."""
    folder = settings_with(workspace=workspace).workspace
    try:
        return Vault.open(folder)
    except FileNotFoundError as error:
        raise InvalidError(
            f"There is no workspace in {folder}.",
            remedy="Make one with `strongroom init`, or name another with --workspace.",
        ) from error


def open_or_create(settings: Settings) -> Vault:
    """The workspace of the settings, made first when there is none."""
    try:
        return Vault.open(settings.workspace)
    except FileNotFoundError:
        return create(settings)


def create(settings: Settings) -> Vault:
    """A new workspace. Raises InvalidError for a scheme that can't be read, FileExistsError when there is one."""
    try:
        scheme = Scheme.load(settings.scheme)
    except SchemeError as error:
        raise InvalidError(f"That marking scheme cannot be used: {error}") from error
    return Vault.create(settings.workspace, scheme)
