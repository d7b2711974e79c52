"""The report of a spill: whole, signed, checked offline, and no more than its reader may see."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from strongroom.cli import app
from strongroom.custody import ForgedReportError, verify
from strongroom.errors import InvalidError

INTERNAL = "INTERNAL//FOR HARBOUR"
HIGHER = "CONFIDENTIAL//PII//FOR HARBOUR"
DOCUMENT = Path(__file__).parents[2] / "docs/custody.md"


def reported(house: Any, spill: str, login: str = "otto", format_name: str = "json") -> bytes:
    answer = house.ask(login, "GET", f"/spills/{spill}/report?format={format_name}")
    assert answer.status == 200
    return bytes(answer.raw)


@pytest.fixture
def purged(busy: Any) -> tuple[Any, str]:
    dataset = busy.export()
    busy.download("olga", dataset)
    spill = busy.spill("task", busy.tasks["t1"])["id"]
    busy.decide(spill, "purge")
    return busy, spill


def test_it_says_what_who_when_and_how_it_was_proven(purged: tuple[Any, str]) -> None:
    house, spill = purged
    said = json.loads(reported(house, spill))["report"]
    assert said["spill"]["thing_id"] == house.tasks["t1"]
    assert {each["state"] for each in said["things"]} == {"purged"}
    assert said["decisions"][0]["proof"]["clean"]
    assert "dataset.download" in {each["action"] for each in said["acts"]}
    assert (said["downloads"], said["made_for"]["login"]) == (1, "otto")
    assert any("Backups" in line for line in said["operator"])
    assert "blue ledger" not in json.dumps(said)


@pytest.mark.parametrize("format_name", ["json", "html"])
def test_whole_it_verifies_and_changed_it_does_not(purged: tuple[Any, str], format_name: str) -> None:
    house, spill = purged
    content = reported(house, spill, format_name=format_name)
    key = house.done("otto", "GET", "/spill-report-key")["public_key"]
    assert verify(content, key).report["spill"]["id"] == spill
    with pytest.raises(ForgedReportError):
        verify(content, "0" * 64)
    changed = content.replace(b"it should not be here", b"it should be right here")
    assert changed != content
    with pytest.raises(ForgedReportError):
        verify(changed, key)
    with pytest.raises(InvalidError):
        verify(b"<html>nothing</html>", key)


def test_a_page_that_was_changed_around_what_was_signed_is_forged(purged: tuple[Any, str]) -> None:
    house, spill = purged
    page = reported(house, spill, format_name="html")
    changed = page.replace(b"<td>task</td>", b"<td>dataset</td>", 1)
    assert changed != page
    with pytest.raises(ForgedReportError):
        verify(changed)


def test_what_is_no_report_is_refused_in_words(purged: tuple[Any, str], tmp_path: Path) -> None:
    house, spill = purged
    content = reported(house, spill).decode()
    said = json.loads(content)
    for strange in (
        content.replace('"reason":', '"reason": "another one", "reason":', 1),
        json.dumps(said | {"report": {}}),
        json.dumps(said | {"report": said["report"] | {"spill": []}}),
        json.dumps(said | {"report": said["report"] | {"more": 10**30}}),
        json.dumps(said | {"report": said["report"] | {"more": "\ud800"}}),
        json.dumps(said | {"public_key": "\u0660" * 64}),
        "[" * 100_000,
        '{"report": {"a": ' * 5_000,
    ):
        with pytest.raises((InvalidError, ForgedReportError)):
            verify(strange.encode())


def test_whoever_sees_less_gets_a_smaller_report(busy: Any) -> None:
    busy.export(level=HIGHER)
    spill = busy.spill("task", busy.tasks["t1"])["id"]
    less, more = (json.loads(reported(busy, spill, login))["report"] for login in ("otto", "odile"))
    assert HIGHER not in json.dumps(less)
    assert HIGHER in json.dumps(more)


def test_the_page_shows_how_to_check_it_without_the_program(purged: tuple[Any, str], tmp_path: Path) -> None:
    house, spill = purged
    (snippet,) = re.findall(r"```python\n(import json\n.*?)```", DOCUMENT.read_text(), re.S)
    (tmp_path / "spill.json").write_bytes(reported(house, spill))
    exec(snippet.replace('"spill.json"', repr(str(tmp_path / "spill.json"))), {})


def test_the_command_verifies(purged: tuple[Any, str], tmp_path: Path) -> None:
    house, spill = purged
    file = tmp_path / "report.html"
    file.write_bytes(reported(house, spill, format_name="html"))
    key = house.done("otto", "GET", "/spill-report-key")["public_key"]
    good = CliRunner().invoke(app, ["spill", "verify", str(file), "--key", key])
    assert (good.exit_code, "signed by the workspace" in good.output) == (0, True)
    file.write_bytes(file.read_bytes().replace(b"&quot;purged&quot;", b"&quot;kept&quot;"))
    assert isinstance(CliRunner().invoke(app, ["spill", "verify", str(file)]).exception, ForgedReportError)


def test_markup_in_a_reason_stays_text(busy: Any) -> None:
    body = {
        "kind": "task",
        "thing_id": busy.tasks["t2"],
        "should_be": "purge",
        "reason": "<script>alert(1)</script></pre>",
    }
    spill = busy.done("otto", "POST", "/spills", body)["id"]
    page = reported(busy, spill, format_name="html")
    assert b"<script" not in page
    assert verify(page).report["spill"]["reason"] == body["reason"]


def test_vault_check_says_what_is_wrong(busy: Any) -> None:
    folder = str(busy.vault.folder)
    dataset = busy.export()
    whole = CliRunner().invoke(app, ["vault", "check", "--workspace", folder, "--blobs"])
    assert (whole.exit_code, "every file is whole" in whole.output) == (0, True), whole.output
    (blob,) = (row[0] for row in busy.truth("select jsonl_blob_id from dataset where id = :d", d=dataset))
    busy.vault.blobs.place(blob).write_bytes(b"something else")
    with busy.vault._system.writing() as connection:
        lowest = connection.scalar(text("select id from marking where text = 'PUBLIC'"))
        connection.execute(
            text("update dataset set marking_id = :m where id = :d"), {"m": lowest, "d": dataset}
        )
    found = CliRunner().invoke(app, ["vault", "check", "--workspace", folder, "--blobs"])
    assert found.exit_code == 1
    assert f"blob {blob}: a file that is missing or damaged" in found.output
    assert f"dataset {dataset}: below its source" in found.output
