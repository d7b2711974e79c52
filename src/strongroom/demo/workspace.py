"""A workspace as it looks after six days of work."""

from __future__ import annotations

import csv
import heapq
import io
import itertools
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import yaml

import strongroom.assembly  # noqa: F401 (a vault can't be made before every table is known)
from strongroom import jobs
from strongroom.demo import annotators, schedule
from strongroom.demo.cast import NEWCOMER, Character, ProjectKey, characters
from strongroom.demo.schedule import DAYS, Pile, Turn, days_before
from strongroom.demo.staff import Member, enrol
from strongroom.demo.texts import Incident, Message, incidents, messages, stored
from strongroom.label import assign, desk, draft, export, imports, project, skip, submit, uploads
from strongroom.label.schemas import AssignmentOut, ExportIn, ImportOptions, ProjectIn
from strongroom.markings import Scheme
from strongroom.people import Idempotency, set_roles
from strongroom.vault import Reader, Vault, clock

SEED = 8710
SIGN = "demo.json"
"""The file that tells a demonstration from a workspace in earnest."""
OVERLAP = 3
LATE = 8
"""So many reports of the port came later, in a file of their own."""
LEVELS: Mapping[ProjectKey, str] = {"port": "PUBLIC", "relief": "INTERNAL"}
EXPORT = ("leila", "INTERNAL", "Reports up to Internal, first half")
IN_HAND: tuple[tuple[str, Pile], ...] = (
    ("mehmet", ("port", "INTERNAL//FOR HARBOUR")),
    ("lucia", ("relief", "INTERNAL//FOR RELIEF")),
)
"""Who has a task in hand at this moment, with a draft."""

_UNREPEATED = Idempotency(None, "")


def create(folder: Path, *, now: datetime | None = None, seed: int = SEED) -> None:
    """Makes the workspace of the demonstration in `folder`, with the days before `now` behind it.

    What people answered follows from `seed` alone; ids and keys are as random as anywhere. Raises FileExistsError when
    there is something in `folder` already. Cut short, it leaves nothing there.
    """
    if not is_absent(folder):
        raise FileExistsError(f"there is something in {folder} already")
    moment = now or clock.now()
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        with Vault.create(building, Scheme.load("corporate")) as vault:
            _Story(vault, moment, seed).play()
        (building / SIGN).write_text(json.dumps({"made_at": moment.isoformat(), "seed": seed}) + "\n")
        building.rename(folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def is_absent(folder: Path) -> bool:
    return not folder.exists() or not any(folder.iterdir())


def is_one(folder: Path) -> bool:
    """Whether `folder` was made by `create`: only there may links be handed out to whoever asks."""
    return (folder / SIGN).is_file()


def made_at(folder: Path) -> datetime:
    return datetime.fromisoformat(json.loads((folder / SIGN).read_text())["made_at"])


class _Story:
    """What happens, act by act, each at its time."""

    def __init__(self, vault: Vault, now: datetime, seed: int) -> None:
        self._vault = vault
        self._now = now
        self._seed = seed
        items: list[Incident | Message] = [*incidents(), *messages()]
        self._items = {each.id: each for each in items}
        self._beside = _Beside()
        self._staff: dict[str, Member] = {}
        self._projects: dict[ProjectKey, str] = {}
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def play(self) -> None:
        begun = days_before(self._now, DAYS, 6.5)
        self._at(begun, self._open)
        self._at(begun + timedelta(minutes=20), self._import_the_first)
        self._at(days_before(self._now, 2, 7.75), self._import_the_late)
        self._at(days_before(self._now, 1, 18.5), self._export)
        for turn in schedule.turns(self._now, _sizes(), self._able(), OVERLAP, self._seed):
            self._at(turn.at, partial(self._take, turn))
        for login, pile in IN_HAND:
            self._at(self._now - timedelta(minutes=2), partial(self._begin, login, pile))
        while self._agenda:
            at, _, act = heapq.heappop(self._agenda)
            with clock.at(at):
                act()

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (moment, next(self._numbers), act))

    def _reader(self, login: str, level: str) -> Reader:
        return self._staff[login].reader(self._vault.scheme.parse(level))

    def _able(self) -> dict[Pile, list[Character]]:
        """The simulated annotators who may work on each pile: by clearance and by role."""
        scheme = self._vault.scheme
        cleared = {
            each.login: scheme.clearance(each.clearance)
            for each in characters()
            if each.clearance is not None
        }
        return {
            pile: [
                each
                for each in characters()
                if each.errors
                and "annotator" in each.roles.get(pile[0], ())
                and cleared[each.login].permits(scheme.parse(pile[1]))
            ]
            for pile in _sizes()
        }

    def _open(self) -> None:
        self._staff = enrol(self._vault, characters())
        for key, level in LEVELS.items():
            with self._vault.writing(self._reader(NEWCOMER, level)) as session:
                made = project.create(session, ProjectIn(form=stored(f"{key}.yaml"), overlap=OVERLAP))
                for member in self._staff.values():
                    if roles := member.character.roles.get(key, ()):
                        set_roles(session, made.id, member.person_id, roles)
                self._projects[key] = made.id

    def _import_the_first(self) -> None:
        self._import("port", "reports.jsonl", _jsonl(incidents()[:-LATE]))
        self._import("relief", "messages.jsonl", _jsonl(messages()))

    def _import_the_late(self) -> None:
        """Comes as a CSV file, with two reports that are there already and a few rows that can't be taken."""
        rows = io.StringIO()
        writer = csv.writer(rows, lineterminator="\n")
        writer.writerow(("id", "marking", "text"))
        writer.writerows(
            (each.id, each.marking, each.text) for each in (*incidents()[:2], *incidents()[-LATE:])
        )
        self._import("port", "late-reports.csv", rows.getvalue() + stored("refused.csv"))

    def _import(self, key: ProjectKey, file_name: str, content: str) -> None:
        upload = uploads.stage(self._vault, io.BytesIO(content.encode()))
        examined = imports.examine(upload, file_name, "auto", ImportOptions())
        reader = self._reader(NEWCOMER, LEVELS[key])
        with project.from_above(self._vault, reader, self._projects[key]) as (session, found):
            imports.begin(session, self._vault, found, examined)
        jobs.run_waiting(self._vault)

    def _export(self) -> None:
        login, level, name = EXPORT
        with project.from_above(self._vault, self._reader(login, level), self._projects["port"]) as (
            session,
            found,
        ):
            export.begin(session, found, ExportIn(name=name))
        jobs.run_waiting(self._vault)

    def _claim(self, login: str, pile: Pile) -> AssignmentOut | None:
        key, marking = pile
        with self._vault.writing(self._reader(login, marking)) as session:
            return assign.next_task(session, self._projects[key])

    def _take(self, turn: Turn) -> None:
        """One task from claim to answer, or to a skip."""
        given = self._claim(turn.login, turn.pile)
        if given is None:
            return
        item = given.task.external_id or ""
        reader = self._reader(turn.login, turn.pile[1])
        if skipped := self._beside.take("skips", item, turn.login):
            with desk.at_desk(self._vault, reader, given.id) as (session, held):
                skip.skip(session, held, given.lease, skipped["reason"])
            return
        answer = self._answer(turn.login, item)
        with clock.at(turn.at + timedelta(seconds=turn.seconds)):
            if flagged := self._beside.take("flags", item, turn.login):
                with desk.at_desk(self._vault, reader, given.id) as (session, held):
                    skip.flag(session, held, flagged["note"])
            if revised := self._beside.take("revisions", item, turn.login):
                self._hand_in(reader, given, {"kind": revised["first"]}, turn.seconds / 2)
                later = clock.now() + timedelta(hours=revised["hours"])
                self._at(later, partial(self._hand_in, reader, given, answer, turn.seconds))
            else:
                self._hand_in(reader, given, answer, turn.seconds)

    def _hand_in(
        self, reader: Reader, given: AssignmentOut, answer: Mapping[str, Any], seconds: float
    ) -> None:
        with desk.at_desk(self._vault, reader, given.id, answer) as (session, held):
            submit.submit(
                session, held, lease=given.lease, answer=answer, seconds=seconds, idempotency=_UNREPEATED
            )

    def _begin(self, login: str, pile: Pile) -> None:
        """A task taken and left with a draft of the answer."""
        given = self._claim(login, pile)
        if given is not None:
            work = self._answer(login, given.task.external_id or "")
            with desk.at_desk(self._vault, self._reader(login, pile[1]), given.id, work) as (session, held):
                draft.save(session, held, work)

    def _answer(self, login: str, item_id: str) -> dict[str, Any]:
        item, person = self._items[item_id], self._staff[login].character
        if isinstance(item, Incident):
            return annotators.classify(person, item, self._seed)
        return annotators.mark(person, item, self._seed)


class _Beside:
    """What happens at the desk beside answers, each once: to the first of those named who is given the item."""

    def __init__(self) -> None:
        self._told: dict[str, list[dict[str, Any]]] = yaml.safe_load(stored("desk.yaml"))

    def take(self, what: str, item: str, login: str) -> dict[str, Any] | None:
        waiting = self._told[what]
        found = next((each for each in waiting if each["item"] == item and login in each["by"]), None)
        if found is not None:
            waiting.remove(found)
        return found


def _sizes() -> dict[Pile, int]:
    found: Counter[Pile] = Counter()
    found.update(("port", each.marking) for each in incidents())
    found.update(("relief", each.marking) for each in messages())
    return dict(found)


def _jsonl(items: Iterable[Incident] | Sequence[Message]) -> str:
    return "".join(
        json.dumps({"id": each.id, "marking": each.marking, "text": each.text}, ensure_ascii=False) + "\n"
        for each in items
    )
