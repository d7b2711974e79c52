"""Datasets: everything that was answered, the same bytes for the same answers, for those who may have them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from sqlalchemy import select

from strongroom.errors import ConflictError, NotFoundError, NotPermittedError
from strongroom.label import dataset as datasets
from strongroom.label import export, project
from strongroom.label.readers import Row, conll
from strongroom.label.refusals import LevelChangedError
from strongroom.label.schemas import ExportIn, ImportOptions
from strongroom.label.tables import Dataset, Task
from strongroom.vault import AuditEntry, load
from strongroom.vault.lineage import sources_of
from strongroom.vault.lineage_check import check

SPANS = {
    "fields": [
        {"key": "names", "kind": "spans", "title": "Names", "labels": [{"id": "PER"}, {"id": "LOC"}]},
        {"key": "note", "kind": "text", "title": "Note"},
    ]
}


def labelled(room: Any, answers: dict[str, dict[str, str]], **options: Any) -> str:
    """A project whose tasks have these answers: text -> login -> kind."""
    crew = tuple(dict.fromkeys(login for given in answers.values() for login in given))
    project_id = room.project(overlap=len(crew), annotators=crew, **options)
    room.bring(project_id, "".join(json.dumps({"text": text, "id": text.upper()}) + "\n" for text in answers))
    for login in crew:
        while (task := room.next(login, project_id)) is not None:
            if login in answers[task.task.text]:
                room.submit(login, task, {"kind": answers[task.task.text][login]}, seconds=2.5)
            else:
                room.skip(login, task)
    return str(project_id)


ANSWERS = {
    "one": {"ana": "spill", "ben": "spill", "cem": "fire"},
    "two": {"ana": "none", "ben": "fire", "cem": "fire"},
    "three": {"ana": "spill"},
}


def test_a_dataset_holds_every_answer_and_what_they_agree_on(room: Any) -> None:
    project_id = labelled(room, ANSWERS)
    made = room.export(project_id)
    lines = room.lines(made)
    assert {
        line["text"]: {each["person"]: each["result"]["kind"] for each in line["answers"]} for line in lines
    } == ANSWERS
    assert [line["text"] for line in lines] == ["one", "two", "three"]
    first = lines[0]
    assert first["consensus"] == {
        "kind": {
            "value": "spill",
            "share": 2 / 3,
            "votes": 2,
            "answers": 3,
            "confidence": None,
            "method": "majority",
        }
    }
    assert (first["id"], first["marking"], first["guideline_version"]) == ("ONE", "PUBLIC", 1)
    assert first["answers"][0]["seconds"] == 2.5
    assert (made.tasks, made.answers, made.version, made.guideline_version) == (3, 7, 1, 1)


def test_the_hash_is_that_of_the_bytes_and_the_same_answers_give_the_same_bytes(room: Any) -> None:
    project_id = labelled(room, ANSWERS)
    first, second = room.export(project_id), room.export(project_id)
    assert hashlib.sha256(room.download(first)).hexdigest() == first.sha256
    assert first.sha256 == second.sha256
    assert (first.version, second.version) == (1, 2)


def test_a_dataset_never_changes(room: Any) -> None:
    project_id = labelled(room, ANSWERS)
    made = room.export(project_id)
    before = room.download(made)
    room.rows(project_id, 3)
    task = room.take("ana", project_id)
    room.submit("ana", task)
    assert room.download(made) == before
    later = room.export(project_id)
    assert later.tasks == 6
    assert later.sha256 != made.sha256


def test_only_complete_tasks_when_asked(room: Any) -> None:
    made = room.export(labelled(room, ANSWERS), only_complete=True)
    assert [line["text"] for line in room.lines(made)] == ["one", "two"]


def test_a_revision_replaces_what_it_corrects(room: Any) -> None:
    project_id = room.project(annotators=("ana",))
    room.rows(project_id, 1)
    task = room.take("ana", project_id)
    room.submit("ana", task)
    room.submit("ana", task, {"kind": "fire"})
    (line,) = room.lines(room.export(project_id))
    assert [(each["result"], each["revision"]) for each in line["answers"]] == [({"kind": "fire"}, 2)]


def test_pseudonyms_tell_people_apart_and_are_the_same_in_every_export(room: Any) -> None:
    project_id = labelled(room, ANSWERS)
    names = [
        {
            each["person"]: each["annotator"]
            for line in room.lines(room.export(project_id))
            for each in line["answers"]
        }
        for _ in range(2)
    ]
    assert names[0] == names[1]
    assert len(set(names[0].values())) == 3
    assert not any(login in pseudonym for login, pseudonym in names[0].items())


# --- markings


def marked(room: Any) -> str:
    project_id = room.project(annotators=("ana",))
    room.bring(
        project_id,
        '{"text": "open"}\n{"text": "inside", "marking": "(I)"}\n{"text": "harbour", "marking": "(I//FOR HARBOUR)"}\n',
    )
    room.submit("ana", room.take("ana", project_id, level="INTERNAL"))
    return str(project_id)


def test_a_dataset_holds_what_is_no_higher_than_its_level(room: Any) -> None:
    project_id = marked(room)
    found = {}
    for level in ("PUBLIC", "INTERNAL", "INTERNAL//FOR HARBOUR", "INTERNAL//FOR RELIEF"):
        made = room.export(project_id, level=level)
        assert made.marking.text == level
        found[level] = [line["text"] for line in room.lines(made)]
    assert found == {
        "PUBLIC": ["open"],
        "INTERNAL": ["inside", "open"],
        "INTERNAL//FOR HARBOUR": ["inside", "harbour", "open"],
        "INTERNAL//FOR RELIEF": ["inside", "open"],
    }


def test_versions_count_within_a_level_so_that_higher_datasets_leave_no_gap(room: Any) -> None:
    project_id = marked(room)
    assert room.export(project_id, level="INTERNAL").version == 1
    assert room.export(project_id).version == 1


def test_a_dataset_leads_back_to_its_tasks(room: Any) -> None:
    project_id = marked(room)
    made = room.export(project_id, level="INTERNAL")
    with room.vault.reading(room.reader("olga")) as session:
        sources = sources_of(session, load(session, Dataset, made.id))
        texts = {load(session, Task, each.id).text for each in sources if each.kind == "task"}
    assert texts == {"open", "inside"}
    assert check(room.vault) == []


def test_an_export_below_its_project_is_refused(room: Any) -> None:
    project_id = room.project(level="INTERNAL")
    with pytest.raises(LevelChangedError):
        room.export(project_id, level="PUBLIC")


# --- who may have it


def test_a_download_is_on_record(room: Any) -> None:
    made = room.export(labelled(room, ANSWERS))
    room.download(made)
    with room.vault.reading(room.reader("olga")) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "dataset.download")).all()
    assert [(each.object_id, each.facts) for each in entries] == [(made.id, {"format": "jsonl"})]


def test_an_unfinished_dataset_cannot_be_downloaded(room: Any) -> None:
    project_id = labelled(room, ANSWERS)
    with project.from_above(room.vault, room.reader("olga"), project_id) as (session, found):
        dataset_id = export.begin(session, found, ExportIn()).id
    with pytest.raises(ConflictError), room.vault.reading(room.reader("olga")) as session:
        datasets.download(session, dataset_id, "jsonl")


def test_a_caveat_against_export_lets_a_dataset_be_seen_and_not_taken_out(room: Any) -> None:
    project_id = room.project()
    room.bring(project_id, '{"text": "a", "marking": "CONFIDENTIAL//NO-EXPORT"}\n')
    made = room.export(project_id, level="CONFIDENTIAL//NO-EXPORT")
    assert made.tasks == 1
    with pytest.raises(NotPermittedError, match="not take it out"):
        room.download(made)


def test_an_annotator_downloads_nothing(room: Any) -> None:
    made = room.export(labelled(room, ANSWERS))
    with pytest.raises(NotPermittedError):
        room.download(made, by="ana")


def test_a_dataset_without_spans_has_no_conll(room: Any) -> None:
    made = room.export(labelled(room, ANSWERS))
    with pytest.raises(NotFoundError):
        room.download(made, "conll")


# --- CoNLL


def spanned(room: Any, text: str, answers: dict[str, list[tuple[int, int, str]]], data: str = "") -> str:
    project_id = room.project(SPANS, overlap=len(answers), annotators=tuple(answers))
    room.bring(project_id, f'{{"text": {json.dumps(text)}, "id": "x"{data}}}\n')
    for login, spans in answers.items():
        names = [{"start": start, "end": end, "label": label} for start, end, label in spans]
        room.submit(login, room.take(login, project_id), {"names": names})
    return str(project_id)


def test_conll_has_a_column_for_each_answer_and_the_consensus_last(room: Any) -> None:
    ada, bath = (0, 12, "PER"), (16, 20, "LOC")
    project_id = spanned(room, "Ada Lovelace in Bath.", {"ana": [ada, bath], "ben": [ada], "cem": [ada]})
    block = room.download(room.export(project_id), "conll").decode()
    lines = block.splitlines()
    assert lines[0] == "# id = x"
    assert lines[2] == "# marking = PUBLIC"
    assert lines[4:] == [
        "Ada B-PER B-PER B-PER B-PER",
        "Lovelace I-PER I-PER I-PER I-PER",
        "in O O O O",
        "Bath B-LOC O O O",
        ". O O O O",
        "",
    ]


def test_what_came_as_conll_goes_out_as_the_same_tokens_and_tags(room: Any) -> None:
    source = "# id = s1\nAda-Marie B-PER\n👩‍🚒 I-PER\nvisits O\nBath B-LOC\n\n# id = s2\nNobody O\n"
    project_id = room.project(SPANS, annotators=("ana",))
    room.bring(project_id, source, "a.conll", answers_of="ana")
    import io

    sent = io.BytesIO(room.download(room.export(project_id), "conll"))
    options = ImportOptions(answers_of="ana")
    back = list(conll.read(sent, "b.conll", options))
    there = list(conll.read(io.BytesIO(source.encode()), "a.conll", options))
    assert [(r.external_id, r.text, r.data, r.tags) for r in back if isinstance(r, Row)] == [
        (r.external_id, r.text, r.data, r.tags) for r in there if isinstance(r, Row)
    ]


def test_of_overlapping_spans_conll_tells_the_longer(room: Any) -> None:
    project_id = spanned(room, "Port of Bath", {"ana": [(0, 12, "LOC"), (8, 12, "PER")]})
    lines = room.download(room.export(project_id), "conll").decode().splitlines()
    assert lines[4:7] == ["Port B-LOC B-LOC", "of I-LOC I-LOC", "Bath I-LOC I-LOC"]


@pytest.mark.parametrize("tokens", ["[[0, 99]]", '["a"]', "[[0, 5]]", "[]", "7"])
def test_tokens_that_do_not_fit_the_text_are_not_believed(room: Any, tokens: str) -> None:
    project_id = spanned(room, "Ada in Bath", {"ana": [(0, 3, "PER")]}, f', "tokens": {tokens}')
    lines = room.download(room.export(project_id), "conll").decode().splitlines()
    assert lines[4:7] == ["Ada B-PER B-PER", "in O O", "Bath O O"]
