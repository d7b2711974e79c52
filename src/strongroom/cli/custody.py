"""`strongroom trace`, `strongroom spill …`, `strongroom vault check`: where things are, from a terminal.

`trace` and `spill` talk to a running server as the person to whom the token belongs; `spill verify` needs neither server
nor workspace; `vault check` opens the workspace. Exit status: 0 when all is well, 1 for a fault that was found, a forged
report or a failed job, 2 when the command could not be carried out.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

import typer

from strongroom.cli.workspace import WorkspaceOption, open_existing
from strongroom.client.connection import Connection
from strongroom.errors import InvalidError
from strongroom.vault import lineage_check
from strongroom.vault.private import private

app = typer.Typer(help="Spills: report, look, decide, prove.", no_args_is_help=True)
vault = typer.Typer(help="The store itself, for whoever keeps the machine.", no_args_is_help=True)

Url = Annotated[str, typer.Option("--url", envvar="STRONGROOM_URL", help="The server.")]
Thing = Annotated[
    str, typer.Argument(metavar="KIND/ID", help="Such as task/0a1b…; the page of a thing shows it.")
]
SpillId = Annotated[str, typer.Argument(metavar="SPILL", help="Id of a spill; see `strongroom spill list`.")]
DEFAULT_URL = "http://127.0.0.1:8710"
_MOST = 20


@app.callback()
def spills() -> None:
    """Spills: something was marked too low, or should not be here. For security officers."""


@vault.callback()
def store() -> None:
    """The store itself, for whoever keeps the machine."""


@vault.command()
def check(
    workspace: WorkspaceOption = None,
    blobs: Annotated[
        bool, typer.Option("--blobs", help="Also read every stored file and compare it with its hash.")
    ] = False,
) -> None:
    """Walks all derivations: is nothing below its sources, and is everything there?"""

    with open_existing(workspace) as opened:
        faults = lineage_check.check_all(opened, blobs=blobs, on_step=_say_step)
    _clear_line()
    for fault in faults:
        typer.echo(f"{fault.kind} {fault.id}: {fault.what}{f' ({fault.more})' if fault.more else ''}")
    if faults:
        typer.echo(f"{len(faults)} faults.", err=True)
        raise typer.Exit(1)
    typer.echo("Nothing is below its sources" + (", and every file is whole." if blobs else "."))


def trace(
    thing: Thing,
    acts: Annotated[bool, typer.Option("--acts", help="Also who saw it, latest first.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Every thing of every kind, one a line.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As the server says it.")] = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Shows where a thing came from and where it went, as far as the token's person may see."""
    with closing(_server(url)) as server:
        kind, thing_id = _parts(thing)
        path = f"/trace/{quote(kind)}/{quote(thing_id)}"
        found = server.get(path)
        if as_json:
            typer.echo(json.dumps(found, indent=1, ensure_ascii=False))
            return
        for side, title in (("from", "Came from"), ("to", "Went into")):
            groups = sorted((each for each in found["groups"] if each["side"] == side), key=_far(side))
            typer.echo(f"{title}:{'' if groups else ' nothing that you can see'}")
            for group in groups:
                _print_group(server, path, group, all_)
            if side == "from":
                here = found["thing"]
                typer.echo(
                    f"This: {here['marking']['portion']} {here['kind']} {here['id']} {here['name'] or ''}".rstrip()
                )
        if acts:
            typer.echo("Who saw it:")
            for act in server.pages(f"{path}/acts"):
                who = act["person"]["login"] if act["person"] else "-"
                typer.echo(f"  {act['at'][:19]}  {who:<16}  {act['action']:<20}  {act['marking']['portion']}")


@app.command("report")
def report_spill(
    thing: Thing,
    should_be: Annotated[str, typer.Option(help="The marking it should have had, or `purge`.")],
    reason: Annotated[str, typer.Option(help="Kept with the spill, at the thing's marking.")],
    url: Url = DEFAULT_URL,
) -> None:
    """Takes a thing, and all that came of it, out of everyone's sight. Prints the id of the spill."""
    kind, thing_id = _parts(thing)
    with closing(_server(url)) as server:
        level = server.get(f"/trace/{quote(kind)}/{quote(thing_id)}")["thing"]["marking"]["text"]
        body = {"kind": kind, "thing_id": thing_id, "should_be": should_be, "reason": reason}
        made = server.at(level).post("/spills", body)
    _print_affected(made)
    typer.echo(made["id"])


@app.command("list")
def list_spills(url: Url = DEFAULT_URL) -> None:
    """Lists spills, latest first."""
    with closing(_server(url)) as server:
        for each in server.pages("/spills"):
            state = "open" if each["open"] else "closed"
            typer.echo(
                f"{each['id']}  {each['reported_at'][:19]}  {state:<6}  {each['marking']['portion']}  {each['kind']}"
            )


@app.command()
def show(spill: SpillId, url: Url = DEFAULT_URL) -> None:
    """Shows what a spill affects, what was decided, and how far that is."""
    with closing(_server(url)) as server:
        found = server.get(f"/spills/{quote(spill)}")
    typer.echo(f"{found['kind']} {found['thing_id']}, was marked {found['marking']['text']}")
    typer.echo(f"should be: {found['should_be']['text'] if found['should_be'] else 'not here at all'}")
    _print_affected(found)
    typer.echo(f"{found['acts']} acts by {found['people']} people named it, {found['downloads']} downloads.")
    for each in found["decisions"]:
        typer.echo(
            f"{each['decided_at'][:19]}  {each['decision']:<8} by {each['decided_by']['login']}: {each['state']}{_outcome(each)}"
        )


@app.command()
def decide(
    spill: SpillId,
    decision: Annotated[Literal["remark", "purge", "release"], typer.Argument(help="What shall be done.")],
    to: Annotated[
        str | None, typer.Option(help="For remark: the marking; the spill's if left out.", show_default=False)
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only things of this kind; may be repeated.", show_default=False)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask before a purge.")] = False,
    url: Url = DEFAULT_URL,
) -> None:
    """Marks what is in quarantine anew, purges it, or puts it back. Waits until it is done."""
    if (
        decision == "purge"
        and not yes
        and not typer.confirm("What is purged can't be brought back. Purge it?")
    ):
        raise typer.Exit(2)
    with closing(_server(url)) as server:
        level = server.get(f"/spills/{quote(spill)}")["marking"]["text"]
        here = server.at(level)
        made = here.post(
            f"/spills/{quote(spill)}/decisions", {"decision": decision, "to": to, "kinds": kind or None}
        )
        while made["state"] != "done" and (
            made["job"] is None or made["job"]["state"] in ("queued", "running")
        ):
            time.sleep(0.3)
            listed = here.get(f"/spills/{quote(spill)}")["decisions"]
            made = next(each for each in listed if each["id"] == made["id"])
    if made["state"] != "done":
        typer.echo(f"The purge {made['job']['state']}: {made['job']['message']}", err=True)
        raise typer.Exit(1)
    typer.echo(f"{decision}: done{_outcome(made)}")
    if made["proof"] is not None and not made["proof"]["clean"]:
        raise typer.Exit(1)


@app.command("document")
def document(
    spill: SpillId,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The file to write, .json or .html.", show_default=False)
    ],
    url: Url = DEFAULT_URL,
) -> None:
    """Writes the signed report of a spill."""
    format_name = "html" if out.suffix.lower() in (".html", ".htm") else "json"
    with (
        closing(_server(url)) as server,
        server.stream(f"/spills/{quote(spill)}/report", format=format_name) as (_, chunks),
    ):
        content = b"".join(chunks)
    with open(out, "wb", opener=private) as file:
        file.write(content)
    typer.echo(f"{out}", err=True)


@app.command("key")
def report_key(url: Url = DEFAULT_URL) -> None:
    """Prints the public key that this workspace's reports are signed with: keep it where they are checked."""
    with closing(_server(url)) as server:
        typer.echo(server.get("/spill-report-key")["public_key"])


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A signed report, JSON or HTML.")],
    key: Annotated[
        str | None,
        typer.Option("--key", help="The workspace's key, from `strongroom spill key`.", show_default=False),
    ] = None,
) -> None:
    """Checks a report offline: is it whole, and did this workspace sign it?"""
    from strongroom.custody import verify as verified

    if not file.is_file():
        raise InvalidError(f"There is no file {file}.")
    report = verified(file.read_bytes(), key)
    spill, made_for = report.report["spill"], report.report["made_for"]
    whole = f"Spill {spill['id']}, report of {report.report['made_at']} for {made_for['login']}."
    typer.echo(whole if whole.isprintable() else ascii(whole))
    if key is None:
        typer.echo(
            f"It is whole. It was signed with {report.public_key}; compare that with the workspace's key."
        )
    else:
        typer.echo("It is whole, and signed by the workspace that has this key.")


def _server(url: str) -> Connection:
    # From the environment alone: a command's arguments can be read by everybody on the machine.
    token = os.environ.get("STRONGROOM_TOKEN")
    if not token:
        raise InvalidError(
            "There is no API token to sign in with.",
            remedy="Make one in the browser, or with `strongroom people token LOGIN --scopes read,admin`, and put it into "
            "STRONGROOM_TOKEN.",
        )
    return Connection(url, token, None, patience_seconds=5.0)


def _parts(thing: str) -> tuple[str, str]:
    kind, slash, thing_id = thing.partition("/")
    if not (kind and slash and thing_id):
        raise InvalidError("A thing is named KIND/ID, such as task/0a1b2c….")
    return kind, thing_id


def _far(side: str) -> Any:
    return lambda group: (-group["steps"] if side == "from" else group["steps"], group["kind"])


def _print_group(server: Connection, path: str, group: dict[str, Any], everything: bool) -> None:
    marks = ", ".join(f"{each['marking']['portion']} {each['things']}" for each in group["markings"])
    more = "+" if group["more"] else ""
    typer.echo(f"  {group['things']}{more} {group['kind']}  {marks}")
    if not everything:
        return
    for number, each in enumerate(server.pages(f"{path}/{group['side']}/{quote(group['kind'])}")):
        if number == _MOST and sys.stdout.isatty():
            typer.echo("      … (into a file or a pipe all are written)")
            return
        typer.echo(
            f"      {each['marking']['portion']} {each['kind']}/{each['id']} {each['name'] or ''}".rstrip()
        )


def _print_affected(spill: dict[str, Any]) -> None:
    for each in spill["affected"]:
        states = ", ".join(
            f"{each[state]} {state}"
            for state in ("quarantined", "remarked", "released", "purged")
            if each[state]
        )
        typer.echo(f"  {each['kind']:<20} {each['marking']['portion']}: {states}", err=True)


def _outcome(decision: dict[str, Any]) -> str:
    proof = decision["proof"]
    if proof is None:
        return ""
    found = "no trace of it is left" if proof["clean"] else f"STILL FOUND IN {', '.join(proof['residue'])}"
    return f"; {found}"


def _say_step(done: int, total: int, what: str) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r{what:<60} {100 * done // max(1, total):3d} %", nl=False, err=True)


def _clear_line() -> None:
    if sys.stderr.isatty():
        typer.echo("\r" + " " * 68 + "\r", nl=False, err=True)
