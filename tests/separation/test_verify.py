"""`strongroom verify-separation`: for anybody who has a backup."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from databases import Sqlite
from strongroom.cli import app
from strongroom.errors import InvalidError
from strongroom.label.tables import Task
from strongroom.markings import Scheme
from strongroom.separation import trial
from strongroom.separation.cast import cast_for, everything
from strongroom.separation.ground import Ground, _reader
from strongroom.vault import Vault, backup, clock, core, purge, purge_ledger
from strongroom.web import routes

from .conftest import laid


def verify(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, ["verify-separation", *map(str, arguments)])


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A workspace with projects and people in it, and a backup beside it."""
    folder = tmp_path_factory.mktemp("customer")
    ground = laid(folder / "workspace", Sqlite())
    with Vault.open(folder / "workspace") as vault:
        backup.make(vault, folder / "backup")
    return ground


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_backup_is_tried_and_the_workspace_left_alone(customers: Ground) -> None:
    before = digest(customers.folder)

    result = verify(customers.folder.parent / "backup", "--steps", 60, "--seed", 4)

    assert result.exit_code == 0, result.output
    assert "No answer told anything of hidden work." in result.output
    assert "join 1 of its projects" in result.output
    assert "4/two-worlds-1/1" in result.output
    assert "cannot see" in result.output
    assert digest(customers.folder) == before


def test_a_leak_is_reported_with_the_shortest_way_to_it(
    customers: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "REPLAYS", 12)
    monkeypatch.setattr(routes, "levels_of", lambda session: [*session.vault.markings._by_id.values()])

    result = verify(customers.folder.parent / "backup", "--steps", 3000)

    assert result.exit_code == 1, result.output
    assert "THE WORLDS DIFFER" in result.output
    lines = result.output[result.output.index("THE WORLDS DIFFER") :].splitlines()
    told = [line for line in lines if line.startswith("  two-worlds-")]
    assert len(told) <= 40, "a marking that somebody used first, and a look at the levels"
    assert "GET /levels" in told[-1]


def test_the_copies_can_be_kept(tmp_path: Path, customers: Ground) -> None:
    kept = tmp_path / "kept"
    assert verify(customers.folder.parent / "backup", "--steps", 1, "--keep", kept).exit_code == 0
    assert (kept / "ground" / "strongroom.db").exists()
    assert verify(customers.folder.parent / "backup", "--steps", 1, "--keep", kept).exit_code != 0


def test_what_was_purged_since_the_backup_is_not_in_the_copies_and_the_second_place_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(purge_ledger.COPIES, str(tmp_path / "safe"))
    ground = laid(tmp_path / "workspace", Sqlite())
    with Vault.open(tmp_path / "workspace", database="") as vault:
        backup.make(vault, tmp_path / "backup")
        chief = _reader(vault, next(iter(ground.people.values())), "chief", everything(vault.scheme))
        with vault.reading(chief) as session:
            task = session.scalars(select(Task.id)).first()
        purge.begin(vault, chief, ("task", task), "case", "1" * 32, lambda _: {"task": [task]})
        purge.finish(vault, "1" * 32)
    before = digest(tmp_path / "safe")
    seen = []

    def looked(self: trial.Trial, *_: object) -> None:
        with self.ground.two(self.scratch) as (world, _other):
            with world.vault._system.reading() as connection:
                seen.append(connection.scalar(select(func.count()).where(core(Task).c.id == task)))
            purge_ledger.write(world.vault, "2" * 32, "case", clock.now(), {})
        raise InvalidError("That is enough.")

    monkeypatch.setattr(trial.Trial, "run", looked)
    assert verify(tmp_path / "backup").exit_code
    assert seen == [0]
    assert digest(tmp_path / "safe") == before


@pytest.mark.parametrize("name", ["corporate", "us-notional", "uk-gscp", "us-cui", "tlp"])
def test_people_are_found_for_every_scheme(name: str) -> None:
    scheme = Scheme.load(name)
    cast = cast_for(scheme, [], frozenset({"two-worlds-2"}))

    assert cast.incomparable == (name != "tlp"), "the traffic lights are a ladder"
    for one, other in itertools.combinations(cast.observers, 2):
        if cast.incomparable:
            assert not cast.permits(one, other.level)
            assert not cast.permits(other, one.level)
    for observer in cast.observers:
        assert cast.permits(observer, observer.level)
        assert cast.chief in cast.hidden_from(observer)
    assert "two-worlds-2" not in {actor.login for actor in cast.everyone}


def test_people_meet_the_markings_that_the_workspace_uses() -> None:
    scheme = Scheme.load("corporate")
    used = [scheme.parse(text) for text in ("CONFIDENTIAL//PII", "INTERNAL//FOR LEGAL", "RESTRICTED//PHI")]

    cast = cast_for(scheme, used)

    assert {str(marking) for marking in used} == {observer.level for observer in cast.observers}


def test_a_scheme_that_hides_nothing_is_told_so(tmp_path: Path) -> None:
    plan = tmp_path / "open.yaml"
    plan.write_text(
        "{name: open, version: 1, title: Open, "
        "levels: [{short: O, long: OPEN, colour: '#000000', ink: '#ffffff'}], "
        "changes: {raising: {duty: security_officer, people: 1}, lowering: {duty: security_officer, people: 2}}}"
    )
    with pytest.raises(InvalidError, match="nothing can be hidden"):
        cast_for(Scheme.load(plan), [])
