"""The databases that tests run on: SQLite, and a PostgreSQL that is given or that is started here."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
from sqlalchemy import URL, make_url

from strongroom.markings import Scheme
from strongroom.vault import Vault
from strongroom.vault.postgresql import hardening

GIVEN = "STRONGROOM_TEST_POSTGRESQL"
OWNER = "strongroom_owner"
TEMPLATE = "strongroom_template"
OLDEST = 15
ROOM = 4 << 30
_FASTER = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
_MEMORY = Path("/dev/shm")

T = TypeVar("T")


def in_memory() -> Path | None:
    """Where files lie in memory, if there is room for those of the tests: what outlives a disk, tests/durability tries."""
    if not os.access(_MEMORY, os.W_OK):
        return None
    room = os.statvfs(_MEMORY)
    return _MEMORY if room.f_bavail * room.f_frsize >= ROOM else None


class Sqlite:
    """Workspaces as they are without a setting."""

    kind = "sqlite"

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def once(self, what: str, make: Callable[[], T]) -> T:
        """What many tests start from, made for the first of them. A fixture of the session alone would make it anew for
        each file: pytest lets go of it whenever the next test wants the other database."""
        if what not in self._made:
            self._made[what] = make()
        made: T = self._made[what]
        return made

    def url(self, folder: Path) -> str:
        return ""

    def create(self, folder: Path, scheme: Scheme, kind: type[Vault] = Vault, **options: Any) -> Vault:
        return kind.create(folder, scheme, database=self.url(folder), **options)

    def open(self, folder: Path, **options: Any) -> Vault:
        return Vault.open(folder, database=self.url(folder), **options)

    def copy(self, source: Path, target: Path) -> Path:
        """A workspace like another one that is closed: quicker than making it."""
        return Path(shutil.copytree(source, target))

    def forget(self, folder: Path) -> None:
        """The workspace is not used any more."""

    def close(self) -> None:
        """No workspace is used any more."""


class Postgresql(Sqlite):
    """Each workspace has a database of its own."""

    kind = "postgresql"

    def __init__(self, admin: str) -> None:
        super().__init__()
        self.admin = admin
        self._names: dict[Path, str] = {}
        self._connection = psycopg.connect(admin, autocommit=True)
        with _locked(Path(tempfile.gettempdir()) / "strongroom-template.lock"):
            self._prepare()

    def url(self, folder: Path) -> str:
        if folder not in self._names:
            self._names[folder] = self._make(TEMPLATE)
        return self.url_of(self._names[folder])

    def url_of(self, name: str, role: str = OWNER) -> str:
        return _url(self.admin).set(database=name, username=role).render_as_string(hide_password=False)

    def copy(self, source: Path, target: Path) -> Path:
        super().copy(source, target)
        self._names[target] = self._make(self._names[source])
        return target

    def forget(self, folder: Path) -> None:
        if name := self._names.pop(folder, None):
            self._connection.execute(f'drop database "{name}" with (force)')

    def close(self) -> None:
        for folder in [*self._names]:
            self.forget(folder)
        self._connection.close()

    def execute(self, sql: str) -> Any:
        """As the cluster's administrator."""
        return self._connection.execute(sql)

    def execute_in(self, folder: Path, sql: str) -> None:
        """As the administrator, in the database of a workspace."""
        address = _url(self.admin).set(database=self._names[folder]).render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql)

    def _make(self, template: str) -> str:
        name = f"t_{uuid4().hex}"
        self._connection.execute(
            f'create database "{name}" template "{template}" owner {OWNER} strategy file_copy'
        )
        # A copy has all but who may do what with the database itself, without which the vault would make its guard anew.
        self._connection.execute(
            "update pg_database set datacl = (select datacl from pg_database where datname = %s) where datname = %s",
            (template, name),
        )
        return name

    def _prepare(self) -> None:
        if not self._has("pg_roles where rolname", OWNER):
            self._connection.execute(f"create role {OWNER} login createrole")
        if not self._has("pg_database where datname", TEMPLATE):
            self._connection.execute(
                f"create database {TEMPLATE} template template0 owner {OWNER} encoding 'UTF8'"
            )
            address = _url(self.admin).set(database=TEMPLATE).render_as_string(hide_password=False)
            with psycopg.connect(address, autocommit=True) as connection:
                hardening.apply(connection, OWNER)

    def _has(self, where: str, name: str) -> bool:
        return self._connection.execute(f"select 1 from {where} = %s", (name,)).fetchone() is not None


def programs() -> Path | None:
    """The folder of a PostgreSQL's programs that is new enough."""
    found = [Path(shutil.which("postgres") or "/").parent, *Path("/usr/lib/postgresql").glob("*/bin")]
    fit = {_version(folder): folder for folder in found if (folder / "initdb").exists()}
    newest = max(fit, default=0)
    return fit[newest] if newest >= OLDEST else None


@contextmanager
def cluster(shared: Path) -> Iterator[str]:
    """The address of an administrator: the given one, or of a private cluster that all processes of this test run share.

    `shared` is a folder of the test run. The last one to leave stops the cluster.
    """
    if given := os.environ.get(GIVEN):
        yield given
        return
    state = shared / "postgresql.json"
    lock = shared / "postgresql.lock"
    with _locked(lock):
        running = json.loads(state.read_text()) if state.exists() else _start()
        running["users"] += 1
        state.write_text(json.dumps(running))
    try:
        yield running["admin"]
    finally:
        with _locked(lock):
            running = json.loads(state.read_text())
            running["users"] -= 1
            state.write_text(json.dumps(running))
            if not running["users"]:
                state.unlink()
                _stop(running)


def _start() -> dict[str, Any]:
    folder = programs()
    assert folder is not None
    home = Path(tempfile.mkdtemp(prefix="strongroom-pg-"))
    user = run_as(home)
    data = home / "data"
    initdb = [
        folder / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=home, **user)
    settings = {
        **dict.fromkeys(_FASTER, "off"),
        "listen_addresses": "",
        "unix_socket_directories": str(home),
        "max_connections": "400",
        "shared_buffers": "64MB",
        "dynamic_shared_memory_type": "mmap",  # in its own folder: it is stopped without tidying up
        "max_wal_size": "256MB",
    }
    server = [str(folder / "postgres"), "-D", str(data)]
    for name, value in settings.items():
        server += ["-c", f"{name}={value}"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(server, stdout=log, stderr=log, cwd=home, start_new_session=True, **user)
    admin = f"postgresql://postgres@/postgres?host={home}"
    for _ in range(300):
        try:
            psycopg.connect(admin).close()
            return {"admin": admin, "pid": process.pid, "home": str(home), "users": 0}
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError((home / "log").read_text())


def run_as(home: Path) -> dict[str, Any]:
    """For whom a server's processes are started, who also gets its folder: the server refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    name = "postgres" if _known("postgres") else "nobody"
    shutil.chown(home, name)
    return {"user": name, "group": "nogroup" if name == "nobody" else name, "extra_groups": []}


def _stop(running: dict[str, Any]) -> None:
    os.kill(running["pid"], 3)  # at once: nothing of it is kept
    for _ in range(100):
        if not (Path(running["home"]) / "data" / "postmaster.pid").exists():
            break
        time.sleep(0.05)
    shutil.rmtree(running["home"], ignore_errors=True)


def _version(folder: Path) -> int:
    said = subprocess.run([folder / "initdb", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.split()[2].partition(".")[0])


def _known(user: str) -> bool:
    import pwd

    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _url(address: str) -> URL:
    return make_url(address)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
