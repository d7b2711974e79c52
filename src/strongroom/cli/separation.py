"""`strongroom verify-separation`: anybody who has a backup can put the promise to the test, on copies."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import structlog
import typer
from sqlalchemy import select

import strongroom.assembly  # noqa: F401 (a vault can't be opened before every table is known)
from strongroom.cli.backup import latest_ledger
from strongroom.errors import InvalidError
from strongroom.markings import Scheme, SchemeError
from strongroom.people.tables import Person
from strongroom.separation import cast, ground, trial
from strongroom.separation.strategies import operations, without_strategy
from strongroom.separation.trial import CANNOT_SEE, Outcome
from strongroom.separation.world import InProcess, OverHttp
from strongroom.vault import Vault, clock, purge, purge_ledger
from strongroom.vault import restore as restores
from strongroom.web import Settings
from strongroom.web.app import build

DIFFERENT = 1


class Over(StrEnum):
    process = "process"
    http = "http"


def verify_separation(
    backup: Annotated[
        Path | None,
        typer.Argument(
            help="The folder of a backup (`strongroom backup`). Without one, a workspace is made for the trial.",
            metavar="[BACKUP]",
            show_default=False,
        ),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", help="The file with the workspace's keys, kept apart.", show_default=False),
    ] = None,
    scheme: Annotated[
        str, typer.Option(help="Marking scheme of a workspace that is made for the trial.")
    ] = "corporate",
    over: Annotated[
        Over,
        typer.Option(help="http: through server processes on loopback; process: quicker, the same program."),
    ] = Over.process,
    seed: Annotated[int, typer.Option(help="Decides everything that is tried.")] = 1,
    steps: Annotated[int, typer.Option(help="How many requests and hidden acts, in all.", min=1)] = 3000,
    minutes: Annotated[float, typer.Option(help="When to stop at the latest.", min=0.1)] = 10.0,
    keep: Annotated[
        Path | None,
        typer.Option(help="Keep the copies there; they hold what the backup holds.", show_default=False),
    ] = None,
) -> None:
    """Tries whether anybody can tell that people whom they may not see have been at work.

    Two copies of a backup are run with the same clock and the same dice; in one of them hidden people work. Every answer that
    an observer gets must be the same in both, byte for byte. Ends with status 1 when one is not. The workspace that the
    backup came from is not touched.
    """
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    known = operations(build(Settings()).openapi())
    if wanting := without_strategy(known):
        raise InvalidError(
            f"Nobody here knows how to try {', '.join(wanting)}: this trial would not be whole."
        )
    with _scratch(keep) as scratch, _bring_up(scratch / "ground", backup, keys, scheme):
        laid = _ground(scratch / "ground", seed)
        _introduce(laid, backup, over)
        outcome = trial.Trial(
            laid,
            scratch,
            known,
            opened=OverHttp if over is Over.http else InProcess,
            say=lambda line: typer.echo(f"  {line}"),
        ).run(seed, steps, minutes)
    _report(outcome, seed)
    if not outcome.holds:
        raise typer.Exit(DIFFERENT)


@contextmanager
def _scratch(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise InvalidError(f"There is something in {keep} already.", remedy="Name an empty folder.")
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield keep
        return
    folder = Path(tempfile.mkdtemp(prefix="strongroom-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _bring_up(folder: Path, backup: Path | None, keys: Path | None, scheme: str) -> Iterator[None]:
    """Whatever database and second place the environment names, they are the live workspace's. The copies lie in SQLite;
    what was purged since the backup is purged in them too, and what they purge is not written down over there."""
    if backup is None:
        try:
            Vault.create(folder, Scheme.load(scheme), database="").close()
        except SchemeError as error:
            raise InvalidError(f"That marking scheme cannot be used: {error}") from error
    else:
        restores.restore(backup, folder, keys_from=keys, settle=_purge_again)
    place = os.environ.pop(purge_ledger.COPIES, None)
    try:
        yield
    finally:
        if place is not None:
            os.environ[purge_ledger.COPIES] = place


def _purge_again(vault: Vault) -> None:
    purge.reapply(vault, latest_ledger(vault))


def _ground(folder: Path, seed: int) -> ground.Ground:
    with Vault.open(folder, database="") as vault:
        players = cast.cast_for(vault.scheme, ground.markings_in_use(vault), _logins(vault))
    moment = clock.now().replace(microsecond=0) + timedelta(hours=2)
    return ground.lay(folder, players, moment, seed=f"trial {seed}")


def _logins(vault: Vault) -> frozenset[str]:
    with vault.registry() as session:
        return frozenset(session.scalars(select(Person.login)))


def _introduce(laid: ground.Ground, backup: Path | None, over: Over) -> None:
    origin = f"copies of the backup {backup}" if backup else "a workspace made for this"
    way = "server processes on loopback" if over is Over.http else "the program in this process"
    joined = len(set().union(*laid.projects.values()))
    typer.echo(f"Two worlds on {origin}, scheme {laid.cast.scheme.name}, through {way}.")
    if backup:
        typer.echo(f"The people of the trial join {joined} of its projects, as far as each may see them.")
    for observer in laid.cast.observers:
        hidden = ", ".join(actor.level for actor in laid.cast.hidden_from(observer))
        typer.echo(f"  {observer.login} works at {observer.level}; hidden: work at {hidden}")
    if not laid.cast.incomparable:
        typer.echo(
            "  In this scheme clearances can be compared: nobody is hidden from whoever stands higher."
        )


def _report(outcome: Outcome, seed: int) -> None:
    observed = sum(tried.count("observer") for tried in outcome.tried.values())
    hidden = sum(tried.count("hidden") for tried in outcome.tried.values())
    typer.echo(
        f"\nTried in {outcome.seconds:.0f} s: {observed} requests of observers, each in both worlds, and {hidden} acts of "
        f"hidden people between them ({outcome.requests} requests in all)."
    )
    for side, words in (("observer", "as observer"), ("hidden", "as a hidden person")):
        untried = outcome.untried(side)
        typer.echo(f"Operations {words}: {outcome.operations - untried} of {outcome.operations}.")
    statuses: Counter[int] = Counter()
    for tried in outcome.tried.values():
        for (_, _, status), count in tried.answers.items():
            if status:  # 0: left alone, since an auditor observes
                statuses[status // 100] += count
    shares = ", ".join(f"{hundred}xx {count}" for hundred, count in sorted(statuses.items()))
    typer.echo(f"Answers: {shares}.")
    typer.echo(f"Seeds: {seed}; plays {outcome.seeds[0]} to {outcome.seeds[-1]}.")
    typer.echo("What this cannot see:")
    for each in CANNOT_SEE:
        typer.echo(f"  {each}")
    typer.echo("")
    if outcome.found is not None:
        found = outcome.found
        typer.echo(
            f"THE WORLDS DIFFER for {found.observer.login}, play {found.seed}, {found.steps} steps:\n",
            err=True,
        )
        for line in found.happened:
            typer.echo(f"  {line}", err=True)
        typer.echo(f"\n{found.difference}", err=True)
    elif not outcome.dual:
        typer.echo("What should show did not show: this trial proves nothing.", err=True)
    else:
        typer.echo("No answer told anything of hidden work.")
