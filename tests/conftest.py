"""Fixtures that every part's tests share."""

from __future__ import annotations

import functools
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import structlog

from strongroom import assembly  # noqa: F401 - every table is known, whichever tests run
from strongroom.markings import Scheme
from strongroom.vault import Vault
from strongroom.vault.database import VARIABLE

sys.path.insert(0, str(Path(__file__).parent))
from databases import GIVEN, OLDEST, Postgresql, Sqlite, cluster, in_memory, programs

if "TMPDIR" not in os.environ and (memory := in_memory()):
    os.environ["TMPDIR"] = tempfile.tempdir = str(memory)
# Dozens of programs are started; each would compile all that it imports, which takes longer than what it is started for.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# No property is timed: how long an example takes depends on what else the machine does.
hypothesis.settings.register_profile("short", deadline=None, max_examples=40)
hypothesis.settings.register_profile("whole", deadline=None, max_examples=400)
hypothesis.settings.load_profile("whole" if os.environ.get("STRONGROOM_LONG") else "short")

#: Folders with files that take long: these are begun first, so that none is left when everything else is done.
LONG = ("separation", "durability", "custody", "e2e", "demo", "client", "replay", "packaging")


@pytest.fixture(autouse=True)
def _logs_of_its_own() -> Iterator[None]:
    """A command that a test called set up logging into what is captured of that test: the next one starts afresh."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def scheme() -> Scheme:
    return Scheme.load("corporate")


@pytest.fixture(scope="session")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Sqlite]]:
    """The databases by their kind, each started when the first test wants it, and kept."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    with ExitStack() as stack:

        @functools.cache
        def of(kind: str) -> Sqlite:
            made = Sqlite() if kind == "sqlite" else Postgresql(stack.enter_context(cluster(shared)))
            stack.callback(made.close)
            return made

        yield of


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest, kinds: Callable[[str], Sqlite]) -> Sqlite:
    """Where the workspaces of a test lie: whatever asks for it runs on both databases."""
    if request.param == "postgresql" and not os.environ.get(GIVEN) and programs() is None:
        pytest.skip(f"no PostgreSQL of version {OLDEST} or newer: install one, or name it in {GIVEN}")
    return kinds(request.param)


@pytest.fixture(scope="session")
def empty_workspace(databases: Sqlite, tmp_path_factory: pytest.TempPathFactory, scheme: Scheme) -> Path:
    """A workspace with every table that the program declares, to copy."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("empty") / "workspace"
        databases.create(folder, scheme).close()
        return folder

    return databases.once("empty", make)


@pytest.fixture
def vault(
    tmp_path: Path, databases: Sqlite, empty_workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Vault]:
    """An empty workspace with every table that the program declares so far."""
    folder = databases.copy(empty_workspace, tmp_path / "workspace")
    monkeypatch.setenv(VARIABLE, databases.url(folder))
    with Vault.open(folder) as opened:
        yield opened
    databases.forget(folder)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test marked `only("sqlite")` is of that database alone. The files with most to do come first."""
    apart = {item for item in items if _is_of_another(item)}
    config.hook.pytest_deselected(items=[*apart])
    counts = Counter(item.path for item in items)
    items[:] = [item for item in items if item not in apart]
    items.sort(key=lambda item: (_rank(item.path), -counts[item.path], item.path))


def _rank(path: Path) -> int:
    folder = path.relative_to(Path(__file__).parent).parts[0]
    return LONG.index(folder) if folder in LONG else len(LONG)


def _is_of_another(item: pytest.Item) -> bool:
    only = item.get_closest_marker("only")
    kind = getattr(item, "callspec", None) and item.callspec.params.get("databases")  # type: ignore[attr-defined]
    return only is not None and kind is not None and kind not in only.args


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything is installed nothing may skip: a test that didn't run proves nothing."""
    if not os.environ.get("STRONGROOM_NOTHING_SKIPS") or hasattr(session.config, "workerinput"):
        return
    reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = [report.nodeid for report in reporter.stats.get("skipped", ())]
    if skipped:
        reporter.write_line(f"skipped where nothing may skip: {', '.join(sorted(skipped))}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
