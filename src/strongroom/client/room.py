"""The label room, from a program's side: a method for each thing that can be done there."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeVar

import httpx

from strongroom.client.answers import (
    Assignment,
    Dataset,
    Import,
    Job,
    Marking,
    Member,
    Person,
    Progress,
    Project,
    Rejection,
    Session,
)
from strongroom.client.connection import Connection
from strongroom.errors import StrongroomError

# A program waits for a job by asking: often while it may be a short one, seldom when it has been a long one, so that
# asking adds a twentieth to the time that it takes.
_SHORTEST_PAUSE_SECONDS = 0.03
_LONGEST_PAUSE_SECONDS = 1.0
_PAUSE_PER_SECOND_WAITED = 0.05

# What can be waited for: a job, or a thing that a job makes.
Awaited = TypeVar("Awaited", Import, Dataset, Job)


class JobFailedError(StrongroomError):
    """A job that was waited for failed or was cancelled; `job` is how it ended."""

    code = "job_failed"
    title = "The job did not end well"
    exit_code = 1

    def __init__(self, job: Job) -> None:
        super().__init__(
            f"The job {job.id} ({job.kind}) {'was cancelled' if job.state == 'cancelled' else 'failed'}: "
            f"{job.message or 'no reason given'}",
            kept="What it had done by then is kept.",
            remedy="Resume it with `resume(job)`: it goes on where it stopped.",
        )
        self.job = job


class DamagedError(StrongroomError):
    code = "damaged"
    title = "The file arrived damaged"


class Strongroom:
    """A running Strongroom at `url`, as the person to whom `token` belongs, working at `level` (the text of a
    marking; the least restrictive one if None).

    `patience_seconds` is how long a request is repeated while the server doesn't answer or is busy. Raises
    UnreachableError after that, and the classes of `strongroom.errors` for what the server refuses.
    """

    def __init__(
        self,
        url: str,
        token: str,
        level: str | None = None,
        *,
        patience_seconds: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = Connection(url, token, level, patience_seconds=patience_seconds, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections; the object is of no use afterwards."""
        self._http.close()

    def at(self, level: str) -> Strongroom:
        """The same person at another working level (the text of a marking), over the same connections."""
        other = copy.copy(self)
        other._http = self._http.at(level)
        return other

    # Who I am

    def session(self) -> Session:
        """The token's person and the working level."""
        return Session.model_validate(self._http.get("/session"))

    def levels(self) -> list[Marking]:
        """The markings that the token's person may work at."""
        return [Marking.model_validate(item) for item in self._http.get("/levels")["items"]]

    def people(self) -> Iterator[Person]:
        return (Person.model_validate(item) for item in self._http.pages("/people"))

    # Projects

    def create_project(
        self,
        form: str | Path | Mapping[str, Any],
        *,
        name: str | None = None,
        description: str | None = None,
        guideline: str | None = None,
        overlap: int | None = None,
        lease_seconds: int | None = None,
    ) -> Project:
        """A new project, marked with the working level and owned by the token's person.

        `form` is a mapping, or the path of a YAML or JSON file. What it says of name, description, guideline and
        overlap holds unless given here. Raises InvalidError, with the places in `extra["errors"]`, for a bad form.
        """
        given = {
            "name": name,
            "description": description,
            "guideline": guideline,
            "overlap": overlap,
            "lease_seconds": lease_seconds,
        }
        body: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        body["form"] = dict(form) if isinstance(form, Mapping) else Path(form).read_text("utf-8")
        return Project.model_validate(self._http.post("/projects", body))

    def projects(self) -> Iterator[Project]:
        return (Project.model_validate(item) for item in self._http.pages("/projects"))

    def project(self, project: str) -> Project:
        return Project.model_validate(self._http.get(f"/projects/{project}"))

    def delete_project(self, project: Project | str) -> None:
        self._http.send("DELETE", f"/projects/{_id(project)}")

    def members(self, project: Project | str) -> list[Member]:
        return [Member.model_validate(item) for item in self._http.pages(f"/projects/{_id(project)}/members")]

    def set_member(self, project: Project | str, person: Person | str, roles: Iterable[str]) -> None:
        """Gives a person these roles and no others (owner, manager, reviewer, annotator, analyst, …)."""
        path = f"/projects/{_id(project)}/members/{_id(person)}"
        self._http.send("PUT", path, json={"roles": list(roles)})

    def remove_member(self, project: Project | str, person: Person | str) -> None:
        self._http.send("DELETE", f"/projects/{_id(project)}/members/{_id(person)}")

    def progress(self, project: Project | str) -> Progress:
        return Progress.model_validate(self._http.get(f"/projects/{_id(project)}/progress"))

    # Import

    def import_file(
        self,
        project: Project | str,
        file: str | os.PathLike[str] | IO[bytes],
        *,
        format: str = "auto",  # noqa: A002 - the word of the API
        file_name: str | None = None,
        **options: Any,
    ) -> Import:
        """Sends a file and starts the job that reads it; `wait` for it.

        `format` is csv, jsonl, text, conll, zip or auto. Options: text_column, id_column, marking_column,
        people_column, gold_column, explanation_column, known_as, default_marking, … A path is streamed from the disk; a
        stream is read into memory, so that it can be sent again.
        """
        if isinstance(file, (str, os.PathLike)):
            path = Path(file)
            name = file_name or path.name

            def opened() -> tuple[str, Any]:
                return name, path.open("rb")
        else:
            content = file.read()
            name = file_name or "import"

            def opened() -> tuple[str, Any]:
                return name, BytesIO(content)

        given = {key: value for key, value in options.items() if value is not None}
        response = self._http.send(
            "POST",
            f"/projects/{_id(project)}/imports",
            form={"format": format, "options": json.dumps(given)},
            file=opened,
        )
        return Import.model_validate(response.json())

    def imports(self, project: Project | str) -> Iterator[Import]:
        return (Import.model_validate(item) for item in self._http.pages(f"/projects/{_id(project)}/imports"))

    def get_import(self, import_: Import | str) -> Import:
        return Import.model_validate(self._http.get(f"/imports/{_id(import_)}"))

    def rejections(self, import_: Import | str) -> Iterator[Rejection]:
        """The rows that were not imported, in the order of the file."""
        return (
            Rejection.model_validate(item) for item in self._http.pages(f"/imports/{_id(import_)}/rejections")
        )

    # Jobs

    def job(self, job: Job | str) -> Job:
        return Job.model_validate(self._http.get(f"/jobs/{_id(job)}"))

    def cancel(self, job: Job | str) -> Job:
        return Job.model_validate(self._http.post(f"/jobs/{_id(job)}/cancel"))

    def resume(self, job: Job | str) -> Job:
        """Lets a failed or cancelled job go on where it stopped."""
        return Job.model_validate(self._http.post(f"/jobs/{_id(job)}/resume"))

    def wait(
        self,
        thing: Awaited,
        *,
        timeout_seconds: float | None = None,
        on_progress: Callable[[Job], object] | None = None,
    ) -> Awaited:
        """Waits for the job of an import or an export to end, and returns the thing as it is then.

        Raises JobFailedError when it failed or was cancelled, TimeoutError when it is still at work after
        `timeout_seconds` (it goes on).
        """
        job = thing if isinstance(thing, Job) else thing.job
        begun = time.monotonic()
        while True:
            if on_progress is not None:
                on_progress(job)
            if job.over:
                break
            waited = time.monotonic() - begun
            if timeout_seconds is not None and waited > timeout_seconds:
                raise TimeoutError(f"The job {job.id} is still {job.state}.")
            pause = max(_SHORTEST_PAUSE_SECONDS, waited * _PAUSE_PER_SECOND_WAITED)
            time.sleep(min(pause, _LONGEST_PAUSE_SECONDS))
            job = self.job(job)
        if job.state != "done":
            raise JobFailedError(job)
        if isinstance(thing, Import):
            return self.get_import(thing)
        if isinstance(thing, Dataset):
            return self.dataset(thing)
        return job

    # At the desk

    def next(self, project: Project | str, held: Iterable[Assignment | str] = ()) -> Assignment | None:
        """A task to do: one that is open in my hands and not among `held`, else a new one; None when there is
        nothing left for me."""
        body = {"held": [_id(one) for one in held]}
        answer = self._http.post(f"/projects/{_id(project)}/next", body)
        return None if answer is None else Assignment.model_validate(answer)

    def tasks(self, project: Project | str) -> Iterator[Assignment]:
        """Tasks to do, one after the other until nothing is left. One that the loop neither submits nor skips
        stays in the person's hands and is not given again by this iterator; 50 at most can stay so."""
        held: list[Assignment] = []
        while True:
            task = self.next(project, held)
            if task is None:
                return
            yield task
            if task.state == "claimed":
                held.append(task)

    def assignment(self, assignment: Assignment | str) -> Assignment:
        return Assignment.model_validate(self._http.get(f"/assignments/{_id(assignment)}"))

    def heartbeat(self, task: Assignment) -> None:
        """Renews the lease. Raises ConflictError when the task went to somebody else."""
        answer = self._http.post(f"/assignments/{task.id}/heartbeat", {"lease": task.lease})
        task.lease_until = datetime.fromisoformat(answer["lease_until"])

    def save_draft(
        self, task: Assignment, result: Mapping[str, Any], *, seconds: float | None = None
    ) -> None:
        """Keeps unfinished work on the server, even after the lease has gone."""
        body = {"result": dict(result)} if seconds is None else {"result": dict(result), "seconds": seconds}
        self._http.send("PUT", f"/assignments/{task.id}/draft", json=body)

    def submit(self, task: Assignment, result: Mapping[str, Any], *, seconds: float = 0.0) -> int:
        """Hands in an answer, and returns its revision (from 1). `seconds` is how long the person worked on it.

        Raises ConflictError when the lease has gone (the work is kept as a draft), InvalidError when the
        result doesn't fit the form.
        """
        body = {"lease": task.lease, "result": dict(result), "seconds": seconds}
        answer = self._http.post(f"/assignments/{task.id}/submit", body)
        task.state, task.revision = "submitted", answer["revision"]
        return task.revision

    def skip(self, task: Assignment, reason: str) -> None:
        """Gives the task back to the queue, for somebody else."""
        self._http.post(f"/assignments/{task.id}/skip", {"lease": task.lease, "reason": reason})
        task.state = "skipped"

    def flag(self, task: Assignment, note: str) -> None:
        """Draws the manager's attention to a task."""
        self._http.post(f"/assignments/{task.id}/flag", {"note": note})

    # Export

    def export(
        self, project: Project | str, *, name: str | None = None, only_complete: bool | None = None
    ) -> Dataset:
        """Starts the export of a dataset at the working level; `wait` for it, then `download` it."""
        given = {"name": name, "only_complete": only_complete}
        body = {key: value for key, value in given.items() if value is not None}
        return Dataset.model_validate(self._http.post(f"/projects/{_id(project)}/exports", body))

    def datasets(self, project: Project | str) -> Iterator[Dataset]:
        return (
            Dataset.model_validate(item) for item in self._http.pages(f"/projects/{_id(project)}/datasets")
        )

    def dataset(self, dataset: Dataset | str) -> Dataset:
        return Dataset.model_validate(self._http.get(f"/datasets/{_id(dataset)}"))

    def download(
        self,
        dataset: Dataset | str,
        *,
        to: str | os.PathLike[str],
        format: str = "jsonl",  # noqa: A002 - the word of the API
    ) -> Path:
        """Writes a dataset as jsonl or conll. The file appears when it is there whole and its hash is right; nobody but its
        owner may read it."""
        target = Path(to)
        unfinished = target.with_name(target.name + ".part")
        try:
            unfinished.unlink(missing_ok=True)  # made anew: not where somebody else's link leads
            with (
                open(unfinished, "xb", opener=_private) as file,
                self._http.stream(f"/datasets/{_id(dataset)}/download", format=format) as (headers, chunks),
            ):
                digest = hashlib.sha256()
                for chunk in chunks:
                    digest.update(chunk)
                    file.write(chunk)
            if headers["Digest"] != f"sha-256={digest.hexdigest()}":
                raise DamagedError(f"{target} did not arrive as it was sent.", remedy="Download it again.")
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
        return target


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _id(thing: object) -> str:
    return thing if isinstance(thing, str) else str(thing.id)  # type: ignore[attr-defined]
