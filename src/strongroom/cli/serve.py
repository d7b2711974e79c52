"""`strongroom serve`: the web process and its job worker, on loopback unless told otherwise."""

from __future__ import annotations

import fcntl
import gc
import ipaddress
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import orjson
import typer
import uvicorn

from strongroom.audit import Keeper, Place
from strongroom.cli.workspace import WorkspaceOption, open_or_create, settings_with
from strongroom.errors import ConflictError, InvalidError
from strongroom.jobs import Supervisor
from strongroom.people import set_up
from strongroom.vault import Vault
from strongroom.web import Settings, create_app, logs
from strongroom.web.app import build

FAREWELL_SECONDS = 10
KEEP_ALIVE_SECONDS = 75  # longer than a person thinks about a task


def serve(
    workspace: WorkspaceOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.", show_default="8710")] = None,
    scheme: Annotated[
        str | None, typer.Option(help="Marking scheme of a new workspace.", show_default="corporate")
    ] = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Listen beyond this machine: a TLS proxy stands in front.")
    ] = False,
) -> None:
    """Serves a workspace, which is made on the first start; then prints a link to set it up."""
    settings = settings_with(workspace=workspace, host=host, port=port, scheme=scheme)
    if not (allow_remote or _is_loopback(settings.host)):
        raise InvalidError(
            f"{settings.host} is reachable from other machines, and Strongroom speaks plain HTTP: passwords and data "
            "would cross the network in the clear.",
            remedy="Put a proxy that speaks TLS in front (set STRONGROOM_HTTPS and STRONGROOM_ALLOWED_HOSTS), "
            "and say --allow-remote.",
        )
    logs.configure(settings)
    settings.workspace.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone_in(settings.workspace), listening(settings) as listener, open_or_create(settings) as vault:
        run(vault, settings, listener)


def run(vault: Vault, settings: Settings, listener: socket.socket) -> None:
    """Serves an open vault on a bound socket until SIGINT or SIGTERM, with a job worker beside."""
    address = address_of(settings, listener)
    with vault.registry(write=True) as session:
        token = set_up.new_token(session)
    typer.echo(f"Strongroom serves {settings.workspace} at {address}")
    if token is not None:
        typer.echo(f"There is no account yet. Make the first one here: {address}/setup#{token}")
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(vault, settings),
            loop="uvloop",
            http="httptools",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=settings.https,
            forwarded_allow_ips=settings.trusted_proxies,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=FAREWELL_SECONDS,
        )
    )
    supervisor = Supervisor(vault.folder)
    keeper = Keeper(vault, Place(settings.checkpoints, vault) if settings.checkpoints else None)
    signal.signal(signal.SIGTERM, _leave)  # uvicorn hands the signal on when it has finished
    try:
        supervisor.start()
        keeper.start()
        gc.freeze()  # what is here now stays: no collection need walk it again
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        supervisor.stop()
        keeper.stop()


def address_of(settings: Settings, listener: socket.socket) -> str:
    """Where a browser on this machine finds the server."""
    return f"http://{_shown(settings.host)}:{listener.getsockname()[1]}"


def openapi() -> None:
    """Prints the description of the HTTP API (OpenAPI, JSON)."""
    document = orjson.dumps(
        build(Settings()).openapi(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )
    typer.echo(document, nl=False)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@contextmanager
def alone_in(workspace: Path) -> Iterator[None]:
    """Keeps a second web process off the workspace: throttles and write queue live in one process."""
    with (workspace / "web.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(
                f"Another process serves {workspace} already.",
                remedy="Stop it first, or name another workspace with --workspace.",
            ) from None
        yield


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The bound socket, so that a port in use is known before anything else happens."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise ConflictError(
                f"Port {settings.port} of {settings.host} can't be had: {error.strerror}.",
                remedy="Name another one with --port.",
            ) from error
        yield listener


def _leave(signal_number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
