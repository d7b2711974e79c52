"""What a program does through the client, against a real app with a real worker."""

from __future__ import annotations

import json
import os
import signal
import stat
import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from strongroom.client import DamagedError, Job, JobFailedError, Project, Strongroom, UnreachableError
from strongroom.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError, NotSignedInError

from .running import Running


def csv(folder: Path, *texts: str) -> Path:
    path = folder / "texts.csv"
    path.write_text("text\n" + "".join(f"{text}\n" for text in texts))
    return path


@pytest.fixture
def project(room: Strongroom, form: Path, tmp_path: Path) -> Project:
    made = room.create_project(form)
    room.wait(room.import_file(made, csv(tmp_path, "Oil on the water", "Smoke in hold 2", "All quiet")))
    return made


def test_a_project_goes_from_its_form_to_a_file_of_answers(
    app: Running, room: Strongroom, project: Project, tmp_path: Path
) -> None:
    assert (project.name, project.overlap, project.roles) == ("Port incidents", 2, ["owner"])
    room.set_member(project, app.ids["mara"], ["owner", "annotator"])
    with app.room("nils") as other:
        room.set_member(project, app.ids["nils"], ["annotator"])
        for annotator in (room, other):
            for task in annotator.tasks(project):
                annotator.submit(task, {"kind": "spill" if "Oil" in task.task.text else "other"}, seconds=2)
    progress = room.progress(project)
    assert (progress.tasks.total, progress.tasks.done, progress.answers.submitted) == (3, 3, 6)

    dataset = room.wait(room.export(project, name="First"))
    assert (dataset.tasks, dataset.answers, dataset.version) == (3, 6, 1)
    file = room.download(dataset, to=tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert {row["text"]: row["consensus"]["kind"]["value"] for row in rows} == {
        "Oil on the water": "spill",
        "Smoke in hold 2": "other",
        "All quiet": "other",
    }
    assert [each.id for each in room.datasets(project)] == [dataset.id]
    assert list(tmp_path.glob("*.part")) == []


def test_rows_that_were_rejected_are_told_one_by_one(
    room: Strongroom, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "marked.csv"
    path.write_text("text,marking\nA fire,INTERNAL\nA flood,NO SUCH THING\nA fog,\n")
    done = room.wait(room.import_file(project, path, marking_column="marking"))
    assert (done.added, done.already_there, done.rejected) == (2, 0, 1)
    rejection = next(room.rejections(done))
    assert rejection.line == 3
    assert rejection.reason
    again = room.wait(room.import_file(project, path, marking_column="marking"))
    assert (again.added, again.already_there, again.rejected) == (0, 2, 1)


def test_a_stream_can_be_imported_too(room: Strongroom, project: Project) -> None:
    lines = BytesIO(b'{"text": "From a stream"}\n')
    done = room.wait(room.import_file(project, lines, format="jsonl", file_name="lines.jsonl"))
    assert (done.added, done.file_name) == (1, "lines.jsonl")


def test_work_goes_on_where_it_was_left(room: Strongroom, project: Project) -> None:
    first = room.next(project)
    assert first is not None
    room.save_draft(first, {"kind": "fire"}, seconds=1)
    room.heartbeat(first)
    again = room.next(project)
    assert again is not None
    assert (again.id, again.draft) == (first.id, {"kind": "fire"})
    assert room.submit(again, {"kind": "fire"}) == 1
    assert room.submit(again, {"kind": "spill"}) == 2
    stored = room.assignment(again)
    assert (stored.result, stored.revision) == ({"kind": "spill"}, 2)


def test_a_task_that_the_loop_leaves_open_is_not_given_again(room: Strongroom, project: Project) -> None:
    seen = [task.task.text for task in room.tasks(project)]
    assert len(seen) == len(set(seen)) == 3


def test_a_skipped_task_is_gone_from_the_loop(room: Strongroom, project: Project) -> None:
    for task in room.tasks(project):
        room.flag(task, "Look at this")
        room.skip(task, "Unreadable")
    assert room.next(project) is None


def test_what_the_server_refuses_is_raised_as_what_it_is(
    app: Running, room: Strongroom, project: Project, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError):
        room.project("f" * 32)
    with pytest.raises(InvalidError) as wrong:
        room.create_project(
            {"name": "Twice", "fields": [{"key": "a", "kind": "text"}, {"key": "a", "kind": "text"}]}
        )
    assert wrong.value.extra["errors"]
    task = room.next(project)
    assert task is not None
    with pytest.raises(InvalidError):
        room.submit(task, {"kind": "no such label"})
    with app.room("olga") as stranger, pytest.raises((NotPermittedError, NotFoundError)):
        stranger.export(project)
    with Strongroom(app.url, "srt_nonsense") as nobody, pytest.raises(NotSignedInError):
        nobody.session()


def test_a_level_is_worked_at(app: Running, form: Path) -> None:
    with app.room("mara", "CONFIDENTIAL") as room:
        assert str(room.session().level) == "CONFIDENTIAL"
        assert str(room.create_project(form).marking) == "CONFIDENTIAL"
        assert "CONFIDENTIAL" in [str(level) for level in room.levels()]
        assert str(room.at("INTERNAL").create_project(form).marking) == "INTERNAL"
        assert str(room.session().level) == "CONFIDENTIAL"
        with pytest.raises(InvalidError):
            room.at("VERTRAULICH – ÄÖ").session()


def test_a_cancelled_job_is_told_to_whoever_waits_and_can_be_resumed(
    room: Strongroom, project: Project, tmp_path: Path
) -> None:
    path = csv(tmp_path, *(f"Report number {number}" for number in range(20_000)))
    started = room.import_file(project, path)
    room.cancel(started.job)
    with pytest.raises(JobFailedError) as ended:
        room.wait(started)
    assert ended.value.job.state == "cancelled"
    room.resume(started.job)
    assert room.wait(started).added == 20_000
    with pytest.raises(ConflictError):
        room.cancel(started.job)


def test_an_import_whose_worker_is_killed_again_and_again_brings_each_row_once(
    app: Running, room: Strongroom, form: Path, tmp_path: Path
) -> None:
    made = room.create_project(form)
    started = room.import_file(made, csv(tmp_path, *(f"Report number {number}" for number in range(20_000))))
    killed = []

    def kill(job: Job) -> None:
        worker = app.supervisor and app.supervisor.pid
        if worker and job.state == "running" and job.done > 20 * len(killed) and worker not in killed:
            os.kill(worker, signal.SIGKILL)
            killed.append(worker)

    done = room.wait(started, on_progress=kill)
    assert len(killed) >= 2
    assert (done.added, done.already_there, done.rejected) == (20_000, 0, 0)
    assert room.progress(made).tasks.total == 20_000


def test_progress_is_reported_while_one_waits(room: Strongroom, project: Project, tmp_path: Path) -> None:
    seen: list[str] = []
    room.wait(
        room.import_file(project, csv(tmp_path, "One more")), on_progress=lambda job: seen.append(job.state)
    )
    assert seen[-1] == "done"


class Losing(httpx.BaseTransport):
    """Loses the first answers to some requests on their way back, or lets a busy server answer in their place."""

    def __init__(self, *, lost: int = 0, busy: int = 0) -> None:
        self._real = httpx.HTTPTransport()
        self._lost = lost
        self._busy = busy
        self.keys: list[str | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("Idempotency-Key"))
        if self._busy:
            self._busy -= 1
            return httpx.Response(503, request=request)
        response = self._real.handle_request(request)
        if self._lost:
            self._lost -= 1
            response.read()
            raise httpx.ReadError("the connection broke", request=request)
        return response


@pytest.mark.parametrize("trouble", [{"lost": 3}, {"busy": 3}])
def test_a_lost_answer_changes_nothing_twice(
    app: Running, form: Path, trouble: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    name = f"Made once {request.node.name}"
    transport = Losing(**trouble)
    with app.room("mara", transport=transport) as room:
        made = room.create_project(form, name=name)
        assert len(transport.keys) == 4
        assert len(set(transport.keys)) == 1
        assert [each.id for each in room.projects() if each.name == name] == [made.id]


def test_a_file_whose_upload_broke_is_sent_again_whole(
    app: Running, project: Project, tmp_path: Path
) -> None:
    with app.room("mara", transport=Losing(lost=2)) as room:
        done = room.wait(room.import_file(project, csv(tmp_path, "Sent three times and there once")))
    assert done.added == 1


def test_two_acts_have_two_keys(app: Running, form: Path) -> None:
    transport = Losing()
    with app.room("mara", transport=transport) as room:
        room.create_project(form)
        room.create_project(form)
    assert len({key for key in transport.keys if key}) == 2


def test_a_server_that_comes_in_time_is_waited_for(app: Running) -> None:
    late = Running(app.vault)
    answers = []
    with Strongroom(late.url, late.token("later"), patience_seconds=20) as room:
        asking = threading.Thread(target=lambda: answers.append(room.session().person.login))
        asking.start()
        with late.served():
            asking.join(20)
    assert answers == ["later"]


def test_a_server_that_does_not_come_back_is_said_to_be_gone() -> None:
    with Strongroom("http://127.0.0.1:9", "srt_x", patience_seconds=0.2) as room:
        with pytest.raises(UnreachableError) as gone:
            room.session()
        assert "http://127.0.0.1:9" in gone.value.detail
    with Strongroom("port eight", "srt_x") as room, pytest.raises(UnreachableError):
        room.session()


class Damaging(httpx.BaseTransport):
    """Changes a byte of what is downloaded."""

    def __init__(self) -> None:
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._real.handle_request(request)
        if request.url.path.endswith("/download"):
            return httpx.Response(
                200, headers=response.headers, content=response.read().replace(b"quiet", b"quit!")
            )
        return response


def test_a_damaged_download_leaves_no_file(app: Running, project: Project, tmp_path: Path) -> None:
    with app.room("mara", transport=Damaging()) as room:
        dataset = room.wait(room.export(project))
        with pytest.raises(DamagedError):
            room.download(dataset, to=tmp_path / "out.jsonl")
    assert not (tmp_path / "out.jsonl").exists()
    assert list(tmp_path.glob("*.part")) == []


def test_what_is_downloaded_is_its_owners_alone(app: Running, project: Project, tmp_path: Path) -> None:
    """Nor does it go where somebody else's link leads."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("")
    (tmp_path / "out.jsonl.part").symlink_to(elsewhere)
    with app.room("mara") as room:
        file = room.download(room.wait(room.export(project)), to=tmp_path / "out.jsonl")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not file.is_symlink()
    assert elsewhere.read_text() == ""
