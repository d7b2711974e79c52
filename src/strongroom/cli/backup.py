"""`strongroom backup`, `restore` and `drill`: done by the operator of the machine, on files, served or not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from strongroom.cli.workspace import WorkspaceOption, open_existing
from strongroom.errors import InvalidError
from strongroom.vault import Vault, manifest, purge, purge_ledger
from strongroom.vault import backup as backups
from strongroom.vault import drill as drills
from strongroom.vault import restore as restores

KeysOption = Annotated[
    Path | None,
    typer.Option("--keys", help="The file with the workspace's keys, kept apart.", show_default=False),
]
BackupArgument = Annotated[Path, typer.Argument(help="The folder of a backup.", metavar="BACKUP")]


def backup(
    destination: Annotated[Path, typer.Argument(help="A folder that doesn't exist yet.")],
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys",
            help="Put the workspace's keys into this file and not into the backup: who holds the backup alone can then "
            "seal and sign nothing in the workspace's name.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Backs up a workspace while people work in it."""
    os.nice(5)  # people at their desks come first
    with open_existing(workspace) as vault:
        made = backups.make(vault, destination, keys_to=keys)
    rows, blobs = sum(made.manifest.rows.values()), made.manifest.rows["blob"]
    typer.echo(f"{made.folder}: {rows} rows and {blobs} blobs, {made.size / 2**20:.1f} MiB.")
    typer.echo(f"As of {made.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC, manifest {made.sha256}")
    if made.manifest.missing:
        typer.echo(
            f"The workspace has lost {len(made.manifest.missing)} files; no new backup has them.", err=True
        )
        raise typer.Exit(1)


def restore(
    backup: BackupArgument,
    folder: Annotated[Path, typer.Argument(help="Where the workspace shall be: empty, or not there yet.")],
    keys: KeysOption = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            help=f"The ledger of purges as it was last ({purge_ledger.FILE}); looked for in STRONGROOM_CHECKPOINTS.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Makes a workspace from a backup that is whole, with everything purged since purged again."""
    if ledger is not None and not ledger.is_file():
        raise InvalidError(f"There is no ledger at {ledger}.")
    again, latest = 0, ledger

    def settle(vault: Vault) -> None:
        nonlocal again, latest
        latest = ledger or latest_ledger(vault)
        again = purge.reapply(vault, latest)
        with vault.registry(write=True) as session:  # not how many: every auditor reads this
            session.audit("workspace.restored", "workspace", how="operator")

    whole = restores.restore(backup, folder, keys_from=keys, settle=settle)
    typer.echo(f"{folder} is as it was at {whole.made_at:%Y-%m-%d %H:%M:%S} UTC; purged again: {again}.")
    if latest is None:
        typer.echo(
            f"What was purged after that moment is there again: no later {purge_ledger.FILE} was named or found.",
            err=True,
        )
    typer.echo(
        "Clearances, tokens and memberships are those of that moment: what was taken back since is not."
    )


def drill(
    backup: BackupArgument,
    keys: KeysOption = None,
    scratch: Annotated[
        Path | None, typer.Option(help="Where there is room for a restored workspace.", show_default=False)
    ] = None,
) -> None:
    """Tries whether a backup could be restored today. Ends with status 1 on any doubt."""
    doubtful = False
    if (backup / manifest.FILE).is_file():
        typer.echo(f"manifest {manifest.digest(backup / manifest.FILE)[0]}")
    for check in drills.drill(backup, keys_from=keys, scratch=scratch):
        typer.echo(f"{'DOUBT' if check.doubts else 'ok':<6} {check.name}: {check.looked_at}")
        for doubt in check.doubts:
            typer.echo(f"       {doubt}")
        doubtful = doubtful or bool(check.doubts)
    typer.echo("Don't rely on this backup." if doubtful else "This backup can be restored.")
    if doubtful:
        raise typer.Exit(1)


def latest_ledger(vault: Vault) -> Path | None:
    """The copy that purges leave in the second place."""
    copy = purge_ledger.copy_of(vault)
    return copy if copy is not None and copy.is_file() else None
