"""`strongroom demo`: a workspace with people and work in it, served on loopback, seen through anybody's eyes.

Nobody there has a password. Whoever runs this command can read the workspace's files anyway, so it hands out one-time
sign-in links; and it does so for workspaces that were made as demonstrations only.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import httpx
import typer

from strongroom import demo as demonstration
from strongroom.cli import serve
from strongroom.demo import NEWCOMER, Character, characters
from strongroom.errors import ConflictError, InvalidError
from strongroom.people import sign_in
from strongroom.people.enrol import find_person
from strongroom.people.gate import Gate
from strongroom.vault import Vault, clock
from strongroom.web import Settings, logs

PORTS_TRIED = 20
STALE = timedelta(days=3)
STARTS_WITHIN_SECONDS = 10.0
ADDRESS = "demo.address"
"""The file in a workspace that says where its server was started."""


def demo(
    workspace: Annotated[
        Path | None,
        typer.Option(help="Where it lives; made when absent.", show_default="your data folder"),
    ] = None,
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.", min=0, max=65535)] = 8710,
    as_: Annotated[str, typer.Option("--as", metavar="LOGIN", help="Whose eyes to look through.")] = NEWCOMER,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the old one away, begin anew.")] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the link.")] = False,
) -> None:
    """Serves a sample workspace and signs you in. Where one is being served already, gives you a link to it."""
    person = _character(as_)
    folder = (workspace or default_folder()).absolute()
    # The worker's too: the link must not be lost among lines.
    os.environ.setdefault("STRONGROOM_LOG_LEVEL", "warning")
    settings = Settings(workspace=folder, host="127.0.0.1", port=port, https=False)
    logs.configure(settings)
    if demonstration.is_absent(folder):
        _make(folder)
    elif not demonstration.is_one(folder):
        raise InvalidError(
            f"{folder} holds something else than a demonstration.",
            remedy="Name another folder with --workspace.",
        )
    elif not fresh and _is_served(folder):
        _join(folder, settings, person, no_browser)
        return
    elif fresh:
        with serve.alone_in(folder):
            shutil.rmtree(folder)
        _make(folder)
    _serve(folder, settings, person, no_browser)


def default_folder() -> Path:
    """Where programs of this user keep their data, and in it the demonstration."""
    if sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "strongroom" / "demo"


def _character(login: str) -> Character:
    for each in characters():
        if each.login == login:
            return each
    raise InvalidError(
        f"Nobody in the demonstration has the login {login}.",
        remedy=f"Choose one of {', '.join(each.login for each in characters())}.",
    )


def _make(folder: Path) -> None:
    """In a process of its own: weighing the answers loads libraries that a server has no use for."""
    typer.echo("Making a port, a relief operation and the people who work there. This takes some seconds.")
    maker = multiprocessing.get_context("spawn").Process(target=_fill, args=(folder,))
    maker.start()
    maker.join()
    if maker.exitcode:
        raise typer.Exit(1)


def _fill(folder: Path) -> None:
    logs.configure(Settings())
    demonstration.create(folder)


def _is_served(folder: Path) -> bool:
    try:
        with serve.alone_in(folder):
            return False
    except ConflictError:
        return True


def _join(folder: Path, settings: Settings, person: Character, no_browser: bool) -> None:
    """A way into the server that runs already."""
    address = _address_of_the_other(folder)
    if address is None:
        raise ConflictError(
            f"Another process holds {folder}, and nobody answers there as a demonstration.",
            remedy="If it is only starting, try again in a moment; otherwise stop it first.",
        )
    with Vault.open(folder) as vault:
        link = _link(vault, settings, address, person)
    typer.echo(f"It is being served already. {_invitation(person)}\n\n  {link}\n")
    if not no_browser and _has_desktop():
        webbrowser.open(link)


def _address_of_the_other(folder: Path) -> str | None:
    """Where a demonstration answers that is served by another process, which may still be starting."""
    give_up = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < give_up:
        address = (folder / ADDRESS).read_text().strip() if (folder / ADDRESS).exists() else ""
        if _answers(address):
            return address
        time.sleep(0.2)
    return None


def _serve(folder: Path, settings: Settings, person: Character, no_browser: bool) -> None:
    with serve.alone_in(folder), _first_free_port(settings) as listener, Vault.open(folder) as vault:
        address = serve.address_of(settings, listener)
        (folder / ADDRESS).write_text(address)
        link = _link(vault, settings, address, person)
        age = clock.now() - demonstration.made_at(folder)
        if age > STALE:
            typer.echo(f"This one is {age.days} days old, and so is the work in it. --fresh makes a new one.")
        typer.echo(f"\n{_who_is_who(folder)}\n\n{_invitation(person)}\n\n  {link}\n")
        if not no_browser and _has_desktop():
            threading.Thread(target=_open_when_up, args=(address, link), daemon=True).start()
        serve.run(vault, settings, listener)


@contextmanager
def _first_free_port(settings: Settings) -> Iterator[socket.socket]:
    """The port asked for, or the next one that can be had."""
    last = min(settings.port + PORTS_TRIED, 65535)
    with ExitStack() as opened:
        for port in range(settings.port, last + 1):
            try:
                listener = opened.enter_context(serve.listening(settings.model_copy(update={"port": port})))
            except ConflictError:
                typer.echo(f"Port {port} is taken.")
                continue
            yield listener
            return
    raise ConflictError(f"No port from {settings.port} to {last} can be had.", remedy="Name one with --port.")


def _link(vault: Vault, settings: Settings, address: str, person: Character) -> str:
    """Signs `person` in, once."""
    with vault.registry(write=True) as session:
        found = find_person(session, login=person.login)
        token = sign_in.new_link(session, Gate(vault, settings), found.id)
        session.audit("make_link", "person", found.id, how="operator")
    return f"{address}/enter#{token}"


def _invitation(person: Character) -> str:
    return f"This link signs you in as {person.name}, once:"


def _who_is_who(folder: Path) -> str:
    where = "" if folder == default_folder() else f" --workspace {_shortest(folder)}"
    lines = [f"Look through other eyes with `{_program()} demo{where} --as LOGIN` in another terminal:", ""]
    for each in characters():
        lines.append(f"  {each.login:<10}{each.name}, {each.does}")
        lines.append(f"  {'':<10}sees {each.sees}")
    return "\n".join(lines)


def _program() -> str:
    """How this program was called, as short as works."""
    found, called = shutil.which("strongroom"), Path(sys.argv[0])
    if found and called.exists() and Path(found).samefile(called):
        return "strongroom"
    return _shortest(called) if called.name == "strongroom" else "strongroom"


def _shortest(path: Path) -> str:
    return min(str(path), os.path.relpath(path), key=len)


def _has_desktop() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_when_up(address: str, link: str) -> None:
    for _ in range(100):
        if _answers(address):
            webbrowser.open(link)
            return
        time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        return bool(address) and httpx.get(f"{address}/api/v1/health", timeout=2).is_success
    except httpx.HTTPError:
        return False
