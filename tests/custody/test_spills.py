"""A spill takes things out of sight at once, and a purge leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from strongroom.vault import lineage

SECRET = b"The harbour master keeps the blue ledger"
INTERNAL = "INTERNAL//FOR HARBOUR"
HIGHER = "CONFIDENTIAL//PII//FOR HARBOUR"


def kinds(spill: Any) -> dict[tuple[str, str], int]:
    return {(each["kind"], each["marking"]["text"]): each["quarantined"] for each in spill["affected"]}


def holders(folder: Path, content: bytes) -> list[str]:
    """Files under a folder that hold some bytes, in UTF-8 or UTF-16."""
    forms = (content, content.decode().encode("utf-16-le"))
    return [
        str(file.relative_to(folder))
        for file in sorted(folder.rglob("*"))
        if file.is_file() and any(form in file.read_bytes() for form in forms)
    ]


def test_a_spilled_task_is_gone_with_the_next_request_and_all_that_came_of_it(busy: Any) -> None:
    low, high = busy.export(), busy.export(level=HIGHER)
    task = busy.tasks["t1"]
    assert busy.ask("olga", "GET", f"/tasks/{task}").status == 200
    spill = busy.spill("task", task)
    for path in (f"/tasks/{task}", f"/datasets/{low}", f"/datasets/{high}", f"/trace/task/{task}"):
        absent = busy.ask("olga", "GET", path.replace(path.split("/")[-1], "0" * 32))
        gone = busy.ask("olga", "GET", path)
        assert (gone.status, gone.raw) == (404, absent.raw), path
    assert busy.download("olga", low).status == 404
    assert {
        ("task", INTERNAL): 1,
        ("assignment", INTERNAL): 1,
        ("annotation", INTERNAL): 1,
        ("dataset", INTERNAL): 1,
        ("blob", INTERNAL): 1,
    }.items() <= kinds(spill).items()
    assert {marking for _, marking in kinds(spill)} == {INTERNAL}
    assert lineage.check(busy.vault) == []


def test_who_is_cleared_for_more_sees_more_of_a_spill(busy: Any) -> None:
    busy.export()
    busy.export(level=HIGHER)
    spill = busy.spill("task", busy.tasks["t1"])
    wider = busy.done("odile", "GET", f"/spills/{spill['id']}")
    assert kinds(wider)["dataset", HIGHER] == 1
    assert ("dataset", HIGHER) not in kinds(spill)
    assert busy.ask("stranger", "GET", f"/spills/{spill['id']}", level="PUBLIC").status == 404


def test_a_purge_leaves_the_bytes_nowhere(busy: Any) -> None:
    other = busy.export(level=HIGHER)
    busy.spill("task", busy.tasks["t4"], by="odile", level=HIGHER)
    spill = busy.done("odile", "GET", "/spills")["items"][0]["id"]
    busy.decide(spill, "purge", by="odile", level=HIGHER)
    busy.spill("task", busy.tasks["t1"])
    (first, _) = [each["id"] for each in busy.done("odile", "GET", "/spills")["items"]]
    decided = busy.decide(first, "purge")
    assert decided["state"] == "done"
    assert decided["proof"]["clean"], decided["proof"]
    assert holders(busy.vault.folder, SECRET) == []
    assert busy.ask("odile", "GET", f"/datasets/{other}", level=HIGHER).status == 404
    assert lineage.check_all(busy.vault, blobs=True) == []


def test_a_purge_is_clean_while_somebody_else_keeps_the_same_text(busy: Any) -> None:
    """The report may not tell of a copy that its reader can't see: what other things hold is theirs."""
    spill = busy.spill("task", busy.tasks["t1"])
    decided = busy.decide(spill["id"], "purge")
    assert decided["proof"]["clean"]
    assert busy.truth("select count(*) from task where text like '%blue ledger%'") == [(1,)]
    assert busy.ask("olga", "GET", f"/tasks/{busy.tasks['t4']}", level=HIGHER).status == 200


def test_marked_anew_everything_comes_back_higher(busy: Any) -> None:
    dataset = busy.export()
    task = busy.tasks["t1"]
    spill = busy.spill("task", task, should_be=HIGHER)
    busy.decide(spill["id"], "remark")
    assert busy.marking_of("task", task) == HIGHER
    assert busy.marking_of("dataset", dataset) == HIGHER
    assert busy.download("olga", dataset, level=HIGHER).status == 200
    assert busy.ask("anna", "GET", f"/tasks/{task}").status == 404
    assert busy.queue_is_right()
    assert lineage.check_all(busy.vault, blobs=True) == []
