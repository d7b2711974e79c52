"""Rows come in once, each at its own marking, and what can't come in is told."""

from __future__ import annotations

import io
import json
import time
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from strongroom import jobs
from strongroom.errors import InvalidError, NotPermittedError
from strongroom.label import import_rows, imports, readers, tasks, uploads
from strongroom.label import project as projects
from strongroom.label.refusals import LevelChangedError
from strongroom.label.tables import Task

MIXED = "\n".join(
    [
        '{"text": "for all"}',
        '{"text": "inside", "marking": "(I)"}',
        '{"text": "harbour", "marking": "CONFIDENTIAL//FOR HARBOUR"}',
        '{"text": "odd", "marking": "CONFIDENTIALLY"}',
        '{"text": "relief", "marking": "INTERNAL//FOR RELIEF"}',
    ]
)


def tallies(found: Any) -> dict[str, tuple[int, int]]:
    return {each.marking.text: (each.added, each.already_there) for each in found.tallies}


def texts(room: Any, project: str, login: str = "olga") -> dict[str, str]:
    with room.vault.reading(room.reader(login)) as session:
        found = session.scalars(select(Task).where(Task.project_id == project).order_by(Task.position))
        return {task.text: str(session.marking(task)) for task in found}


def test_each_row_is_stored_at_its_own_marking(room: Any) -> None:
    project = room.project()
    found = room.bring(project, MIXED)
    assert texts(room, project) == {
        "for all": "PUBLIC",
        "inside": "INTERNAL",
        "harbour": "CONFIDENTIAL//FOR HARBOUR",
        "relief": "INTERNAL//FOR RELIEF",
    }
    assert tallies(found) == dict.fromkeys(texts(room, project).values(), (1, 0))
    assert (found.job.state, found.job.done, found.job.total, found.rejected) == ("done", 100, 100, 1)
    assert room.rejections(found.id) == [(4, "the marking can't be read at character 1")]


def test_someone_without_the_clearance_sees_neither_rows_nor_their_number(room: Any) -> None:
    project = room.project()
    room.person("pat", "Public")
    found = room.bring(project, MIXED)
    assert texts(room, project, "pat") == {"for all": "PUBLIC"}
    seen = room.imported(found.id, "pat")
    assert tallies(seen) == {"PUBLIC": (1, 0)}
    assert (seen.job.done, seen.job.total, seen.rejected) == (100, 100, 1)


def test_bringing_the_same_file_again_adds_nothing(room: Any) -> None:
    project = room.project()
    room.bring(project, MIXED)
    again = room.bring(project, MIXED)
    assert set(tallies(again).values()) == {(0, 1)}
    assert room.count(project) == 4


def test_what_is_there_at_a_marking_says_nothing_at_another(room: Any) -> None:
    project = room.project()
    room.bring(project, '{"text": "same", "marking": "INTERNAL"}\n')
    assert tallies(room.bring(project, '{"text": "same"}\n')) == {"PUBLIC": (1, 0)}


def test_a_row_that_is_twice_in_a_file_is_one_task(room: Any) -> None:
    project = room.project()
    assert tallies(room.bring(project, '{"text": "a"}\n{"text": "a"}\n')) == {"PUBLIC": (1, 1)}


def test_rows_below_the_level_of_the_import_are_refused(room: Any) -> None:
    project = room.project()
    found = room.bring(project, MIXED, level="INTERNAL//FOR HARBOUR")
    assert tallies(found) == {"INTERNAL//FOR HARBOUR": (1, 0), "CONFIDENTIAL//FOR HARBOUR": (1, 0)}
    below = "the marking is not at least as restrictive as the level of the import"
    assert [(line, why) for line, why in room.rejections(found.id) if line != 4] == [(2, below), (5, below)]


def test_rows_that_the_importer_may_not_see_are_refused(room: Any) -> None:
    project = room.project(annotators=())
    room.person("hal", {"level": "Confidential", "circles": ["HARBOUR"]})
    from strongroom.people import set_roles

    with room.vault.writing(room.reader("olga")) as session:
        set_roles(session, project, room.people["hal"].person_id, ["manager"])
    found = room.bring(project, MIXED, by="hal")
    assert (5, "the importer's clearance does not permit this marking") in room.rejections(found.id, "hal")
    assert "relief" not in texts(room, project)


def test_people_are_named_by_login_and_an_unknown_one_refuses_the_row(room: Any) -> None:
    project = room.project(annotators=("ana",))
    found = room.bring(project, 'text,people\na,"ana, nobody"\nb,ana\n', "a.csv")
    assert room.rejections(found.id) == [(2, "person 2 of its list is not known here")]
    assert list(texts(room, project)) == ["b"]


def test_a_default_marking_holds_for_rows_without_one(room: Any) -> None:
    project = room.project()
    room.bring(project, '{"text": "a"}\n{"text": "b", "marking": "RESTRICTED"}\n', default_marking="(I)")
    assert texts(room, project) == {"a": "INTERNAL", "b": "RESTRICTED"}


@pytest.mark.parametrize(
    ("marking", "error"), [("NONSENSE", InvalidError), ("RESTRICTED//FOR FINANCE", NotPermittedError)]
)
def test_a_default_marking_that_cannot_be_is_refused_at_once(
    room: Any, marking: str, error: type[Exception]
) -> None:
    project = room.project()
    with pytest.raises(error):
        room.begin_import(project, '{"text": "a"}\n', default_marking=marking)


def test_an_import_below_its_project_is_refused(room: Any) -> None:
    project = room.project(level="INTERNAL")
    with pytest.raises(LevelChangedError):
        room.begin_import(project, '{"text": "a"}\n', level="PUBLIC")


def test_the_uploaded_file_is_for_this_account_only_and_gone_when_the_job_is_done(room: Any) -> None:
    project = room.project()
    import_id = room.begin_import(project, MIXED)
    path = uploads.of_import(room.vault, import_id)
    assert path.stat().st_mode & 0o777 == 0o600
    jobs.run_waiting(room.vault)
    assert list(path.parent.iterdir()) == []


def test_the_name_of_a_refused_file_is_not_told_below_its_marking(room: Any) -> None:
    project = room.project()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        target.writestr("operation falcon.png", b"x")
    inside = room.bring(project, stream.getvalue(), "a.zip", default_marking="(C)")
    plain = room.bring(project, stream.getvalue(), "a.zip")
    with room.vault.reading(room.reader("olga")) as session:
        places = [imports.rejections(session, each.id, None, 9).items[0].where for each in (inside, plain)]
    assert places == [None, "operation falcon.png"]


def test_a_project_removed_before_its_import_ran_takes_nothing(room: Any) -> None:
    project = room.project()
    import_id = room.begin_import(project, MIXED)
    with projects.at_its_level(room.vault, room.reader("olga"), project) as (session, found):
        projects.remove(session, found)
    jobs.run_waiting(room.vault)
    assert room.imported(import_id).job.message == "The project was removed."
    assert room.count(project) == 0


class KilledError(BaseException):
    """As SIGKILL: nothing of the job's own code runs any more."""


@pytest.mark.parametrize("after", [1, 2, 3, 5, 8])
def test_an_import_that_is_killed_goes_on_and_adds_nothing_twice(
    room: Any, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(import_rows, "CHUNK_ROWS", 10)
    project = room.project()
    markings = ["PUBLIC", "INTERNAL", "CONFIDENTIAL", "ODD"]
    rows = [{"text": f"row {n}", "marking": markings[n % 7 % 4]} for n in range(200)]
    import_id = room.begin_import(project, "\n".join(json.dumps(row) for row in rows))
    calls = 0
    add = tasks.add

    def dies(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        added = add(*args, **kwargs)
        if calls == after:
            raise KilledError  # before the commit of this chunk
        return added

    monkeypatch.setattr(tasks, "add", dies)
    with pytest.raises(KilledError):
        jobs.run_waiting(room.vault)
    jobs.run_waiting(room.vault)
    found = room.imported(import_id)
    expected: dict[str, tuple[int, int]] = {}
    for marking in markings[:3]:
        expected[marking] = (sum(row["marking"] == marking for row in rows), 0)
    assert tallies(found) == expected
    assert found.rejected == sum(row["marking"] == "ODD" for row in rows)
    assert len(room.rejections(import_id)) == found.rejected
    assert room.count(project) == sum(added for added, _ in expected.values())


def test_a_file_that_breaks_in_the_middle_keeps_what_came_before(
    room: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_rows, "CHUNK_ROWS", 2)
    project = room.project()

    def broken(*args: Any) -> Any:
        yield from readers.jsonl.read(*args)
        raise InvalidError("The archive unpacks to more than it should.", remedy="Split it.")

    monkeypatch.setitem(readers.READERS, "jsonl", broken)
    found = room.bring(project, '{"text": "a"}\n{"text": "b"}\n{"text": "c"}\n')
    assert (found.job.state, found.job.message) == (
        "failed",
        "The archive unpacks to more than it should. Split it.",
    )
    assert list(texts(room, project)) == ["a", "b"]


def test_rows_of_many_markings_wait_in_bounded_memory(room: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_rows, "WAITING_ROWS", 20)
    project = room.project()
    sizes: list[int] = []
    add = tasks.add
    monkeypatch.setattr(tasks, "add", lambda *args, **kw: (sizes.append(len(args[4])), add(*args, **kw))[1])
    rows = [{"text": f"row {n}", "marking": f"INTERNAL//CASE {n % 40}"} for n in range(200)]
    olga = {"level": "Restricted", "compartments": [f"CASE {n}" for n in range(40)]}
    room.people["olga"] = room.people["olga"].__class__(
        **{**vars(room.people["olga"]), "clearance": room.vault.scheme.clearance(olga)}
    )
    with room.vault.registry(write=True) as session:
        from strongroom.people.tables import ClearanceGrant

        session.add(
            ClearanceGrant(
                person_id=room.people["olga"].person_id,
                number=2,
                clearance=json.dumps(room.people["olga"].clearance.to_json()),
                reason="test",
                given_by=None,
            )
        )
    room.bring(project, "\n".join(json.dumps(row) for row in rows))
    assert room.count(project) == 200
    assert max(sizes) <= 20


READ = (
    "select n_tup_ins, seq_tup_read + (select sum(idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid)"
    " from pg_stat_user_tables t where relname = 'task'"
)


def read_of_tasks(room: Any, rows: int) -> int:
    """How many entries of indexes and rows of the table were read, by PostgreSQL's count, once that knows of so many rows."""
    room.vault._writers.dispose()  # whoever leaves tells what they read
    for _ in range(200):
        with room.vault._system.reading() as connection:
            written, read = connection.exec_driver_sql(READ).one()
        if written >= rows:
            return int(read)
        time.sleep(0.05)
    raise AssertionError("PostgreSQL never told")


@pytest.mark.only("postgresql")
def test_what_an_import_reads_does_not_grow_with_what_is_there(
    room: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever saves an answer waits for ever longer chunks. The server's own look at its tables, which comes too late for
    an import, is off here."""
    room.rows(room.project(), 2000)
    before = read_of_tasks(room, 2000)
    monkeypatch.setattr(import_rows, "CHUNK_ROWS", 50)
    monkeypatch.setattr(import_rows, "FIRST_GROWTH", 50)
    room.rows(room.project(), 4000)
    assert read_of_tasks(room, 6000) - before < 10 * 4000


def test_the_database_is_told_whenever_the_table_has_grown_by_as_much_again(
    room: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(import_rows, "CHUNK_ROWS", 10)
    monkeypatch.setattr(import_rows, "FIRST_GROWTH", 50)
    project = room.project()
    monkeypatch.setattr(room.vault, "learn_size", lambda _: told.append(room.count(project)))
    room.rows(project, 450)
    assert told == [50, 100, 200, 400]


SPANS = {
    "fields": [{"key": "names", "kind": "spans", "title": "Names", "labels": [{"id": "PER"}, {"id": "LOC"}]}]
}
ANA = "# id = 1\nAda B-PER\nin O\nBath B-LOC\n\n# id = 2\nBo B-PER\n"
BEN = "# id = 1\nAda O\nin O\nBath B-LOC\n\n# id = 2\nBo B-ORG\n"


def test_tags_come_in_as_somebodys_answers_when_asked(room: Any) -> None:
    project = room.project(SPANS, overlap=2, annotators=("ana", "ben"))
    room.bring(project, ANA, "a.conll", answers_of="ana")
    found = room.bring(project, BEN, "b.conll", answers_of="ben")
    assert room.rejections(found.id) == [(6, "its tags don't fit the form, at names[0]")]
    again = room.bring(project, ANA, "a.conll", answers_of="ana")
    assert tallies(again) == {"PUBLIC": (0, 2)}
    assert room.wrong(project) == []
    answers = {
        (line["id"], answer["person"]): answer["result"]
        for line in room.lines(room.export(project))
        for answer in line["answers"]
    }
    ada, bath = {"start": 0, "end": 3, "label": "PER"}, {"start": 7, "end": 11, "label": "LOC"}
    assert answers == {
        ("1", "ana"): {"names": [ada, bath]},
        ("1", "ben"): {"names": [bath]},
        ("2", "ana"): {"names": [{"start": 0, "end": 2, "label": "PER"}]},
    }
    assert room.take("ben", project).task.external_id == "2"


def test_tags_need_a_field_and_a_person(room: Any) -> None:
    project = room.project(annotators=("ana",))
    with pytest.raises(InvalidError, match="field of spans"):
        room.begin_import(project, ANA, "a.conll", answers_of="ana")
    other = room.project(SPANS)
    with pytest.raises(InvalidError, match="nobody's login"):
        room.begin_import(other, ANA, "a.conll", answers_of="zoe")
    with pytest.raises(InvalidError, match="Only CoNLL"):
        room.begin_import(other, '{"text": "a"}\n', answers_of="ana")
