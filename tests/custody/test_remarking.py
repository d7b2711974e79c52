"""Other markings: up at once by one person, any other way with a second person's word."""

from __future__ import annotations

from typing import Any

from strongroom.vault import lineage_check

INTERNAL = "INTERNAL//FOR HARBOUR"
HIGHER = "CONFIDENTIAL//PII//FOR HARBOUR"


def ask(house: Any, login: str, kind: str, thing_id: str, to: str, *, level: str = INTERNAL) -> Any:
    body = {"kind": kind, "thing_id": thing_id, "to": to, "reason": "it names a person"}
    return house.ask(login, "POST", "/remarkings", body, level=level)


def test_raised_at_once_with_everything_that_came_of_it(busy: Any) -> None:
    task, dataset = busy.tasks["t1"], busy.export()
    raised = ask(busy, "olga", "task", task, HIGHER)
    assert (raised.status, raised.body["state"], raised.body["raises"]) == (201, "done", True)
    assert busy.marking_of("task", task) == busy.marking_of("dataset", dataset) == HIGHER
    assert busy.ask("anna", "GET", f"/tasks/{task}").status == 404
    assert lineage_check.check_all(busy.vault, blobs=True) == []


def test_told_again_a_raise_is_the_same_raise(busy: Any) -> None:
    task = busy.tasks["t1"]
    first = ask(busy, "otto", "task", task, HIGHER)  # out of his own sight
    again = ask(busy, "otto", "task", task, HIGHER)
    assert (again.status, again.body) == (201, first.body)
    assert busy.truth("select count(*) from remarking") == [(1,)]


def test_above_ones_own_clearance_is_allowed_and_out_of_sight(busy: Any) -> None:
    task = busy.tasks["t2"]
    assert ask(busy, "otto", "task", task, "RESTRICTED//PHI//FOR HARBOUR").status == 201
    assert busy.ask("otto", "GET", f"/trace/task/{task}").status == 404


def test_lower_needs_another_officer_and_a_request(busy: Any) -> None:
    task = busy.tasks["t3"]
    asked = ask(busy, "odile", "task", task, INTERNAL, level=HIGHER)
    assert (asked.status, asked.body["state"]) == (201, "asked")
    assert busy.marking_of("task", task) == HIGHER
    path = f"/remarkings/{asked.body['id']}/approve"
    assert busy.ask("odile", "POST", path, level=HIGHER).status == 403  # herself
    assert busy.ask("otto", "POST", path).status == 404  # not cleared for it
    assert busy.ask("olga", "POST", path, level=HIGHER).status == 403  # no officer
    assert busy.ask("oskar", "POST", path, level=INTERNAL).status == 403  # at another level
    assert busy.marking_of("task", task) == HIGHER
    assert busy.done("oskar", "POST", path, level=HIGHER)["decided_by"]["login"] == "oskar"
    assert busy.marking_of("task", task) == INTERNAL
    assert busy.ask("oskar", "POST", path, level=HIGHER).status == 409
    assert busy.queue_is_right()
    assert lineage_check.check(busy.vault) == []


def test_what_hangs_on_a_lowered_task_comes_along_and_a_dataset_of_more_stays(busy: Any) -> None:
    # A task at the higher marking with an answer, in a dataset with another one of that marking.
    task, _ = busy.answer("olga", level=HIGHER)
    dataset = busy.export(level=HIGHER)
    asked = ask(busy, "odile", "task", task, INTERNAL, level=HIGHER).body["id"]
    busy.done("oskar", "POST", f"/remarkings/{asked}/approve", level=HIGHER)
    assert busy.marking_of("dataset", dataset) == HIGHER
    answers = busy.truth("select id from assignment where task_id = :t", t=task)
    assert [busy.marking_of("assignment", answer) for (answer,) in answers] == [INTERNAL]
    assert busy.queue_is_right()
    assert lineage_check.check(busy.vault) == []


def test_refused_it_stays_as_it_was(busy: Any) -> None:
    task = busy.tasks["t3"]
    asked = ask(busy, "odile", "task", task, INTERNAL, level=HIGHER).body["id"]
    refused = busy.done("oskar", "POST", f"/remarkings/{asked}/refuse", level=HIGHER)
    assert (refused["state"], busy.marking_of("task", task)) == ("refused", HIGHER)


def test_aside_is_a_request_too_and_below_the_sources_nothing_goes(busy: Any) -> None:
    task = busy.tasks["t3"]
    assert (
        ask(busy, "odile", "task", task, "CONFIDENTIAL//PHI//FOR HARBOUR", level=HIGHER).body["state"]
        == "asked"
    )
    for too_low in ("PUBLIC", "INTERNAL", "INTERNAL//FOR RELIEF"):
        lower = ask(busy, "odile", "task", task, too_low, level=HIGHER)
        assert (lower.status, lower.body["code"]) == (422, "invalid")


def test_a_raised_project_takes_everything_and_everybody_along(busy: Any) -> None:
    dataset = busy.export()
    assert ask(busy, "olga", "project", busy.project, "INTERNAL//FOR HARBOUR", level="PUBLIC").status == 201
    for table in ("project", "import", "task", "membership", "dataset", "derivation_edge", "import_tally"):
        texts = busy.truth(f"select distinct m.text from {table} t join marking m on m.id = t.marking_id")
        assert {text for (text,) in texts} <= {INTERNAL, HIGHER}, table
    assert busy.ask("stranger", "GET", f"/trace/project/{busy.project}", level="PUBLIC").status == 404
    assert busy.download("olga", dataset).status == 200
    assert busy.answer("bert")
    assert busy.queue_is_right()
    assert lineage_check.check(busy.vault) == []


def test_what_meets_its_like_at_the_new_marking_gets_out_of_its_way(busy: Any) -> None:
    """The same text is a task at both markings, and both have a first dataset."""
    low, high = busy.export(), busy.export(level=HIGHER)
    assert ask(busy, "olga", "project", busy.project, HIGHER, level="PUBLIC").status == 201
    assert busy.marking_of("task", busy.tasks["t1"]) == busy.marking_of("task", busy.tasks["t4"]) == HIGHER
    versions = busy.truth("select id, version from dataset")
    assert {id_ for id_, _ in versions} == {low, high}
    assert len({version for _, version in versions}) == 2
    assert busy.truth("select added from import_tally") == [(4,)]
    for dataset in (low, high):
        assert busy.download("olga", dataset, level=HIGHER).status == 200
    given = {busy.answer("olga", level=HIGHER)[0] for _ in range(4)}
    assert given == set(busy.tasks.values())  # nobody's way through the queue passes by one
    assert busy.queue_is_right()
    assert lineage_check.check_all(busy.vault, blobs=True) == []


def test_only_those_with_a_right_to_it(busy: Any) -> None:
    task = busy.tasks["t1"]
    assert ask(busy, "anna", "task", task, HIGHER).status == 403
    assert ask(busy, "greta", "task", task, HIGHER).status == 403
    assert ask(busy, "stranger", "task", task, HIGHER, level="PUBLIC").status == 404
    assert ask(busy, "olga", "task", task, HIGHER, level="PUBLIC").status == 403
    assert ask(busy, "olga", "task", task, "NONSENSE").status == 422
    assert ask(busy, "olga", "task", task, INTERNAL).status == 409


def test_each_marking_learns_of_a_raise_what_concerns_it(busy: Any) -> None:
    busy.export(level=HIGHER)
    task = busy.tasks["t1"]
    ask(busy, "olga", "task", task, HIGHER)
    entries = busy.truth(
        "select m.text, e.facts from audit_entry e join marking m on m.id = e.marking_id"
        " where e.action = 'marking.raise' order by m.text"
    )
    assert {text for text, _ in entries} == {INTERNAL, HIGHER}
