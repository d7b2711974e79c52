"""`strongroom audit`: the audit log at the console, where the operator sees all of it. Works on a workspace served or not."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from strongroom.audit import Place
from strongroom.audit.keeper import keep_checkpoint
from strongroom.audit.prove import document_of, growth_of
from strongroom.cli.workspace import WorkspaceOption, open_existing, settings_with
from strongroom.errors import InvalidError, StrongroomError
from strongroom.vault import Vault, audit_check, audit_export, audit_log, strongroom_verify
from strongroom.vault.strongroom_verify import UnreadableError

app = typer.Typer(help="The audit log: sign, export, verify and prove.", no_args_is_help=True)

CheckpointsOption = Annotated[
    Path | None,
    typer.Option(
        "--checkpoints", help="The second place of checkpoints (STRONGROOM_CHECKPOINTS).", show_default=False
    ),
]


class DiffersError(StrongroomError):
    """Something isn't as it was left; where was printed."""

    code = "audit_log_differs"
    title = "The audit log differs"
    exit_code = 1


@app.command()
def key(workspace: WorkspaceOption = None) -> None:
    """Prints the public key that the log is verified with. Give it to the auditor on another way than the exports."""
    with open_existing(workspace) as vault:
        typer.echo(str(vault.audit_log.key))


@app.command()
def checkpoint(workspace: WorkspaceOption = None, checkpoints: CheckpointsOption = None) -> None:
    """Signs where the log stands, keeps that in the second place if there is one, and prints it."""
    with open_existing(workspace) as vault:
        vault.audit_log.take_up()
        head = keep_checkpoint(vault, _place(vault, checkpoints))
    typer.echo(head.note, nl=False)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Writes the whole log into a folder that verifies without Strongroom."""
    with open_existing(workspace) as vault:
        with vault.registry(write=True) as session:
            session.audit("audit.export", "audit_log", how="operator", whole=True)
        vault.audit_log.take_up()
        try:
            head = audit_export.whole(vault, folder)
        except FileExistsError:
            raise InvalidError(
                f"There is something at {folder} already.", remedy="Name a new folder."
            ) from None
    typer.echo(
        f"{head.size} entries in {folder}. To verify: python {folder / strongroom_verify.SELF} {folder}"
    )


@app.command()
def verify(
    what: Annotated[
        Path | None,
        typer.Argument(
            metavar="EXPORT", help="The folder of an export or the file of a proof; without, the live log."
        ),
    ] = None,
    key: Annotated[str | None, typer.Option(help="The log's public key, or a file that holds it.")] = None,
    since: Annotated[list[str] | None, typer.Option(help="An older checkpoint; may be repeated.")] = None,
    workspace: WorkspaceOption = None,
    checkpoints: CheckpointsOption = None,
) -> None:
    """Looks through the log, live or exported, and says where it differs. Exit status 1 when it does."""
    if what is None:
        with open_existing(workspace) as vault:
            _verify_live(vault, checkpoints, since or [])
    else:
        _verify_export(what, key, since or [])


@app.command()
def prove(
    entry: Annotated[str, typer.Argument(metavar="ENTRY", help="The id of an entry.")] = "",
    since: Annotated[
        Path | None,
        typer.Option(help="An older checkpoint: prove that the log grew from it.", show_default=False),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Prints a proof as JSON: that an entry is in the log, or that the log only grew since an older checkpoint."""
    if bool(entry) == (since is not None):
        raise InvalidError("Name an entry, or an older checkpoint with --since.")
    with open_existing(workspace) as vault:
        vault.audit_log.take_up()
        document = _inclusion(vault, entry) if since is None else _growth(vault, since)
    typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))


@app.command()
def erase(
    entry: Annotated[str, typer.Argument(metavar="ENTRY", help="The id of an entry.")],
    reason: Annotated[str, typer.Option(help="Why, in a word or two; on record for good.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Blanks what an entry says, for good. That it was there stays provable, and the erasure is an entry itself."""
    if not 0 < len(reason) <= 200:
        raise InvalidError("A reason has 1 to 200 characters.")
    with open_existing(workspace) as vault:
        audit_log.erase(vault, entry, reason)
    typer.echo(f"Entry {entry} says nothing any more.")


def _verify_live(vault: Vault, checkpoints: Path | None, since: list[str]) -> None:
    place = _place(vault, checkpoints)
    trouble = None
    try:
        vault.audit_log.take_up()
    except audit_log.LogBrokenError as error:
        trouble = error.detail
    kept = [*(place.all() if place else ()), *((path, _note(Path(path))) for path in since)]
    report = audit_check.check(vault, kept)
    for fault in report.faults:
        typer.echo(f"DIFFERS   {fault}")
    if trouble is not None and not report.faults:
        typer.echo(f"DIFFERS   {trouble}")
    if report.faults or trouble:
        raise DiffersError(f"{len(report.faults)} places differ.")
    typer.echo(
        f"PROVEN    {report.size} entries are as they were recorded, in their order; {report.erased} of them erased."
    )
    if report.checkpoints:
        typer.echo(f"PROVEN    The log continues each of {report.checkpoints} checkpoints.")
    if place is None:
        typer.echo(
            "NOT SHOWN That the database wasn't put back to an earlier day, or replaced together with the keys: name a second "
            "place (STRONGROOM_CHECKPOINTS)."
        )


def _verify_export(what: Path, key: str | None, since: list[str]) -> None:
    try:
        found = strongroom_verify.verify(what, key, since)
    except UnreadableError as error:
        raise InvalidError(str(error)) from None
    for line in strongroom_verify.report(found):
        typer.echo(line)
    copy = what / strongroom_verify.SELF
    if copy.is_file() and copy.read_bytes() != Path(strongroom_verify.__file__).read_bytes():
        typer.echo(f"NOTE      {copy} isn't the verifier of this version of Strongroom.")
    if found.faults:
        raise DiffersError(f"{len(found.faults)} places differ.")


def _inclusion(vault: Vault, entry_id: str) -> dict[str, object]:
    found = vault.audit_log.inclusion(entry_id)
    row, marking = vault.audit_log.entry(entry_id)
    if found is None or row is None:
        raise InvalidError(f"The log has no entry {entry_id}.")
    return document_of(vault, row, marking, found)


def _growth(vault: Vault, since: Path) -> dict[str, object]:
    try:
        return growth_of(vault, _note(since))
    except UnreadableError as error:
        raise InvalidError(f"{since} {error}.") from None


def _note(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidError(f"{path} can't be read as a checkpoint.") from error


def _place(vault: Vault, checkpoints: Path | None) -> Place | None:
    folder = settings_with(checkpoints=checkpoints).checkpoints
    return None if folder is None else Place(folder, vault)
