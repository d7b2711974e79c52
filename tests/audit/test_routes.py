"""The auditor's questions over HTTP, each answered as far as the auditor's clearance goes."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from strongroom.audit.place import Place
from strongroom.vault import clock
from strongroom.vault.strongroom_verify import canonical, check_proof, verify

from .conftest import EVERYTHING, Hall

THING, OTHER = "t" * 32, "e" * 32
API = "/api/v1/audit"


def asked(hall: Hall, login: str, **query: Any) -> list[tuple[str, str | None]]:
    answer = hall.program(login).get(f"{API}/entries", params={"kind": "task", **query})
    assert answer.status_code == 200, answer.text
    return [(item["action"], item["actor"] and item["actor"]["name"]) for item in answer.json()["items"]]


def test_who_saw_this(hall: Hall) -> None:
    hall.act("anna", "INTERNAL")
    hall.see("anna", "INTERNAL")
    hall.see("bert", "CONFIDENTIAL//PII")
    assert asked(hall, "top", question="seen", thing=THING) == [("task.read", "Bert"), ("task.read", "Anna")]
    assert asked(hall, "low", question="seen", thing=THING) == [("task.read", "Anna")]


def test_what_did_this_person_see(hall: Hall) -> None:
    hall.see("anna", "INTERNAL")
    hall.see("bert", "CONFIDENTIAL//PII")
    assert asked(hall, "top", question="seen", person=hall.ids["bert"]) == [("task.read", "Bert")]
    assert asked(hall, "low", question="seen", person=hall.ids["bert"]) == []


def test_what_failed(hall: Hall) -> None:
    hall.act("anna", "INTERNAL", "task.change")
    hall.act("anna", "INTERNAL", "task.remove", outcome="refused")
    hall.act("bert", "CONFIDENTIAL//PII", "task.move", outcome="failed")
    assert asked(hall, "top", question="failed") == [("task.move", "Bert"), ("task.remove", "Anna")]
    assert asked(hall, "low", question="failed") == [("task.remove", "Anna")]


def test_a_thing_is_found_where_it_is_mentioned_too(hall: Hall) -> None:
    hall.act("anna", "INTERNAL", "answer.submit", OTHER, task=THING)
    assert asked(hall, "low", thing=THING) == [("answer.submit", "Anna")]
    assert asked(hall, "low", thing=THING, mentioned=False) == []


def test_a_time_is_from_a_moment_up_to_another(hall: Hall) -> None:
    day = datetime(2031, 5, 1, tzinfo=UTC)
    for hour in range(3):
        with clock.at(day + timedelta(hours=hour)):
            hall.act("anna", "INTERNAL", f"task.change-{hour}")
    found = asked(hall, "low", since="2031-05-01T01:00:00Z", until="2031-05-01T02:00:00Z")
    assert found == [("task.change-1", "Anna")]


def test_pages_follow_each_other_and_a_forged_cursor_is_refused(hall: Hall) -> None:
    for number in range(5):
        hall.act("anna", "INTERNAL", f"task.change-{number}")
    auditor = hall.program("low")
    seen, cursor = [], None
    while True:
        query = {"kind": "task", "limit": 2} | ({"cursor": cursor} if cursor else {})
        answer = auditor.get(f"{API}/entries", params=query).json()
        seen += [item["action"] for item in answer["items"]]
        if (cursor := answer["next"]) is None:
            break
    assert seen == [f"task.change-{number}" for number in (4, 3, 2, 1, 0)]
    assert auditor.get(f"{API}/entries", params={"cursor": "forged"}).status_code == 422


def test_entries_of_several_markings_come_in_one_order_over_all_pages(hall: Hall) -> None:
    moment = datetime(2031, 5, 1, tzinfo=UTC)
    for number in range(12):
        level = ("INTERNAL", "CONFIDENTIAL//PII", "PUBLIC")[number % 3]
        with clock.at(moment + timedelta(seconds=number // 2)):  # two at a time
            hall.act("bert", level, f"task.change-{number}")
    auditor = hall.program("top")
    seen: list[tuple[str, str]] = []
    query: dict[str, Any] = {"kind": "task", "limit": 5}
    while True:
        answer = auditor.get(f"{API}/entries", params=query).json()
        seen += [(item["at"], item["entry_id"]) for item in answer["items"]]
        if answer["next"] is None:
            break
        query["cursor"] = answer["next"]
    assert len(seen) == len(set(seen)) == 12
    assert seen == sorted(sorted(seen, key=lambda each: each[1]), key=lambda each: each[0], reverse=True)


def test_people_are_named_wherever_an_entry_mentions_them(hall: Hall) -> None:
    hall.act("anna", "INTERNAL", "member.set", hall.ids["low"], person=hall.ids["bert"])
    (person_of,) = [
        {person["name"] for person in answer["people"]}
        for answer in [hall.program("low").get(f"{API}/entries", params={"kind": "task"}).json()]
    ]
    assert person_of == {"Anna", "Bert", "Low"}


def test_a_search_is_on_record_and_what_auditors_do_is_shown_when_asked_for(hall: Hall) -> None:
    hall.see("anna", "INTERNAL")
    asked(hall, "low", thing=THING)
    assert ("audit.search", "Low") in asked(hall, "low", thing=THING, kind="audit_entry", of_auditors=True)
    assert asked(hall, "low", thing=THING, kind="audit_entry") == []


def test_a_search_that_showed_something_high_is_itself_as_high(hall: Hall) -> None:
    hall.see("bert", "CONFIDENTIAL//PII")
    asked(hall, "top", thing=THING)
    assert asked(hall, "low", kind="audit_entry", of_auditors=True) == []


@pytest.mark.parametrize("path", ["entries", f"entries/{THING}", "checkpoint", "state", "export"])
def test_only_auditors_ask(hall: Hall, path: str) -> None:
    assert hall.program("anna").get(f"{API}/{path}").status_code == 403
    assert hall.program("low", "read").get(f"{API}/{path}").status_code == 403


def entry_of(hall: Hall, login: str, action: str) -> str:
    (entry_id,) = hall.truth("select id from audit_entry where action = :action", action=action)[0]
    return str(entry_id)


def test_an_entry_comes_with_its_proof_to_an_auditor_cleared_for_everything(hall: Hall) -> None:
    hall.act("anna", "INTERNAL", "task.change")
    found = hall.program("top").get(f"{API}/entries/{entry_of(hall, 'anna', 'task.change')}").json()
    assert found["proof"]["intact"] is True
    findings = check_proof(canonical(found["proof"]["document"]), hall.vault.audit_log.key, [])
    assert not findings.faults
    assert any("byte for byte" in line for line in findings.proven)


def test_an_entry_comes_without_proof_to_any_other_auditor(hall: Hall) -> None:
    hall.act("anna", "INTERNAL", "task.change")
    hall.act("bert", "CONFIDENTIAL//PII", "task.move")
    found = hall.program("low").get(f"{API}/entries/{entry_of(hall, 'anna', 'task.change')}").json()
    assert found["proof"] is None
    assert "cleared for everything" in found["withheld"]
    hidden = hall.program("low").get(f"{API}/entries/{entry_of(hall, 'bert', 'task.move')}")
    absent = hall.program("low").get(f"{API}/entries/{'0' * 32}")
    assert (
        (hidden.status_code, hidden.content) == (absent.status_code, absent.content) == (404, absent.content)
    )


def test_an_entry_that_somebody_changed_is_not_intact(hall: Hall) -> None:
    hall.act("anna", "INTERNAL", "task.change")
    hall.vault.audit_log.take_up()
    hall.force("update audit_entry set action = 'task.other' where action = 'task.change'")
    found = hall.program("top").get(f"{API}/entries/{entry_of(hall, 'anna', 'task.other')}").json()
    assert found["proof"]["intact"] is False


def test_a_marking_beyond_the_auditor_ends_proofs(hall: Hall) -> None:
    """The scheme lets people make up cases: only their use tells that there is one."""
    hall.act("anna", "INTERNAL")
    assert hall.program("top").get(f"{API}/checkpoint").status_code == 200
    hall.person("casey", {**EVERYTHING, "compartments": [*EVERYTHING["compartments"], "CASE 17"]})
    hall.act("casey", "CONFIDENTIAL//CASE 17")
    assert hall.program("top").get(f"{API}/checkpoint").status_code == 403


def test_the_whole_log_is_downloaded_and_verifies(hall: Hall, tmp_path: Path) -> None:
    hall.act("anna", "INTERNAL")
    hall.act("bert", "CONFIDENTIAL//PII")
    answer = hall.program("top").get(f"{API}/export")
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path / "got")
    found = verify(tmp_path / "got" / "strongroom-audit", str(hall.vault.audit_log.key), [])
    assert found.faults == []
    (size,) = hall.truth("select size from audit_tree")[0]
    assert any(f"Each of {size} entries" in line for line in found.proven)


def test_a_part_is_downloaded_and_says_that_it_is_one(hall: Hall, tmp_path: Path) -> None:
    hall.act("anna", "INTERNAL")
    hall.act("bert", "CONFIDENTIAL//PII", "task.secret")
    answer = hall.program("low").get(f"{API}/export")
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path / "got")
    folder = tmp_path / "got" / "strongroom-audit"
    found = verify(folder, str(hall.vault.audit_log.key), [])
    assert found.faults == []
    assert any("the part that the exporter may read" in line for line in found.not_proven)
    assert b"task.secret" not in (folder / "entries.jsonl").read_bytes()


def test_the_size_of_the_log_is_told_only_to_those_cleared_for_everything(hall: Hall) -> None:
    hall.act("anna", "INTERNAL")
    hall.vault.audit_log.take_up()
    assert hall.program("low").get(f"{API}/state").json()["size"] is None
    assert hall.program("top").get(f"{API}/state").json()["size"] > 0


def test_administrators_and_auditors_are_told_when_the_log_was_rolled_back(hall: Hall) -> None:
    hall.person("ada", {"level": "Public"}, "administrator")
    hall.act("anna", "INTERNAL")
    hall.vault.audit_log.take_up()
    place = Place(hall.checkpoints, hall.vault)
    place.write(hall.vault.audit_log.head())
    assert hall.program("ada").get(f"{API}/state").json()["state"] == "in_order"
    later = place.folder / f"{10**6:016}"
    later.write_text(hall.vault.audit_log.signer.checkpoint(10**6, bytes(32)))
    for login in ("ada", "low"):
        told = hall.program(login).get(f"{API}/state").json()
        assert told["state"] == "refused"
        assert "1000000" not in told["trouble"]
    assert "rolled back" in hall.program("top").get(f"{API}/state").json()["trouble"]
