"""A busy room: people who label, people who look around, and a large import, all at once, against `strongroom serve`.

    python benchmarks/load.py [--database sqlite|postgresql|URL] [--minutes 5] [--annotators 50] [--browsers 5]
                              [--rows 100000] [--every 3]

Each annotator saves an answer and asks for the next task every `--every` seconds; each browser asks for one page after the
other, a second apart; the import begins after a tenth of the time. Server and clients share what cores `--cores` leaves
them. Prints latencies as the clients see them, errors, and the memory of the server's processes over time; ends with
status 1 when a bar is missed. `postgresql` starts one here, with its defaults; a URL is one that is there.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from strongroom import assembly  # noqa: F401 (makes every table known)
from strongroom.markings import Scheme
from strongroom.people.enrol import add_person
from strongroom.people.tokens import issue
from strongroom.vault import Vault

TESTS = Path(__file__).parents[1] / "tests"
SAVE_P95_SECONDS, ANY_SECONDS, GROWTH = 0.3, 2.0, 0.15
SAMPLE_SECONDS = 5.0
FORM = {
    "fields": [
        {
            "key": "answer",
            "kind": "class",
            "title": "Answer",
            "labels": [{"id": "alpha", "title": "Alpha"}, {"id": "beta", "title": "Beta"}],
        },
        {
            "key": "places",
            "kind": "spans",
            "title": "Places",
            "required": False,
            "labels": [{"id": "place", "title": "Place"}],
        },
    ]
}


@dataclass
class Seen:
    """What the clients saw. Seconds by kind of request, errors in words."""

    taken: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float, float]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, seconds: float) -> None:
        with self.lock:
            self.taken[kind].append(seconds)

    def fail(self, what: str) -> None:
        with self.lock:
            self.errors[what] += 1


class Client:
    """One kept-alive connection of one person."""

    def __init__(self, port: int, token: str, seen: Seen) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._seen = seen

    def __call__(
        self, kind: str, method: str, path: str, body: Any = None, raw: tuple[bytes, str] | None = None
    ) -> Any:
        """The answer as JSON, None for an empty one or an error, which is noted."""
        headers = dict(self._headers)
        data = None
        if raw is not None:
            data, headers["Content-Type"] = raw
        elif body is not None:
            data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        if method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        began = time.perf_counter()
        try:
            self._http.request(method, "/api/v1" + path, body=data, headers=headers)
            response = self._http.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._http.close()
            self._seen.fail(f"{kind}: {type(error).__name__}")
            return None
        self._seen.note(kind, time.perf_counter() - began)
        if response.status >= 400:
            self._seen.fail(f"{kind}: {response.status} {content[:120]!r}")
            return None
        return json.loads(content) if content else None


class Room:
    """A served workspace with a project and its people."""

    def __init__(self, folder: Path, database: str, annotators: int, browsers: int) -> None:
        self.seen = Seen()
        self._folder = folder
        self._database = database
        self._tokens: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        logins = ["owner", *(f"a{n}" for n in range(annotators)), *(f"b{n}" for n in range(browsers))]
        scopes: list[Any] = ["read", "label", "manage"]
        with (
            Vault.create(folder, Scheme.load("corporate"), database=database) as vault,
            vault.registry(write=True) as session,
        ):
            for login in logins:
                person = add_person(session, login, login)
                _, self._tokens[login] = issue(session, person.id, "load", scopes, days=1, longest_days=1)
                self._ids[login] = person.id

    @contextmanager
    def served(self, port: int, log: Path) -> Iterator[None]:
        self.port = port
        command = [sys.executable, "-m", "strongroom", "serve", "--workspace", str(self._folder)]
        with log.open("wb") as stream:
            self._server = subprocess.Popen(
                [*command, "--port", str(port)],
                stdout=stream,
                stderr=stream,
                env={**os.environ, "STRONGROOM_DATABASE_URL": self._database},
            )
        try:
            for _ in range(600):
                with suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=1).read()
                    break
                time.sleep(0.1)
            else:
                raise RuntimeError(log.read_text())
            yield
        finally:
            self._server.terminate()
            self._server.wait(timeout=60)

    def client(self, login: str) -> Client:
        return Client(self.port, self._tokens[login], self.seen)

    def project(self) -> str:
        owner = self.client("owner")
        body = {"name": "Load", "guideline": "Read.", "form": FORM, "overlap": 1}
        project = str(owner("prepare", "POST", "/projects", body)["id"])
        for login, person in self._ids.items():
            if login != "owner":
                roles = ["annotator"] if login.startswith("a") else ["manager", "analyst"]
                owner("prepare", "PUT", f"/projects/{project}/members/{person}", {"roles": roles})
        return project

    def bring_in(self, project: str, count: int, kind: str) -> float:
        """Imports so many rows and waits until the job is done; seconds."""
        owner = self.client("owner")
        rows = "".join(
            json.dumps(
                {"id": f"{kind}{n}", "text": f"Report {n}: the crane at berth {n % 40} was inspected."}
            )
            + "\n"
            for n in range(count)
        )
        boundary = uuid.uuid4().hex
        raw = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="format"\r\n\r\njsonl\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="rows.jsonl"\r\n'
            f"Content-Type: application/x-ndjson\r\n\r\n{rows}\r\n--{boundary}--\r\n"
        ).encode()
        began = time.perf_counter()
        content_type = f"multipart/form-data; boundary={boundary}"
        begun = owner(f"{kind} upload", "POST", f"/projects/{project}/imports", raw=(raw, content_type))
        while begun is not None:
            looked = owner("job", "GET", f"/imports/{begun['id']}")
            if looked and looked["job"]["state"] not in ("queued", "running"):
                added = sum(tally["added"] for tally in looked["tallies"])
                if looked["job"]["state"] != "done" or added != count:
                    self.seen.fail(f"{kind}: {looked['job']['state']}, {added} of {count} rows")
                break
            time.sleep(1.0 if count > 10_000 else 0.1)
        return time.perf_counter() - began

    def label(self, login: str, project: str, every: float, until: float) -> None:
        """A save every so many seconds, and the next task at once."""
        http, dice = self.client(login), random.Random(login)
        due = time.perf_counter() + dice.uniform(0, every)
        work = None
        while (now := time.perf_counter()) < until:
            if now < due:
                time.sleep(min(due - now, until - now))
                continue
            due += every
            if work is not None:
                result = {
                    "answer": dice.choice(["alpha", "beta"]),
                    "places": [{"start": 0, "end": 6, "label": "place"}],
                }
                body = {"lease": work["lease"], "result": result, "seconds": 2.0}
                http("save", "POST", f"/assignments/{work['id']}/submit", body)
            work = http("next", "POST", f"/projects/{project}/next", {"held": []})
            if work is None:
                self.seen.fail("nothing was left to label")

    def browse(self, login: str, project: str, until: float) -> None:
        http, dice = self.client(login), random.Random(login)
        tasks: list[str] = []
        while time.perf_counter() < until:
            pages = ["/home", "/projects", f"/projects/{project}", f"/projects/{project}/progress"]
            pages += [f"/projects/{project}/tasks?limit=50", f"/projects/{project}/tasks?state=done&limit=50"]
            pages += [f"/projects/{project}/members", f"/projects/{project}/imports", "/session", "/levels"]
            pages += [f"/tasks/{task}" for task in tasks[:3]]
            page = dice.choice(pages)
            kind = "browse progress" if page.endswith("progress") else "browse"
            answer = http(kind, "GET", page)
            if answer and "tasks?" in page:
                tasks = [task["id"] for task in answer["items"]]
                dice.shuffle(tasks)
            time.sleep(1.0)

    def watch(self, began: float, until: float) -> None:
        web = psutil.Process(self._server.pid)
        while time.perf_counter() < until:
            worker = 0.0
            for child in web.children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    worker += child.memory_info().rss / 2**20
            self.seen.memory.append((time.perf_counter() - began, web.memory_info().rss / 2**20, worker))
            time.sleep(SAMPLE_SECONDS)


@contextmanager
def database_url(asked: str) -> Iterator[str]:
    if asked == "sqlite":
        yield ""
    elif asked == "postgresql":
        sys.path.insert(0, str(TESTS))
        import databases

        databases._FASTER = ()  # as a customer runs it: nothing is acknowledged before it is on disk
        with tempfile.TemporaryDirectory() as shared, databases.cluster(Path(shared)) as admin:
            store = databases.Postgresql(admin)
            yield store.url(Path(shared) / "load")
    else:
        yield asked


def run(given: argparse.Namespace, database: str, scratch: Path) -> Seen:
    room = Room(scratch / "workspace", database, given.annotators, given.browsers)
    with room.served(given.port, scratch / "server.log"):
        project = room.project()
        room.bring_in(project, max(2000, given.annotators * 40), "first rows")
        room.seen = Seen()
        began = time.perf_counter()
        until = began + given.minutes * 60
        acts: list[tuple[Any, ...]] = [(room.watch, began, until)]
        acts += [(room.label, f"a{n}", project, given.every, until) for n in range(given.annotators)]
        acts += [(room.browse, f"b{n}", project, until) for n in range(given.browsers)]
        threads = [threading.Thread(target=act[0], args=act[1:]) for act in acts]
        for thread in threads:
            thread.start()
        time.sleep(given.minutes * 6)
        took = room.bring_in(project, given.rows, "import")
        print(f"import of {given.rows:,} rows: {took:.0f} s beside all that", flush=True)
        for thread in threads:
            thread.join()
    return room.seen


def quantile(values: list[float], q: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def told(seen: Seen) -> bool:
    """Prints what was seen; whether all bars hold."""
    print(f"\n{'':18}{'requests':>9}{'p50, ms':>10}{'p95, ms':>10}{'max, ms':>10}")
    for kind in sorted(seen.taken):
        values = seen.taken[kind]
        figures = [quantile(values, 0.5), quantile(values, 0.95), max(values)]
        print(f"{kind:18}{len(values):9}" + "".join(f"{value * 1e3:10.1f}" for value in figures))
    print("\nmemory, MiB        " + "".join(f"{name:>10}" for name in ("at s", "web", "worker")))
    shown = seen.memory[:: max(1, len(seen.memory) // 10)]
    for at, web, worker in shown:
        print(f"{'':19}{at:10.0f}{web:10.1f}{worker:10.1f}")
    settled = [web for at, web, _ in seen.memory if at > seen.memory[-1][0] * 0.3]
    third = max(1, len(settled) // 3)
    growth = sum(settled[-third:]) / sum(settled[:third]) - 1
    quick = {kind: values for kind, values in seen.taken.items() if not kind.endswith("upload")}
    slowest = max(max(values) for values in quick.values())
    bars = [
        ("p95 of a save", quantile(seen.taken["save"], 0.95), SAVE_P95_SECONDS, "s"),
        ("slowest request", slowest, ANY_SECONDS, "s"),
        ("growth of the web process's memory", growth, GROWTH, ""),
        ("errors", float(sum(seen.errors.values())), 1.0, ""),
    ]
    for error, count in seen.errors.most_common(10):
        print(f"error, {count} times: {error}")
    print()
    for name, value, bar, unit in bars:
        print(f"{'holds' if value < bar else 'MISSED':8}{name}: {value:.3g} {unit} (bar {bar:g})")
    return all(value < bar for _, value, bar, _ in bars)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", default="sqlite", help="sqlite, postgresql, or the address of one")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--annotators", type=int, default=50)
    parser.add_argument("--browsers", type=int, default=5)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--every", type=float, default=3.0, help="seconds between two saves of one person")
    parser.add_argument("--port", type=int, default=18083)
    parser.add_argument(
        "--cores", type=int, default=2, help="how many cores server, worker and clients share"
    )
    given = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[: given.cores]
    os.sched_setaffinity(0, cores)
    print(f"{given.database}, {len(cores)} cores, load before {os.getloadavg()[0]:.1f}", flush=True)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(database_url(given.database))
        seen = run(given, database, scratch)
    sys.exit(not told(seen))


if __name__ == "__main__":
    main()
