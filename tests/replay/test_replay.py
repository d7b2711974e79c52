"""Real answers of real crowds, replayed over HTTP while the server is killed, come out as they went in."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .crowd import annotate, create_project, export, import_rows, majority
from .plain_http import Connection
from .running_server import RunningServer
from .workspace import Staff, staff

DATA = Path(os.environ.get("STRONGROOM_DATA", Path(__file__).parents[3] / "shared/data"))
LONG = bool(os.environ.get("STRONGROOM_LONG"))
needs_data = pytest.mark.skipif(not (DATA / "crowd").is_dir(), reason=f"no {DATA}/crowd; set STRONGROOM_DATA")


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / "crowd" / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[list[str]], tuple[RunningServer, Staff]]]:
    servers: list[RunningServer] = []

    def start(annotators: list[str]) -> tuple[RunningServer, Staff]:
        people = staff(tmp_path / "workspace", annotators)
        server = RunningServer(tmp_path / "workspace", tmp_path / "server.log")
        servers.append(server)
        server.start()
        return server, people

    yield start
    for server in servers:
        server.stop()


def class_form(labels: list[str], overlap: int, **rules: Any) -> dict[str, Any]:
    return {
        "rules": rules,
        "name": "Replay",
        "description": "",
        "guideline": "Does the first sentence entail the second?",
        "overlap": overlap,
        "form": {
            "fields": [
                {
                    "key": "answer",
                    "kind": "class",
                    "title": "Answer",
                    "required": True,
                    "multiple": False,
                    "labels": [{"id": label, "title": label} for label in labels],
                }
            ]
        },
    }


def exported(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.decode().splitlines()]


@pytest.mark.data
@needs_data
def test_eight_thousand_answers_of_164_people_survive_five_kills(serve: Any) -> None:
    given = {(row["task"], "w" + row["worker"]): row["label"] for row in rows_of("RTE/answers.csv")}
    people = sorted({person for _, person in given})
    asked = defaultdict(list)
    for task, person in given:
        asked[task].append(person)
    server, who = serve(people)
    manager = Connection(server.port, who.manager_token)
    members = {who.ids[person]: ["annotator"] for person in people}
    project = create_project(manager, class_form(["0", "1"], overlap=10), members)
    seen = import_rows(
        manager,
        project,
        [{"id": task, "text": f"Sentence pair {task}", "people": named} for task, named in asked.items()],
    )
    assert sum(tally["added"] for tally in seen["tallies"]) == 800
    assert seen["rejected"] == 0

    ledger = annotate(
        server,
        project,
        who.tokens,
        lambda task, _text, person: {"answer": given[task, person]},
        expected=len(given),
        kills=5,
    )

    assert server.kills == 5
    assert not ledger.twice
    assert not ledger.refused
    out = exported(export(manager, project))
    assert len(out) == 800
    answers = {(task["id"], a["person"]): a["result"]["answer"] for task in out for a in task["answers"]}
    assert sum(len(task["answers"]) for task in out) == 8000
    assert answers == given
    assert {pair: result["answer"] for pair, result in ledger.answers.items()} == given
    truth = {row["task"]: row["label"] for row in rows_of("RTE/gold.csv")}
    counted = 0
    for task in out:
        assert {a["person"] for a in task["answers"]} == set(asked[task["id"]])
        votes = [a["result"]["answer"] for a in task["answers"]]
        consensus = task["consensus"]["answer"]
        assert consensus["method"] == "model"
        assert 0.5 <= consensus["confidence"] <= 1
        assert consensus["share"] == pytest.approx(Counter(votes)[consensus["value"]] / 10)
        counted += majority(votes, ["0", "1"]) == truth[task["id"]]
    right = sum(task["consensus"]["answer"]["value"] == truth[task["id"]] for task in out)
    assert right >= counted, "weighing people must not be worse than counting them"

    patch = manager("PATCH", f"/projects/{project}", {"rules": {"consensus": "majority"}})
    assert patch.status == 200, patch.body
    for task in exported(export(manager, project)):
        votes = [a["result"]["answer"] for a in task["answers"]]
        consensus = task["consensus"]["answer"]
        assert (consensus["method"], consensus["confidence"]) == ("majority", None)
        assert consensus["value"] == majority(votes, ["0", "1"])
        assert consensus["share"] == pytest.approx(Counter(votes)[consensus["value"]] / 10)


def test_every_item_gets_exactly_three_answers_when_nobody_is_named(serve: Any) -> None:
    count = 10_000 if LONG else 700
    people = [f"p{n:02d}" for n in range(24)]
    labels = ["alpha", "beta", "gamma"]
    server, who = serve(people)
    manager = Connection(server.port, who.manager_token)
    members = {who.ids[person]: ["annotator"] for person in people}
    project = create_project(manager, class_form(labels, overlap=3, consensus="majority"), members)
    import_rows(manager, project, [{"id": f"t{n}", "text": f"Item number {n}"} for n in range(count)])

    def answer(task: str, _text: str, person: str) -> dict[str, Any]:
        return {"answer": labels[(int(task[1:]) + int(person[1:]) * (int(task[1:]) % 3 == 0)) % 3]}

    ledger = annotate(server, project, who.tokens, answer, expected=3 * count, kills=5)

    assert server.kills == 5
    assert not ledger.twice
    assert not ledger.refused
    out = exported(export(manager, project))
    assert len(out) == count
    surplus = [task["id"] for task in out if len(task["answers"]) > 3]
    missing = [task["id"] for task in out if len(task["answers"]) < 3]
    assert (surplus, missing) == ([], [])
    assert all(len({a["person"] for a in task["answers"]}) == 3 for task in out)
    assert {(t["id"], a["person"]): a["result"] for t in out for a in t["answers"]} == ledger.answers
    for task in out:
        votes = [a["result"]["answer"] for a in task["answers"]]
        assert task["consensus"]["answer"]["value"] == majority(votes, labels)


@pytest.mark.data
@needs_data
def test_the_spans_of_46_people_come_out_as_they_went_in(serve: Any) -> None:
    lengths = {row["task"]: int(row["tokens"]) for row in rows_of("CoNLL_crowd_val/tasks.csv")}
    assigned = [(row["task"], row["worker"]) for row in rows_of("CoNLL_crowd_val/assignments.csv")]
    texts: dict[str, str] = {}
    places: dict[str, list[tuple[int, int]]] = {}
    for task, length in lengths.items():
        words, at = [], 0
        places[task] = []
        for n in range(length):
            word = f"word{n}"
            words.append(word)
            places[task].append((at, at + len(word)))
            at += len(word) + 1
        texts[task] = " ".join(words)
    given: dict[tuple[str, str], list[dict[str, Any]]] = {pair: [] for pair in assigned}
    for row in rows_of("CoNLL_crowd_val/answers.csv"):
        start, end = int(row["start"]), int(row["end"])
        span = {
            "start": places[row["task"]][start][0],
            "end": places[row["task"]][end - 1][1],
            "label": row["label"],
        }
        given[row["task"], row["worker"]].append(span)
    for spans in given.values():
        spans.sort(key=lambda s: (s["start"], s["end"], s["label"]))
    people = sorted({person for _, person in assigned})
    named = defaultdict(list)
    for task, person in assigned:
        named[task].append(person)
    labels = sorted({span["label"] for spans in given.values() for span in spans})

    server, who = serve(people)
    manager = Connection(server.port, who.manager_token)
    form = class_form([], overlap=max(map(len, named.values())))
    form["form"]["fields"] = [
        {
            "key": "entities",
            "kind": "spans",
            "title": "Entities",
            "labels": [{"id": label, "title": label} for label in labels],
        }
    ]
    members = {who.ids[person]: ["annotator"] for person in people}
    project = create_project(manager, form, members)
    rows = [{"id": task, "text": texts[task], "people": named[task]} for task in named]
    seen = import_rows(manager, project, rows)
    assert sum(tally["added"] for tally in seen["tallies"]) == len(named)

    ledger = annotate(
        server,
        project,
        who.tokens,
        lambda task, _text, person: {"entities": given[task, person]},
        expected=len(given),
    )

    assert not ledger.refused
    out = exported(export(manager, project))
    answers = {(task["id"], a["person"]): a["result"]["entities"] for task in out for a in task["answers"]}
    assert len(answers) == 983
    assert answers == given
