"""The commands `trace` and `spill`, at the running program."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from strongroom.cli import app
from strongroom.cli import custody as commands
from strongroom.client.connection import Connection
from strongroom.jobs import run_waiting


@pytest.fixture
def run(busy: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command as somebody: exit status and what it printed."""

    def ran(login: str, *words: str) -> tuple[int, str]:
        def server(_: str) -> Connection:
            found = Connection(
                "http://localhost",
                busy.tokens[login],
                None,
                patience_seconds=1.0,
                transport=busy.http._transport,
            )
            monkeypatch.setattr(found, "close", lambda: None)  # the house's own connections
            return found

        monkeypatch.setattr(commands, "_server", server)
        # Nobody waits for a worker here: whoever asks again finds the job done.
        monkeypatch.setattr(commands.time, "sleep", lambda _: run_waiting(busy.vault))
        result = CliRunner().invoke(app, list(words))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return ran


def test_trace_says_from_where_to_where_and_who(busy: Any, run: Any) -> None:
    dataset = busy.export()
    status, said = run("olga", "trace", f"dataset/{dataset}", "--acts", "--all")
    assert status == 0
    assert said.index("1 project") < said.index("2 task") < said.index("This:") < said.index("1 blob")
    assert f"task/{busy.tasks['t1']} t1" in said
    assert "dataset.finish" in said
    _, raw = run("olga", "trace", f"dataset/{dataset}", "--json")
    assert json.loads(raw)["thing"]["id"] == dataset


def test_a_spill_from_the_terminal_to_the_end(busy: Any, run: Any, tmp_path: Path) -> None:
    reason = ("--should-be", "purge", "--reason", "wrong file")
    status, said = run("otto", "spill", "report", f"task/{busy.tasks['t1']}", *reason)
    assert status == 0
    spill = said.split()[-1]
    assert "open" in run("otto", "spill", "list")[1]
    assert "not here at all" in run("otto", "spill", "show", spill)[1]
    status, said = run("otto", "spill", "decide", spill, "purge", "--yes")
    assert (status, "no trace of it is left" in said) == (0, True), said
    assert "closed" in run("otto", "spill", "list")[1]
    _, key = run("otto", "spill", "key")
    for name in ("report.json", "report.html"):
        assert run("otto", "spill", "document", spill, "--out", str(tmp_path / name))[0] == 0
        assert run("otto", "spill", "verify", str(tmp_path / name), "--key", key.strip())[0] == 0
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_purge_is_asked_about(busy: Any, run: Any) -> None:
    spill = busy.spill("task", busy.tasks["t1"])["id"]
    status, _ = run("otto", "spill", "decide", spill, "purge")  # nobody answers: no
    assert status != 0
    assert busy.truth("select count(*) from spill_decision") == [(0,)]
