"""The room where people label: tasks go out to exactly as many people as asked, answers come back, a dataset leaves.

A *project* is a form put to a pile of *tasks*. An *import* brings tasks in; a task wants a number of answers and has a
slot for each. At the desk a person *claims* a slot, works (drafts are kept), and *submits* or *skips*. A lease that
runs out gives the slot back. An *export* freezes answers and consensus into a *dataset*.

Claims, drafts and answers carry exactly the marking of their task: who works at a level moves nothing that people at
other levels see.
"""

from strongroom.label import moved  # noqa: F401 - what happens when things are marked otherwise
from strongroom.label.check import check
from strongroom.label.consensus import Agreed, consensus
from strongroom.label.form import Form, Questions, load
from strongroom.label.routes import router
from strongroom.label.tables import (
    Annotation,
    Assignment,
    Dataset,
    Import,
    Project,
    Task,
)

__all__ = [
    "Agreed",
    "Annotation",
    "Assignment",
    "Dataset",
    "Form",
    "Import",
    "Project",
    "Questions",
    "Task",
    "check",
    "consensus",
    "load",
    "router",
]
