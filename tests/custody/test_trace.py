"""Where a thing came from, where it went, who saw it: as far as who asks may see, and no hint of more."""

from __future__ import annotations

import re
from typing import Any

from strongroom.vault import trace

INTERNAL = "INTERNAL//FOR HARBOUR"
HIGHER = "CONFIDENTIAL//PII//FOR HARBOUR"


def groups(found: Any, side: str) -> dict[str, int]:
    return {each["kind"]: each["things"] for each in found["groups"] if each["side"] == side}


def test_from_an_answer_back_to_its_project_and_on_to_the_dataset(busy: Any) -> None:
    busy.export()
    (answer,) = (id_ for (id_,) in busy.truth("select id from annotation limit 1"))
    found = busy.done("olga", "GET", f"/trace/annotation/{answer}")
    assert groups(found, "from") == {"task": 1, "assignment": 1, "import": 1, "project": 1}
    assert {"dataset": 1, "blob": 1}.items() <= groups(found, "to").items()
    back = busy.done("olga", "GET", f"/trace/dataset/{busy.truth('select id from dataset')[0][0]}")
    assert groups(back, "from")["annotation"] == 2


def test_a_trace_is_trimmed_without_a_hint(busy: Any) -> None:
    """Whoever may not see the higher tasks gets, byte for byte, what they got before there were any derived things."""
    (imported,) = {row[0] for row in busy.truth("select import_id from task")}
    before = busy.ask("otto", "GET", f"/trace/import/{imported}")
    busy.answer("olga", level=HIGHER)
    busy.export(level=HIGHER)
    after = busy.ask("otto", "GET", f"/trace/import/{imported}")
    assert after.raw == before.raw
    assert groups(after.body, "to")["task"] == 2
    assert groups(busy.done("olga", "GET", f"/trace/import/{imported}"), "to")["task"] == 4


def test_who_may_ask(busy: Any) -> None:
    path = f"/trace/task/{busy.tasks['t1']}"
    assert busy.ask("anna", "GET", path).status == 403  # an annotator reads no project's data
    assert busy.ask("stranger", "GET", path, level="PUBLIC").status == 404
    assert busy.ask("greta", "GET", path).body["may_see_who"]
    assert busy.ask("greta", "GET", f"{path}/acts").status == 200
    person = busy.people["bert"]
    busy.done(
        "olga",
        "PUT",
        f"/projects/{busy.project}/members/{person}",
        {"roles": ["analyst"]},
        level="PUBLIC",
    )
    analyst = busy.ask("bert", "GET", path).body
    assert (analyst["may_see_who"], analyst["may_remark"], analyst["may_report"]) == (False, False, False)
    assert busy.ask("bert", "GET", f"{path}/acts").status == 403


def test_who_saw_it_names_people_and_acts(busy: Any) -> None:
    dataset = busy.export()
    busy.download("olga", dataset)
    (task,) = (row[0] for row in busy.truth("select task_id from annotation limit 1"))
    acts = busy.done("greta", "GET", f"/trace/task/{task}/acts")["items"]
    assert ("task.claim", "anna") in {(each["action"], each["person"]["login"]) for each in acts}
    assert ("annotation.submit", "anna") in {(each["action"], each["person"]["login"]) for each in acts}
    taken = busy.done("olga", "GET", f"/trace/dataset/{dataset}/acts")["items"]
    assert "dataset.download" in {each["action"] for each in taken}


def test_groups_are_paged_and_go_no_further_than_they_say(busy: Any, monkeypatch: Any) -> None:
    busy.bring([{"id": f"n{n}", "text": f"Row number {n} of many."} for n in range(60)], name="more.jsonl")
    dataset = busy.export()
    path = f"/trace/dataset/{dataset}/from/task"
    first = busy.done("olga", "GET", f"{path}?limit=50")
    rest = busy.done("olga", "GET", f"{path}?limit=50&cursor={first['next']}")
    assert len({each["id"] for each in first["items"] + rest["items"]}) == 62
    assert rest["next"] is None
    monkeypatch.setattr(trace, "MOST", 10)
    found = busy.done("olga", "GET", f"/trace/dataset/{dataset}")
    (task,) = (each for each in found["groups"] if each["kind"] == "task")
    assert (task["things"], task["more"]) == (10, True)


def test_a_file_belongs_to_the_project_of_its_dataset(busy: Any) -> None:
    busy.export()
    (blob,) = (row[0] for row in busy.truth("select jsonl_blob_id from dataset"))
    found = busy.done("olga", "GET", f"/trace/blob/{blob}")
    assert (found["project_id"], groups(found, "from")["dataset"]) == (busy.project, 1)
    assert busy.ask("anna", "GET", f"/trace/blob/{blob}").status == 403


def test_what_is_no_thing_is_not_found(busy: Any) -> None:
    task = busy.tasks["t1"]
    for path in (
        "nonsense/1",
        f"person/{task}",
        f"audit_entry/{task}",
        f"membership/{task}",
        f"dataset/{task}",
    ):
        assert busy.ask("olga", "GET", f"/trace/{path}").status == 404
    assert busy.ask("olga", "GET", f"/trace/task/{task}/to/import").status == 404


def test_asking_is_on_record_as_high_as_what_was_shown(busy: Any) -> None:
    (imported,) = {row[0] for row in busy.truth("select import_id from task")}
    busy.done("olga", "GET", f"/trace/import/{imported}")
    sql = (
        "select m.text from audit_entry e join marking m on m.id = e.marking_id"
        " where e.action = 'trace.read' and e.object_id = :id"
    )
    assert busy.truth(sql, id=imported) == [(HIGHER,)]


def test_kinds_are_named_as_tables_are(busy: Any) -> None:
    found = busy.done("olga", "GET", f"/trace/project/{busy.project}", level="PUBLIC")
    assert all(re.fullmatch(r"[a-z_]+", each["kind"]) for each in found["groups"])
    assert "derivation_edge" not in groups(found, "to")
