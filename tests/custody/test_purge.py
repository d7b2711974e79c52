"""A purge proves itself, survives the death of its worker, and is done again when a backup is restored."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from strongroom.custody.tables import SpillThing
from strongroom.errors import NotPermittedError
from strongroom.people import Person
from strongroom.vault import Vault, core, lineage_check, purge, purge_ledger, traces
from strongroom.vault.backup import make
from strongroom.vault.restore import restore

INTERNAL = "INTERNAL//FOR HARBOUR"
HIGHER = "CONFIDENTIAL//PII//FOR HARBOUR"
FRAGMENT = "under the third floorboard"


def forms(text: str) -> list[bytes]:
    return [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]


def holders(folder: Path, text: str = FRAGMENT) -> list[str]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return [
        str(file.relative_to(folder))
        for file in files
        if any(form in file.read_bytes() for form in forms(text))
    ]


def check_that(so: bool) -> None:
    assert so


@pytest.fixture
def spilled(busy: Any) -> tuple[Any, str, str]:
    """A task whose text nobody else has, in quarantine with all that came of it; its project's house, task and spill."""
    busy.spill("task", busy.tasks["t4"], by="odile", level=HIGHER)
    other = busy.done("odile", "GET", "/spills")["items"][0]["id"]
    busy.decide(other, "purge", by="odile", level=HIGHER)
    task = busy.tasks["t1"]
    return busy, task, busy.spill("task", task)["id"]


def test_an_export_that_holds_it_goes_with_its_file(busy: Any) -> None:
    dataset = busy.export()
    (blob,) = (row[0] for row in busy.truth("select jsonl_blob_id from dataset"))
    file = busy.vault.blobs.place(blob)
    assert file.exists()
    spill = busy.spill("dataset", dataset)
    busy.decide(spill["id"], "purge")
    assert not file.exists()
    assert busy.truth("select count(*) from blob where id = :id", id=blob) == [(0,)]
    assert busy.ask("olga", "GET", f"/tasks/{busy.tasks['t1']}").status == 200
    assert lineage_check.check_all(busy.vault, blobs=True) == []


def test_what_cannot_be_without_it_goes_too_and_the_rest_is_decided_apart(busy: Any) -> None:
    dataset = busy.export()
    task = busy.tasks["t1"]
    spill = busy.spill("task", task, should_be=HIGHER)
    refused = busy.ask(
        "otto", "POST", f"/spills/{spill['id']}/decisions", {"decision": "remark", "kinds": ["annotation"]}
    )
    assert refused.status == 409  # what it answers stays in quarantine
    busy.decide(spill["id"], "purge", kinds=["task"])
    left = {
        each["kind"]: (each["quarantined"], each["purged"])
        for each in busy.done("otto", "GET", f"/spills/{spill['id']}")["affected"]
    }
    assert left["task"] == left["annotation"] == left["assignment"] == (0, 1)
    assert left["dataset"] == left["blob"] == (1, 0)
    busy.decide(spill["id"], "remark")
    assert busy.marking_of("dataset", dataset) == HIGHER
    # The edge to what is purged stays, and is no fault: it says what the dataset was made from.
    assert busy.truth("select count(*) from derivation_edge where source_id = :t", t=task) == [(1,)]
    assert lineage_check.check_all(busy.vault, blobs=True) == []


def test_a_file_that_waits_for_its_import_goes_with_a_row_of_it(spilled: Any) -> None:
    house, _task, spill = spilled
    (imported,) = (row[0] for row in house.truth("select distinct import_id from task"))
    waiting = house.vault.folder / "uploads" / imported
    waiting.parent.mkdir(exist_ok=True)
    waiting.write_text(f"Somebody hid it {FRAGMENT} of the customs shed.")
    decided = house.decide(spill, "purge")
    assert not waiting.exists()
    assert decided["proof"]["clean"]
    assert holders(house.vault.folder) == []


def test_something_left_behind_is_found_and_said(spilled: Any) -> None:
    house, _task, spill = spilled
    forgotten = house.vault.folder / "notes.txt"
    forgotten.write_text(
        "The harbour master keeps the blue ledger under the third floorboard of the customs shed."
    )
    proof = house.decide(spill, "purge")["proof"]
    assert (proof["clean"], proof["residue"]) == (False, ["notes.txt"])


def test_a_name_in_it_of_somebody_who_stays_is_no_residue(busy: Any) -> None:
    """Statistics name people by their ids, and say when: accounts keep both."""
    olga = busy.people["olga"]
    ((since,),) = busy.truth("select cast(created_at as text) from person where id = :id", id=olga)
    busy.bring([{"id": "roll", "text": f"On watch since {since}: {olga}, the harbour master."}])
    ((task,),) = busy.truth("select id from task where external_id = 'roll'")
    proof = busy.decide(busy.spill("task", task)["id"], "purge")["proof"]
    assert (proof["clean"], proof["residue"]) == (True, [])


def test_what_people_call_a_thing_is_looked_for_as_well(busy: Any) -> None:
    name = "patient Aurelia Quist, ward nine"
    busy.bring([{"id": name, "text": "A short note."}])
    (busy.vault.folder / "notes.txt").write_text(f"They asked for {name}.")
    proof = busy.decide(busy.spill("task", busy.tasks[name])["id"], "purge")["proof"]
    assert (proof["clean"], proof["residue"]) == (False, ["notes.txt"])


@pytest.mark.only("sqlite")
def test_what_is_left_by_somebody_who_writes_meanwhile_goes_as_well(
    spilled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _task, spill = spilled
    give_up, calls = purge._give_up_bytes, []

    def then_write(vault: Vault, tables: Any) -> Any:
        done = give_up(vault, tables)
        calls.append(vault)
        if len(calls) == 1:
            with closing(sqlite3.connect(vault.folder / "strongroom.db", isolation_level=None)) as writer:
                writer.execute("pragma secure_delete = off")
                writer.execute("create table meanwhile (said text)")
                writer.execute(
                    "insert into meanwhile values (?)", (f"The blue ledger {FRAGMENT} of the customs shed.",)
                )
                writer.execute("drop table meanwhile")
        return done

    monkeypatch.setattr(purge, "_give_up_bytes", then_write)
    proof = house.decide(spill, "purge")["proof"]
    assert (proof["residue"], len(calls)) == ([], 2)
    assert holders(house.vault.folder) == []


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_it_is_found_in_other_encodings(spilled: Any, encoding: str) -> None:
    house, _task, spill = spilled
    text = "The harbour master keeps the blue ledger under the third floorboard of the customs shed."
    (house.vault.folder / "notes.bin").write_bytes(b"\1" + text.encode(encoding))
    assert house.decide(spill, "purge")["proof"]["residue"] == ["notes.bin"]


def test_escaped_as_json_it_is_found_too() -> None:
    text = 'Größe "drei", für die Hafenmeisterin am Südkai'
    prints = traces.Prints.of([text], count=1)
    for form in (
        text.encode(),
        b'"Gr\\u00f6\\u00dfe \\"drei\\", f\\u00fcr die Hafenmeisterin am S\\u00fcdkai"',
    ):
        assert len(prints.seen_in(b"something before " + form)) > 0
    assert len(prints.seen_in("Ein ganz anderer Text über einen Kai".encode())) == 0


def test_a_piece_that_spans_two_reads_is_found(tmp_path: Path) -> None:
    prints = traces.Prints.of([FRAGMENT], count=1)
    for before in range(traces._PIECE - 20, traces._PIECE + 2):
        file = tmp_path / "file"
        file.write_bytes(bytes(before) + FRAGMENT.encode() + bytes(40))
        assert len(prints.seen_in_file(file)) == len(FRAGMENT) - traces.WIDTH + 1


def test_fingerprints_hold_nothing_of_what_they_are_of() -> None:
    packed = traces.Prints.of([FRAGMENT * 3], count=1).packed()
    assert not any(FRAGMENT.encode()[at : at + 4] in packed for at in range(len(FRAGMENT) - 4))


def test_the_same_text_may_come_in_again_and_is_a_new_thing(spilled: Any) -> None:
    house, task, spill = spilled
    house.decide(spill, "purge")
    house.bring([{"id": "again", "text": f"Keep it {FRAGMENT}."}], name="again.jsonl")
    assert house.tasks["again"] != task
    assert house.ask("olga", "GET", f"/tasks/{house.tasks['again']}").status == 200


def test_the_ledger_tells_a_changed_line_and_a_missing_one(spilled: Any) -> None:
    house, task, spill = spilled
    house.decide(spill, "purge")
    ledger = house.vault.folder / purge_ledger.FILE
    lines = purge_ledger.read(house.vault, ledger)
    assert [line["number"] for line in lines] == [1, 2]
    assert task in lines[1]["things"]["task"]
    assert FRAGMENT not in ledger.read_text()
    whole = ledger.read_text().splitlines(keepends=True)
    for broken in (whole[1:], [whole[0].replace(lines[0]["case"], "0" * 32), whole[1]], [whole[1], whole[0]]):
        ledger.write_text("".join(broken))
        with pytest.raises(purge_ledger.LedgerError):
            purge_ledger.read(house.vault, ledger)


def test_a_copy_lies_in_the_second_place(
    spilled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _task, spill = spilled
    monkeypatch.setenv(purge_ledger.COPIES, str(tmp_path / "elsewhere"))
    house.decide(spill, "purge")
    copy = tmp_path / "elsewhere" / house.vault.audit_log.key.name / purge_ledger.FILE
    assert copy.read_bytes() == (house.vault.folder / purge_ledger.FILE).read_bytes()


@pytest.mark.only("sqlite")
def test_a_restored_backup_is_purged_again(spilled: Any, tmp_path: Path) -> None:
    house, task, spill = spilled
    make(house.vault, tmp_path / "backup")
    house.decide(spill, "purge")
    ledger = house.vault.folder / purge_ledger.FILE
    report = house.done("otto", "GET", f"/spills/{spill}/report")["report"]
    assert [each["path"] for each in report["backups"]] == [str(tmp_path / "backup")]
    restore(
        tmp_path / "backup",
        tmp_path / "restored",
        settle=lambda restored: check_that(purge.reapply(restored, ledger) > 1),
    )
    with Vault.open(tmp_path / "restored") as restored:
        with restored._system.reading() as connection:
            assert task in purge.purged_ids(connection)
            # What was in quarantine when the backup was made is nothing to decide about any more.
            spill_things = core(SpillThing).c
            states = select(spill_things.state).where(spill_things.spill_id == spill).distinct()
            assert connection.scalars(states).all() == ["purged"]
        assert purge_ledger.read(restored, tmp_path / "restored" / purge_ledger.FILE)
        assert lineage_check.check_all(restored, blobs=True) == []
        assert purge.reapply(restored, ledger) == 0
    assert holders(tmp_path / "restored") == []
    assert holders(tmp_path / "backup") != []


PHASES = (
    "strongroom.vault.purge._remember",
    "strongroom.vault.purge._destroy_files",
    "strongroom.vault.purge_ledger.write",
    "strongroom.vault.purge_ledger._write_aside",
    "strongroom.vault.purge._give_up_bytes",
    "strongroom.vault.residue.search",
    "strongroom.vault.purge.put_away",
)
WORKER = """
import importlib, os, signal, sys
from pathlib import Path
import strongroom.assembly
from strongroom.jobs import run_waiting
from strongroom.vault import Vault

module, _, name = sys.argv[2].rpartition(".")
home = importlib.import_module(module)
whole = getattr(home, name)

def killed(*given, **named):
    if sys.argv[3] == "after":
        whole(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(home, name, killed)
run_waiting(Vault.open(Path(sys.argv[1])))
"""


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("moment", [pytest.param("before", marks=pytest.mark.long), "after"])
@pytest.mark.parametrize("phase", PHASES)
def test_killed_in_any_phase_the_next_worker_finishes(spilled: Any, phase: str, moment: str) -> None:
    house, _task, spill = spilled
    # Asked for, and not yet done: the worker is another process, which dies.
    asked = house.ask("otto", "POST", f"/spills/{spill}/decisions", {"decision": "purge"})
    assert asked.status == 201
    died = subprocess.run(
        [sys.executable, "-c", WORKER, str(house.vault.folder), phase, moment], env=os.environ, check=False
    )
    assert died.returncode == -signal.SIGKILL
    shown = house.done("otto", "GET", f"/spills/{spill}")  # and the next worker takes it up
    shown = house.done("otto", "GET", f"/spills/{spill}")
    (decision,) = shown["decisions"]
    assert (decision["state"], decision["proof"]["clean"]) == ("done", True), decision
    assert not shown["open"]
    assert holders(house.vault.folder) == []
    assert len(purge_ledger.read(house.vault, house.vault.folder / purge_ledger.FILE)) == 2
    assert lineage_check.check_all(house.vault, blobs=True) == []


def test_a_purge_that_was_begun_is_finished_by_another_officer(
    spilled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who began it can't any more: what it left would be in the file for good, and no ledger would tell of it."""
    house, task, spill = spilled
    finish = purge.finish

    def broken(*_: Any) -> None:
        raise NotPermittedError("not any more")

    monkeypatch.setattr(purge, "finish", broken)
    begun = house.done("otto", "POST", f"/spills/{spill}/decisions", {"decision": "purge"})
    monkeypatch.setattr(purge, "finish", finish)
    with house.vault.registry(write=True) as session:
        session.get_one(Person, house.people["otto"]).duties = []
    decided = house.decide(spill, "purge", by="odile")
    assert (decided["id"], decided["state"], decided["proof"]["clean"]) == (begun["id"], "done", True)
    lines = purge_ledger.read(house.vault, house.vault.folder / purge_ledger.FILE)
    assert task in lines[-1]["things"]["task"]
    late = house.ask("odile", "POST", f"/spills/{spill}/decisions", {"decision": "purge"})
    assert late.status == 409


def test_a_purge_whose_officer_lost_the_duty_is_not_done(spilled: Any) -> None:
    house, task, spill = spilled
    asked = house.ask("otto", "POST", f"/spills/{spill}/decisions", {"decision": "purge"})
    with house.vault.registry(write=True) as session:
        session.get_one(Person, house.people["otto"]).duties = []
    house.done("greta", "GET", "/session")
    assert house.truth("select state, message from job where id = :id", id=asked.body["job"]["id"]) == [
        ("failed", "The person who decided this is no security officer any more.")
    ]
    assert house.truth("select count(*) from task where id = :t", t=task) == [(1,)]
