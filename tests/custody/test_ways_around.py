"""Ways to see, or to leave in sight, what two named people didn't release: each is tried here."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

import pytest

from strongroom.jobs import run_waiting
from strongroom.people.tokens import issue
from strongroom.vault import BlobStore, clock, lineage_check

INTERNAL = "INTERNAL//FOR HARBOUR"
HIGHER = "CONFIDENTIAL//PII//FOR HARBOUR"
HIGHEST = "RESTRICTED//PII/PHI//FOR HARBOUR"
TOLD = "Somebody keeps the red ledger in the boat house."


def ask(house: Any, login: str, kind: str, thing_id: str, to: str, *, level: str = INTERNAL) -> Any:
    body = {"kind": kind, "thing_id": thing_id, "to": to, "reason": "it names a person"}
    return house.ask(login, "POST", "/remarkings", body, level=level)


def review(house: Any, task: str, **more: Any) -> Any:
    body = {"result": {"kind": "fire", "note": TOLD}, "note": "as the harbour master says"}
    return house.ask("olga", "POST", f"/tasks/{task}/review", body, **more)


def told(house: Any) -> str:
    """The id of an answer that says it."""
    _, assignment = house.answer("bert", note=TOLD)
    ((answer,),) = house.truth("select id from annotation where assignment_id = :a", a=assignment)
    return str(answer)


def test_a_yes_is_to_what_the_thing_was_when_it_was_asked_about(busy: Any) -> None:
    """It was raised since, above the head of who says yes."""
    task = busy.tasks["t3"]
    asked = ask(busy, "odile", "task", task, INTERNAL, level=HIGHER).body["id"]
    assert ask(busy, "olga", "task", task, HIGHEST, level=HIGHER).status == 201
    assert busy.ask("oskar", "GET", f"/trace/task/{task}", level=HIGHER).status == 404
    late = busy.ask("oskar", "POST", f"/remarkings/{asked}/approve", level=HIGHER)
    assert busy.marking_of("task", task) == HIGHEST
    assert (late.status, late.body["code"]) == (404, "not_found")
    assert busy.ask("anna", "GET", f"/tasks/{task}").status == 404


@pytest.mark.parametrize("to", [INTERNAL, "INTERNAL", "PUBLIC"])
def test_who_reported_it_does_not_put_it_back_by_marking_it_as_it_was(busy: Any, to: str) -> None:
    task = busy.tasks["t1"]
    spill = busy.spill("task", task)["id"]
    body = {"decision": "remark", "to": to}
    back = busy.ask("otto", "POST", f"/spills/{spill}/decisions", body)
    assert (back.status, busy.ask("olga", "GET", f"/tasks/{task}").status) == (403, 404)
    assert busy.ask("odile", "POST", f"/spills/{spill}/decisions", body).status == 201
    assert busy.ask("olga", "GET", f"/tasks/{task}").status == 200


def test_what_a_reviewer_wrote_goes_from_wherever_it_was_repeated(busy: Any) -> None:
    """From what was agreed, from gold, from a later decision, from datasets, and from the answer to a repeated request."""
    task, _ = busy.answer("bert")
    key = {"headers": {"Idempotency-Key": "the same request"}}
    assert review(busy, task, **key).status == 200
    busy.done("olga", "PUT", f"/tasks/{task}/gold", {"explanation": "look at the note"})
    dataset = busy.export()
    assert TOLD in busy.ask("olga", "GET", f"/tasks/{task}").raw.decode()
    assert review(busy, task, **key).status == 200
    ((wrote,),) = busy.truth("select id from adjudication")
    busy.spill("adjudication", wrote)
    shown = busy.ask("olga", "GET", f"/tasks/{task}")
    assert (shown.status, TOLD in shown.raw.decode()) == (200, False)
    assert busy.ask("olga", "GET", f"/datasets/{dataset}").status == 404
    assert busy.truth(
        "select count(*) from task_consensus t join marking m on m.id = t.marking_id"
        " where m.text = :m and t.task_id = :t",
        m=INTERNAL,
        t=task,
    ) == [(0,)]
    again = review(busy, task, **key)
    assert TOLD not in again.raw.decode()


def test_an_answer_taken_out_of_sight_is_not_told_again_to_a_repeated_request(busy: Any) -> None:
    task, assignment = busy.answer("bert", note=TOLD)
    key = {"headers": {"Idempotency-Key": "the same request"}}
    body = {"result": {"kind": "fire"}, "note": ""}
    first = busy.ask("olga", "POST", f"/tasks/{task}/review", body, **key)
    assert TOLD in first.raw.decode()
    ((answer,),) = busy.truth("select id from annotation where assignment_id = :a", a=assignment)
    busy.spill("annotation", answer)
    again = busy.ask("olga", "POST", f"/tasks/{task}/review", body, **key)
    assert TOLD not in again.raw.decode()


def test_an_export_under_way_does_not_bring_out_an_answer_that_was_spilled_meanwhile(
    busy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = told(busy)
    spill = {"kind": "annotation", "thing_id": answer, "should_be": "purge", "reason": "not here"}
    staged = BlobStore.stage

    def spill_it(store: BlobStore, parts: Any) -> Any:
        done = staged(store, parts)
        if not busy.truth("select id from spill"):
            assert busy.ask("otto", "POST", "/spills", spill).status == 201
        return done

    monkeypatch.setattr(BlobStore, "stage", spill_it)
    made = busy.ask("olga", "POST", f"/projects/{busy.project}/exports", {"name": "out"}).body["id"]
    run_waiting(busy.vault)
    download = busy.download("olga", made)
    assert TOLD not in download.raw.decode()


def test_what_was_agreed_is_not_put_down_of_an_answer_that_was_spilled_meanwhile(
    busy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy.answer("bert")
    judging = sys.modules["strongroom.label.judge.look"]
    judge = judging.judge

    def spill_it(evidence: Any) -> Any:
        for (answer,) in busy.truth(
            "select id from annotation where cast(result as text) like '%red ledger%'"
        ):
            spill = {"kind": "annotation", "thing_id": answer, "should_be": "purge", "reason": "not here"}
            assert busy.ask("otto", "POST", "/spills", spill).status == 201
        return judge(evidence)

    monkeypatch.setattr(judging, "judge", spill_it)
    with clock.at(clock.now() + timedelta(minutes=1)):  # when nobody has ordered a look yet
        told(busy)
    assert busy.truth("select count(*) from spill") == [(1,)]
    left = busy.truth(
        "select t.value from task_consensus t join marking m on m.id = t.marking_id where m.text = :m",
        m=INTERNAL,
    )
    assert TOLD not in str(left)


def test_a_trace_read_up_there_does_not_show_in_the_log_down_here(busy: Any) -> None:
    dataset = busy.export(level=HIGHER)
    path = f"/trace/dataset/{dataset}/from/project"
    assert busy.ask("odile", "GET", path).status == 200
    assert busy.ask("odile", "GET", f"/trace/dataset/{dataset}/acts").status == 200
    entries = busy.truth(
        "select m.text from audit_entry e join marking m on m.id = e.marking_id"
        " where e.action like 'trace.%' and e.object_id = :d",
        d=dataset,
    )
    assert {text for (text,) in entries} == {HIGHER}


@pytest.mark.parametrize("path", ["/spills", "/spills/{spill}", "/spills/{spill}/things", "/remarkings"])
def test_whatever_custody_shows_is_on_record(busy: Any, path: str) -> None:
    ask(busy, "olga", "task", busy.tasks["t2"], HIGHER)
    spill = busy.spill("task", busy.tasks["t1"])["id"]
    ((before,),) = busy.truth("select count(*) from audit_entry")
    busy.done("otto", "GET", path.format(spill=spill))
    ((after,),) = busy.truth("select count(*) from audit_entry")
    assert after == before + 1


def test_the_proof_of_a_purge_says_nothing_of_what_was_hidden_from_its_reader(busy: Any) -> None:
    busy.export(level=HIGHER)
    spill = busy.spill("task", busy.tasks["t1"])
    assert "dataset" not in str(spill["affected"])
    proof = busy.decide(spill["id"], "purge")["proof"]
    assert proof["clean"]
    assert "dataset" not in str(proof)
    assert "every row of the database" not in str(proof)  # which is what nobody can look through


def test_to_somebody_without_a_part_in_it_a_thing_is_absent(busy: Any) -> None:
    """Cleared for it, with no role in its project and no duty."""
    member = f"/projects/{busy.project}/members/{busy.people['bert']}"
    assert busy.ask("olga", "DELETE", member, level="PUBLIC").status == 204
    dataset, imported = busy.export(), busy.truth("select id from import")[0][0]
    task = busy.tasks["t1"]
    absent = "0" * 32
    for path in (
        "/tasks/{}",
        "/datasets/{}",
        "/imports/{}",
        "/trace/task/{}",
        "/trace/task/{}/acts",
        "/trace/task/{}/from/project",
        "/trace/dataset/{}",
    ):
        thing = dataset if "dataset" in path else imported if "import" in path else task
        hidden = busy.ask("bert", "GET", path.format(thing))
        assert (hidden.status, hidden.raw) == (404, busy.ask("bert", "GET", path.format(absent)).raw), path
    raised = ask(busy, "bert", "task", task, HIGHER)
    assert (raised.status, raised.raw) == (404, ask(busy, "bert", "task", absent, HIGHER).raw)


def test_what_was_in_a_removed_project_is_absent_for_its_people_and_there_for_an_officer(busy: Any) -> None:
    task = busy.tasks["t1"]
    assert busy.ask("olga", "DELETE", f"/projects/{busy.project}", level="PUBLIC").status == 204
    for path in (f"/trace/task/{task}", f"/trace/project/{busy.project}", f"/trace/task/{task}/acts"):
        assert busy.ask("olga", "GET", path).status == 404, path
        assert busy.ask("otto", "GET", path).status == 200, path
    assert ask(busy, "olga", "task", task, HIGHER).status == 404
    assert busy.spill("task", task)


def test_what_came_of_something_purged_can_be_asked_about(busy: Any) -> None:
    dataset = busy.export()
    spill = busy.spill("task", busy.tasks["t1"])["id"]
    busy.decide(spill, "purge", kinds=["task"])
    busy.decide(spill, "remark", to=HIGHER, kinds=["dataset", "blob"])
    assert busy.marking_of("dataset", dataset) == HIGHER
    asked = ask(busy, "odile", "dataset", dataset, "CONFIDENTIAL//PHI//FOR HARBOUR", level=HIGHER)
    assert (asked.status, asked.body["state"]) == (201, "asked")


def test_a_spill_up_there_takes_nothing_away_down_here(busy: Any) -> None:
    """An answer was raised alone. What was made down here afterwards isn't of it, and nobody up there moves it."""
    task, assignment = busy.answer("bert", note=TOLD)
    ((answer,),) = busy.truth("select id from annotation where assignment_id = :a", a=assignment)
    assert ask(busy, "olga", "annotation", answer, HIGHER).status == 201
    dataset = busy.export()
    assert TOLD not in busy.download("olga", dataset).raw.decode()
    assert review(busy, task).status == 200
    busy.done("olga", "PUT", f"/tasks/{task}/gold", {"explanation": ""})
    before = [busy.ask("anna", "GET", path).raw for path in ("/projects",)]
    shown = busy.ask("otto", "GET", f"/trace/task/{task}").body["groups"]
    spill = busy.spill("annotation", answer, by="odile", level=HIGHER)
    assert {each["marking"]["text"] for each in spill["affected"]} == {HIGHER}
    assert busy.ask("olga", "GET", f"/datasets/{dataset}").status == 200
    assert busy.ask("otto", "GET", f"/trace/task/{task}").body["groups"] == shown
    assert before == [busy.ask("anna", "GET", path).raw for path in ("/projects",)]


def test_what_a_thing_may_be_marked_does_not_depend_on_what_it_was_not_made_from(busy: Any) -> None:
    """And the refusal names no marking that its reader can't see."""
    answer = told(busy)
    assert ask(busy, "olga", "annotation", answer, HIGHEST).status == 201
    dataset = busy.export()
    assert ask(busy, "olga", "dataset", dataset, HIGHER).status == 201
    asked = ask(busy, "odile", "dataset", dataset, INTERNAL, level=HIGHER).body["id"]
    done = busy.ask("oskar", "POST", f"/remarkings/{asked}/approve", level=HIGHER)
    assert "RESTRICTED" not in done.raw.decode()
    assert (done.status, busy.marking_of("dataset", dataset)) == (200, INTERNAL)


@pytest.mark.parametrize("another", [False, True])
def test_what_another_spill_holds_up_there_is_not_noticed_down_here(busy: Any, another: bool) -> None:
    dataset = busy.export(level=HIGHER)  # of a task down here and of one up there
    spill = busy.spill("task", busy.tasks["t1"])["id"]
    if another:
        above = busy.spill("task", busy.tasks["t3"], by="odile", level=HIGHER)["id"]
    assert busy.decide(spill, "remark", to="INTERNAL//PII//FOR HARBOUR")["state"] == "done"
    assert not busy.done("otto", "GET", f"/spills/{spill}")["open"]
    if another:
        assert busy.done("odile", "GET", f"/spills/{spill}")["open"]
        assert busy.ask("odile", "GET", f"/trace/dataset/{dataset}", level=HIGHER).status == 404
        again = {"decision": "remark", "to": "INTERNAL//PII//FOR HARBOUR"}
        assert busy.ask("odile", "POST", f"/spills/{spill}/decisions", again).status == 409  # not before
        busy.decide(above, "remark", by="oskar", level=HIGHER, to=HIGHER)
        busy.decide(spill, "remark", by="odile", to="INTERNAL//PII//FOR HARBOUR")
    assert busy.marking_of("dataset", dataset) == HIGHER
    assert lineage_check.check(busy.vault) == []


def test_who_took_the_report_of_a_spill_is_found_among_those_who_saw(busy: Any) -> None:
    spill = busy.spill("task", busy.tasks["t1"])["id"]
    busy.done("otto", "GET", f"/spills/{spill}/report")
    found = busy.done("greta", "GET", f"/audit/entries?question=seen&thing={spill}")["items"]
    assert [each["action"] for each in found] == ["spill.report"]


def test_a_decision_about_gold_goes_from_the_known_answer_that_it_changed(busy: Any) -> None:
    row = json.dumps({"id": "g", "text": "Smoke over the north mole.", "right": {"kind": "fire"}}) + "\n"
    busy.done(
        "olga",
        "POST",
        f"/projects/{busy.project}/imports",
        files={"file": ("gold.jsonl", row.encode())},
        data={"format": "jsonl", "options": json.dumps({"gold_column": "right"})},
    )
    ((gold,),) = busy.truth("select id from task where role = 'gold'")
    assert review(busy, gold).status == 200
    ((wrote,),) = busy.truth("select id from adjudication where task_id = :t", t=gold)
    busy.spill("adjudication", wrote)
    shown = busy.ask("olga", "GET", f"/tasks/{gold}")
    assert (shown.status, TOLD in shown.raw.decode()) == (200, False)


def test_a_token_without_the_scope_for_duties_carries_none(busy: Any) -> None:
    ask(busy, "odile", "task", busy.tasks["t3"], INTERNAL, level=HIGHER)
    with busy.vault.registry(write=True) as session:
        _, secret = issue(session, busy.people["oskar"], "reads", ["read"], days=1, longest_days=1)
    whole = busy.tokens["oskar"]
    busy.tokens["oskar"] = secret
    task = busy.tasks["t1"]
    for path in (f"/trace/task/{task}", f"/trace/task/{task}/acts", f"/trace/task/{task}/from/project"):
        assert busy.ask("oskar", "GET", path).status == 404, path
    assert busy.done("oskar", "GET", "/remarkings")["items"] == []
    busy.tokens["oskar"] = whole
    assert busy.ask("oskar", "GET", f"/trace/task/{task}").status == 200
    assert len(busy.done("oskar", "GET", "/remarkings")["items"]) == 1
