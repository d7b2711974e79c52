"""The labelling room: projects, the desk, what comes in and what goes out."""

from __future__ import annotations

import json
from typing import Any

from strongroom.separation.strategies.drawing import Draw, body_of, told_by, upload_of

told_by("lease", "assignment_id")
told_by("assignment_id", "assignment_id")
told_by("guideline", "project_id")
told_by("file_name", "import_id")
told_by("sha256", "dataset_id")
told_by("excerpt", "task_id")
told_by("external_id", "task_id")


def result(draw: Draw) -> dict[str, Any]:
    """An answer to the form of the project, as far as the actor has seen it; one in ten or so doesn't fit."""
    work = draw.work()
    form = draw.pool.forms.get(work["project_id"]) if work else None
    if form is None or draw.dice.random() < 0.1:
        return {"kind": draw.dice.choice(["spill", "fire", "nonsense"])}
    text = work["task"]["text"]
    found: dict[str, Any] = {}
    for field in form["fields"]:
        if not field.get("required", True) and draw.dice.random() < 0.5:
            continue
        labels = [label["id"] for label in field.get("labels", [])]
        if field["kind"] == "class" and labels:
            label = draw.dice.choice(labels)
            found[field["key"]] = [label] if field.get("multiple") else label
        elif field["kind"] == "spans" and labels:
            end = draw.dice.randint(1, max(1, min(8, len(text))))
            found[field["key"]] = [{"start": 0, "end": end, "label": draw.dice.choice(labels)}]
        elif field["kind"] == "text":
            found[field["key"]] = draw.dice.choice(["A word.", "Another word."])
    return found


def form(draw: Draw) -> dict[str, Any]:
    labels = [
        {"id": "spill", "title": "Spill"},
        {"id": "fire", "title": draw.dice.choice(["Fire", "Blaze"])},
    ]
    return {"fields": [{"key": "kind", "kind": "class", "title": "Kind", "labels": labels}]}


def rules(draw: Draw) -> dict[str, Any]:
    """Rules of a project that make the queue follow the answers, and gold part of it."""
    asked = {
        "confidence": 0.9,
        "least": draw.dice.randint(1, 2),
        "most": 4,
        "budget": draw.dice.choice([None, 30]),
    }
    return draw.dice.choice(
        [
            {"ask": asked},
            {"ask": asked, "gold": {"rate": 0.5, "pause_below": 0.9, "pause_after": 1}},
            {"consensus": "majority", "review": {"below": 1, "own": True}},
            {"training": True, "qualify": {"answers": 1, "score": 0.5}, "gold": {"rate": 0.3}},
            {},
        ]
    )


@upload_of("begin_import")
def _(draw: Draw) -> tuple[dict[str, Any], dict[str, str]]:
    known = draw.dice.choice([None, None, "gold", "training"])
    options = {} if known is None else {"gold_column": "right", "known_as": known}
    rows = []
    for _ in range(draw.dice.randint(1, 4)):
        row: dict[str, Any] = {
            "id": f"n{draw.dice.randrange(12)}",
            "text": f"Text {draw.dice.randrange(12)}",
        }
        if draw.dice.random() < 0.6:
            row["marking"] = draw.marking()
        if known is not None and draw.dice.random() < 0.7:
            row["right"] = draw.dice.choice(["spill", "fire", "nonsense"])
        elif draw.dice.random() < 0.2:
            row["people"] = [draw.login()]
        rows.append(json.dumps(row))
    if draw.dice.random() < 0.2:
        rows.append("{broken")
    form = {"format": "jsonl", "options": json.dumps(options)}
    return {"file": ("rows.jsonl", "\n".join(rows).encode())}, form


@body_of("create_project")
def _(draw: Draw) -> Any:
    name = draw.dice.choice(["North", "South"])
    return {
        "name": name,
        "description": "",
        "guideline": "Read.",
        "form": form(draw),
        "overlap": draw.dice.randint(1, 3),
        **({"rules": rules(draw)} if draw.dice.random() < 0.5 else {}),
    }


@body_of("change_project")
def _(draw: Draw) -> Any:
    return draw.dice.choice(
        [
            {"name": "Renamed"},
            {"guideline": "Read twice."},
            {"overlap": 3},
            {"form": form(draw)},
            {"rules": rules(draw)},
        ]
    )


@body_of("set_member")
def _(draw: Draw) -> Any:
    return {"roles": [draw.dice.choice(["annotator", "manager", "owner"])]}


@body_of("next_task")
def _(draw: Draw) -> Any:
    return {"held": [draw.id("assignment_id")] if draw.dice.random() < 0.5 else []}


@body_of("renew_lease")
def _(draw: Draw) -> Any:
    return {"lease": draw.lease()}


@body_of("save_draft")
def _(draw: Draw) -> Any:
    return {"result": result(draw)}


@body_of("submit_answer")
def _(draw: Draw) -> Any:
    return {"lease": draw.lease(), "result": result(draw), "seconds": 3.5}


@body_of("skip_task")
def _(draw: Draw) -> Any:
    return {"lease": draw.lease(), "reason": "unreadable"}


@body_of("flag_task")
def _(draw: Draw) -> Any:
    return {"note": draw.dice.choice(["odd", ""])}


@body_of("begin_export")
def _(draw: Draw) -> Any:
    return {"name": "out", "only_complete": draw.dice.random() < 0.3}


@body_of("decide_task")
def _(draw: Draw) -> Any:
    return {"result": {"kind": draw.dice.choice(["spill", "fire", "nonsense"])}, "note": "plain enough"}


@body_of("make_gold")
def _(draw: Draw) -> Any:
    return {"explanation": draw.dice.choice(["", "It says so."])}
