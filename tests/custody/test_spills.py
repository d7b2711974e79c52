"""A spill takes things out of sight at once, and a purge leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from strongroom.vault import lineage_check, remark

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
    assert lineage_check.check(busy.vault) == []


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
    assert lineage_check.check_all(busy.vault, blobs=True) == []


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
    assert lineage_check.check_all(busy.vault, blobs=True) == []


def everything_seen(house: Any, login: str) -> dict[str, bytes]:
    """What somebody gets who asks for whatever there is, byte for byte."""
    project, imported = house.project, house.truth("select id from import order by id")[0][0]
    paths = [
        "/home",
        "/levels",
        "/projects",
        f"/projects/{project}",
        f"/projects/{project}/tasks?limit=500",
        f"/projects/{project}/progress",
        f"/projects/{project}/imports",
        f"/projects/{project}/datasets",
        f"/trace/project/{project}",
        f"/trace/import/{imported}",
        "/spills",
        "/remarkings",
        *(f"/tasks/{task}" for task in sorted(house.tasks.values())),
    ]
    return {path: house.ask(login, "GET", path).raw for path in paths}


def test_what_happens_to_hidden_things_is_not_noticed(busy: Any) -> None:
    """Two worlds in one: nobody without the clearance can tell a spill, a purge or a raise above them."""
    busy.export()
    busy.answer("olga", level=HIGHER)
    busy.export(level=HIGHER)
    person = busy.people["otto"]
    roles = {"roles": ["manager", "reviewer", "analyst"]}
    busy.done("olga", "PUT", f"/projects/{busy.project}/members/{person}", roles, level="PUBLIC")
    before = {login: everything_seen(busy, login) for login in ("otto", "anna", "stranger")}
    ask_higher = {
        "kind": "task",
        "thing_id": busy.tasks["t3"],
        "to": "RESTRICTED//PHI/PII//FOR HARBOUR",
        "reason": "more",
    }
    assert busy.ask("odile", "POST", "/remarkings", ask_higher, level=HIGHER).status == 201
    spill = busy.spill("task", busy.tasks["t4"], by="odile", level=HIGHER)
    busy.decide(spill["id"], "purge", by="odile", level=HIGHER)
    after = {login: everything_seen(busy, login) for login in before}
    for login, seen in before.items():
        for path, answer in seen.items():
            assert after[login][path] == answer, (login, path)


def test_put_back_by_another_officer_it_is_as_it_was(busy: Any) -> None:
    dataset = busy.export()
    task = busy.tasks["t1"]
    whole = busy.ask("olga", "GET", f"/tasks/{task}").raw
    spill = busy.spill("task", task)["id"]
    own = busy.ask("otto", "POST", f"/spills/{spill}/decisions", {"decision": "release"})
    assert own.status == 403
    busy.decide(spill, "release", by="odile")
    assert busy.ask("olga", "GET", f"/tasks/{task}").raw == whole
    assert busy.download("olga", dataset).status == 200
    assert busy.queue_is_right()
    again = busy.ask("odile", "POST", f"/spills/{spill}/decisions", {"decision": "remark", "to": HIGHER})
    assert again.status == 409
    assert lineage_check.check_all(busy.vault, blobs=True) == []


def test_a_spilled_answer_takes_draft_and_datasets_along_and_its_slot_is_open_again(busy: Any) -> None:
    dataset = busy.export()
    answer, task = busy.truth("select id, task_id from annotation order by submitted_at limit 1")[0]
    spill = busy.spill("annotation", answer)
    assert {"annotation", "assignment", "dataset", "blob"} <= {kind for kind, _ in kinds(spill)}
    assert ("task", INTERNAL) not in kinds(spill)
    assert busy.queue_is_right()
    assert busy.truth("select open_slots, submitted from task where id = :t", t=task) == [(2, 0)]
    assert busy.download("olga", dataset).status == 404
    busy.decide(spill["id"], "purge")
    assert busy.truth("select count(*) from assignment where task_id = :t", t=task) == [(0,)]
    assert b"with her own eyes" not in b"".join(
        file.read_bytes() for file in busy.vault.folder.rglob("*") if file.is_file()
    )
    assert busy.queue_is_right()
    assert busy.answer("anna")[0] == task  # as if it had never been answered
    assert lineage_check.check_all(busy.vault, blobs=True) == []


def test_what_came_of_it_meanwhile_is_held_too(busy: Any) -> None:
    """Two spills that overlap: the first one's things don't come back while the second holds what they were made from."""
    dataset = busy.export()
    first = busy.spill("dataset", dataset)["id"]
    second = busy.spill("task", busy.tasks["t1"])["id"]
    refused = busy.ask("odile", "POST", f"/spills/{first}/decisions", {"decision": "release"})
    assert refused.status == 409
    busy.decide(second, "release", by="odile")
    busy.decide(first, "release", by="odile")
    assert busy.download("olga", dataset).status == 200
    assert lineage_check.check(busy.vault) == []


def test_told_again_it_is_the_same_spill(busy: Any) -> None:
    task = busy.tasks["t1"]
    first, again = busy.spill("task", task), busy.spill("task", task)
    assert first["id"] == again["id"]
    assert busy.truth("select count(*) from spill") == [(1,)]


def test_only_officers_at_the_level_of_the_thing(busy: Any) -> None:
    body = {"kind": "task", "thing_id": busy.tasks["t1"], "should_be": "purge", "reason": "because"}
    assert busy.ask("olga", "POST", "/spills", body).status == 403
    assert busy.ask("greta", "GET", "/spills").status == 403
    assert busy.ask("otto", "POST", "/spills", body, level="PUBLIC").status == 403
    assert busy.ask("stranger", "POST", "/spills", body, level="PUBLIC").status == 404
    assert busy.truth("select count(*) from spill") == [(0,)]


def test_an_export_that_was_under_way_does_not_bring_it_out(busy: Any) -> None:
    begun = busy.ask("olga", "POST", f"/projects/{busy.project}/exports", {"name": "late"})
    busy.spill("task", busy.tasks["t1"])
    made = busy.done("olga", "GET", f"/datasets/{begun.body['id']}")
    assert made["job"]["state"] == "done"
    assert SECRET not in busy.download("olga", begun.body["id"]).raw


def test_nothing_half_done_is_left_when_a_quarantine_breaks_off(busy: Any, monkeypatch: Any) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the machine dies")

    monkeypatch.setattr(remark, "record", broken)
    body = {"kind": "task", "thing_id": busy.tasks["t1"], "should_be": "purge", "reason": "because"}
    assert busy.ask("otto", "POST", "/spills", body).status == 500
    monkeypatch.undo()
    assert busy.ask("olga", "GET", f"/tasks/{busy.tasks['t1']}").status == 200
    assert busy.spill("task", busy.tasks["t1"])["open"]
