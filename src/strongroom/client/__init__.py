"""The Python client: what a program says to a running Strongroom, over HTTP.

    from strongroom.client import Strongroom

    with Strongroom("http://127.0.0.1:8710", token="srt_…") as room:
        project = room.create_project("form.yaml")
        room.wait(room.import_file(project, "texts.csv"))
        for task in room.tasks(project):
            room.submit(task, {"kind": "spill"})
        dataset = room.wait(room.export(project))
        room.download(dataset, to="labels.jsonl")

One object keeps one pool of connections and may be shared between threads. Every request that changes
something carries an idempotency key, and is sent again with the same key when the connection breaks or the
server is busy, so that an answer lost on the way changes nothing twice. What the server refuses is raised as the
class of `strongroom.errors` that it raised itself (`NotFoundError`, `ConflictError`, …) with its `detail`, `kept`
and `remedy`; a server that doesn't answer is an `UnreachableError`, a job that didn't end well a
`JobFailedError`.
"""

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
    Task,
)
from strongroom.client.connection import UnreachableError
from strongroom.client.room import DamagedError, JobFailedError, Strongroom

__all__ = [
    "Assignment",
    "DamagedError",
    "Dataset",
    "Import",
    "Job",
    "JobFailedError",
    "Marking",
    "Member",
    "Person",
    "Progress",
    "Project",
    "Rejection",
    "Session",
    "Strongroom",
    "Task",
    "UnreachableError",
]
