"""One world as a process of its own: `python -m strongroom.separation.server WORKSPACE`.

The first line of standard input is the key of the stage; the first line of standard output says the port. The process
lives as long as its standard input is open.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from fastapi import APIRouter

from strongroom.separation.staged import staged
from strongroom.vault import Vault
from strongroom.web import Settings, logs

KEEP_ALIVE_SECONDS = 600


def serve(
    workspace: Path, key: str, *, vault: type[Vault] = Vault, routers: Sequence[APIRouter] = ()
) -> None:
    """Serves the workspace on a free port of loopback until standard input ends."""
    logs.configure(Settings(log_level="error"))
    with socket.socket() as listener, vault.open(workspace) as opened:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # who connects before the server is up waits, and is not refused
        server = uvicorn.Server(
            uvicorn.Config(
                staged(opened, key, routers),
                loop="uvloop",
                http="httptools",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
            )
        )
        threading.Thread(target=_leave_with_parent, daemon=True).start()
        print(listener.getsockname()[1], flush=True)
        server.run(sockets=[listener])


def _leave_with_parent() -> None:
    while sys.stdin.readline():
        pass
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="strongroom.separation.server", description=__doc__)
    parser.add_argument("workspace", type=Path)
    given = parser.parse_args()
    serve(given.workspace, sys.stdin.readline().strip())


if __name__ == "__main__":
    main()
