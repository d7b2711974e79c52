"""What a rule of confidence saves in the room itself: crowds whose answers are known, put to work at the desk.

    python benchmarks/room_saves.py [--sets RTE,TEMP,SP] [--orders 3] [--confidence 0.9,0.95,0.99]

Each item of a set becomes a task that names the people who answered it. They come in a random order, some tasks at a
time, claim what the room gives them and submit what they answered then; the worker looks in between. So the queue,
its claims, the consensus and the stopping rule are the program's own, from the import to the export. Beside it: the
same answers in random orders with a fixed number each and majority vote. `saved` is what the rule needs less than a
fixed overlap, at the accuracy that the rule reaches.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import tempfile
from collections import Counter, defaultdict
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import structlog
from quality.crowd import DATA

from strongroom import assembly, jobs
from strongroom.label import assign, export, imports, project, refit, submit, uploads
from strongroom.label import dataset as datasets
from strongroom.label.desk import at_desk
from strongroom.label.rules import rules_of
from strongroom.label.schemas import ExportIn, ImportOptions, ProjectIn
from strongroom.label.tables import Dataset, Project
from strongroom.markings import Scheme
from strongroom.people import Idempotency, Person, set_roles
from strongroom.vault import Reader, Vault, load

LOOKS = 40
"""How often the worker looks while a set is answered."""
AT_A_TIME = 5
"""Tasks that somebody takes before the next one comes."""

Answers = dict[tuple[str, str], str]


class Crowd:
    """A set of answers: (task, worker) -> label, and the truth of some tasks."""

    def __init__(self, name: str) -> None:
        self.name = name
        answers, gold = (_rows(DATA / name / file) for file in ("answers.csv", "gold.csv"))
        self.answers: Answers = {}
        for row in answers:
            self.answers.setdefault((row["task"], row["worker"]), row["label"])
        self.gold = {row["task"]: row["label"] for row in gold}
        self.of_task: defaultdict[str, list[str]] = defaultdict(list)
        for task, worker in self.answers:
            self.of_task[task].append(worker)
        self.labels = sorted(set(self.answers.values()) | set(self.gold.values()))

    def accuracy(self, told: dict[str, str]) -> float:
        known = [task for task in self.gold if task in self.of_task]
        return fmean(told.get(task) == self.gold[task] for task in known)

    def fixed(self, overlap: int, chance: random.Random) -> tuple[float, float]:
        """Answers an item, and accuracy, of a majority of `overlap` answers each."""
        told, spent = {}, 0
        for task, workers in self.of_task.items():
            some = chance.sample(workers, min(overlap, len(workers)))
            votes = Counter(self.answers[task, worker] for worker in some)
            spent += len(some)
            told[task] = min(votes, key=lambda label: (-votes[label], self.labels.index(label)))
        return spent / len(self.of_task), self.accuracy(told)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def in_the_room(crowd: Crowd, rules: dict[str, object], seed: int, folder: Path) -> tuple[float, float]:
    """Answers an item, and accuracy, of the room under its rules."""
    chance = random.Random(seed)
    with Vault.create(folder, Scheme.load("corporate")) as vault:
        workers = sorted({worker for _, worker in crowd.answers})
        with vault.registry(write=True) as session:
            people = {name: Person(login=f"w{name}", name=name) for name in workers}
            manager = Person(login="manager", name="Manager")
            session.add_all([manager, *people.values()])
            session.flush()
            ids = {name: person.id for name, person in people.items()}
            manager_id = manager.id

        def reader(person_id: str, login: str) -> Reader:
            clearance = vault.scheme.clearance({"level": "Public"})
            return Reader(person_id, login, clearance, vault.scheme.bottom, "session", "benchmark")

        boss = reader(manager_id, "manager")
        field = {"key": "answer", "kind": "class", "title": "Answer"}
        form = {"fields": [{**field, "labels": [{"id": f"L{label}"} for label in crowd.labels]}]}
        asked = ProjectIn.model_validate({"name": crowd.name, "form": form, "rules": rules})
        with vault.writing(boss) as session:
            project_id = project.create(session, asked).id
            for name in workers:
                set_roles(session, project_id, ids[name], ["annotator"])
        tasks = list(crowd.of_task)
        chance.shuffle(tasks)
        rows = [
            {"id": task, "text": f"Item {task}", "people": [f"w{each}" for each in crowd.of_task[task]]}
            for task in tasks
        ]
        upload = uploads.stage(vault, BytesIO("".join(json.dumps(row) + "\n" for row in rows).encode()))
        examined = imports.examine(upload, "rows.jsonl", "jsonl", ImportOptions())
        with project.from_above(vault, boss, project_id) as (session, found):
            imports.begin(session, vault, found, examined)
        jobs.run_waiting(vault)

        def look() -> None:
            with vault.writing(boss) as session:
                stored = rules_of(load(session, Project, project_id).rules)
                refit.ask(session, project_id, stored, at_once=True)
            jobs.run_waiting(vault)

        every = max(20, len(crowd.answers) // LOOKS // 2)
        given = since = 0
        while True:
            before = given
            for name in chance.sample(workers, len(workers)):
                me = reader(ids[name], f"w{name}")
                for _ in range(AT_A_TIME):
                    task = assign.give(vault, me, project_id)
                    if task is None:
                        break
                    answer = {"answer": f"L{crowd.answers[task.task.external_id or '', name]}"}
                    with at_desk(vault, me, task.id, answer) as (session, held):
                        submit.submit(
                            session,
                            held,
                            lease=task.lease,
                            answer=answer,
                            seconds=1.0,
                            idempotency=Idempotency(None, ""),
                        )
                    given, since = given + 1, since + 1
                if since >= every:
                    look()
                    since = 0
            if since:
                look()
                since = 0
            if given == before:
                break
        with project.from_above(vault, boss, project_id) as (session, found):
            dataset_id = export.begin(session, found, ExportIn()).id
        jobs.run_waiting(vault)
        with vault.reading(boss) as session:
            content = datasets.download(session, load(session, Dataset, dataset_id).id, "jsonl").content
        lines = [json.loads(line) for line in b"".join(content).splitlines()]
    told = {
        line["id"]: line["consensus"]["answer"]["value"][1:]
        for line in lines
        if "answer" in line["consensus"]
    }
    assert given == sum(len(line["answers"]) for line in lines)
    return given / len(crowd.of_task), crowd.accuracy(told)


def needed(curve: list[tuple[float, float]], accuracy: float) -> float | None:
    """Answers an item that a fixed overlap needs for an accuracy, between its points; None where it never gets there."""
    for (some, low), (more, high) in pairwise(curve):
        if low <= accuracy <= high:
            return some + (more - some) * (accuracy - low) / max(high - low, 1e-9)
    return curve[0][0] if accuracy < curve[0][1] else None


def main() -> None:
    assert assembly
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", default="RTE,TEMP,SP")
    parser.add_argument("--orders", type=int, default=3)
    parser.add_argument("--confidence", default="0.9,0.95,0.99")
    parser.add_argument("--most", type=int, default=10)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    for name in given.sets.split(","):
        crowd = Crowd(name)
        most = min(given.most, max(map(len, crowd.of_task.values())))
        curve = []
        for overlap in range(1, most + 1):
            drawn = [crowd.fixed(overlap, random.Random(seed)) for seed in range(20)]
            curve.append((fmean(each[0] for each in drawn), fmean(each[1] for each in drawn)))
        print(f"\n{name}: {len(crowd.of_task)} tasks, {len(crowd.answers)} answers")
        print("  fixed overlap, majority: " + "  ".join(f"{k:.1f}: {a:.3f}" for k, a in curve))
        for confidence in map(float, given.confidence.split(",")):
            rules: dict[str, object] = {"ask": {"confidence": confidence, "least": 2, "most": most}}
            runs = []
            for seed in range(given.orders):
                with tempfile.TemporaryDirectory() as folder:
                    runs.append(in_the_room(crowd, rules, seed, Path(folder) / "workspace"))
            spent, accuracy = fmean(each[0] for each in runs), fmean(each[1] for each in runs)
            fixed = needed(curve, accuracy)
            saved = (
                f"{1 - spent / fixed:.0%} saved against a fixed {fixed:.2f}"
                if fixed
                else f"no fixed overlap up to {most} gets there: {1 - spent / curve[-1][0]:.0%} saved against {most}"
            )
            print(
                f"  {confidence:.0%} sure: {spent:.2f} answers a task, accuracy {accuracy:.3f}"
                f" ({min(r[1] for r in runs):.3f}–{max(r[1] for r in runs):.3f}); {saved}",
                flush=True,
            )


if __name__ == "__main__":
    main()
