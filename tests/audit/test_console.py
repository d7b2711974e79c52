"""`strongroom audit`, as the operator and the auditor call it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from strongroom.cli import main

from .conftest import Hall


@pytest.fixture
def served(hall: Hall) -> Hall:
    hall.act("anna", "INTERNAL")
    hall.act("bert", "CONFIDENTIAL//PII", "task.move")
    return hall


@dataclass
class Ran:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def audit(
    served: Hall, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """Calls the command as the shell does, in this process, beside a vault that is open already."""
    monkeypatch.setenv("STRONGROOM_WORKSPACE", str(served.vault.folder))
    monkeypatch.setenv("STRONGROOM_CHECKPOINTS", str(served.checkpoints))

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["strongroom", "audit", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Ran(int(ended.value.code or 0), *capfd.readouterr())

    return run


def test_the_way_of_a_year(served: Hall, audit: Callable[..., Ran], tmp_path: Path) -> None:
    """Sign, export, verify elsewhere, prove, verify the live log; then somebody tampers."""
    key = audit("key").stdout.strip()
    checkpoint = audit("checkpoint")
    assert checkpoint.stdout.startswith("strongroom-audit-"), checkpoint.stderr
    (tmp_path / "kept").write_text(checkpoint.stdout)
    served.act("anna", "INTERNAL")
    exported = audit("export", str(tmp_path / "export"))
    assert exported.returncode == 0, exported.stderr
    assert "already" in audit("export", str(tmp_path / "export")).stderr
    verified = audit("verify", str(tmp_path / "export"), "--key", key, "--since", str(tmp_path / "kept"))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "the log only grew" in verified.stdout
    live = audit("verify")
    assert live.returncode == 0, live.stdout + live.stderr
    assert "continues each of" in live.stdout

    (entry_id,) = served.truth("select id from audit_entry where action = 'task.move'")[0]
    for what in ([entry_id], ["--since", str(tmp_path / "kept")]):
        proof = audit("prove", *what)
        json.loads(proof.stdout)
        (tmp_path / "proof.json").write_text(proof.stdout)
        checked = audit("verify", str(tmp_path / "proof.json"), "--key", key)
        assert checked.returncode == 0, checked.stdout + checked.stderr

    erased = audit("erase", entry_id, "--reason", "court order 12")
    assert erased.returncode == 0, erased.stderr
    assert "1 of them erased" in audit("verify").stdout

    (entry_id,) = served.truth("select id from audit_entry where action = 'task.change'")[0]
    served.force("update audit_entry set outcome = 'refused' where id = :id", id=entry_id)
    tampered = audit("verify")
    assert tampered.returncode == 1
    assert f"({entry_id}): audit_entry was changed" in tampered.stdout


def test_an_entry_that_is_not_there_is_told_so(audit: Callable[..., Ran]) -> None:
    for arguments in (["prove", "0" * 32], ["prove"], ["verify", "no-such-folder"]):
        told = audit(*arguments)
        assert told.returncode == 2
        assert told.stderr
