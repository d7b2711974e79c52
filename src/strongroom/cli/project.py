"""`strongroom project create`, `import`, `export`, `status`: the label room from a terminal, over HTTP.

They talk to a running server as the person to whom the token belongs (STRONGROOM_URL, STRONGROOM_TOKEN). Exit status:
0 when all is well, 1 when rows were rejected or a job failed, 2 when the command could not be carried out.

`app` is the group `project`; `import_`, `export` and `status` are commands of their own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from strongroom.client import Import, Job, Progress, Project, Strongroom
from strongroom.errors import InvalidError, NotFoundError, NotPermittedError

# Of the rejected rows so many are listed; the rest is on the project's page.
LISTED_REJECTIONS = 50

app = typer.Typer(help="Labelling projects.", no_args_is_help=True)

Url = Annotated[str, typer.Option("--url", envvar="STRONGROOM_URL", help="The server.")]
Level = Annotated[
    str | None,
    typer.Option("--level", help="The marking to work at; the project's if left out.", show_default=False),
]
ProjectName = Annotated[str, typer.Argument(metavar="PROJECT", help="Id or name of a project.")]
DEFAULT_URL = "http://127.0.0.1:8710"


@app.callback()
def projects() -> None:
    """Labelling projects."""


@app.command()
def create(
    form: Annotated[Path, typer.Argument(metavar="FORM.yaml", help="What is asked; see docs/manage.md.")],
    name: Annotated[str | None, typer.Option(help="Instead of the form's.", show_default=False)] = None,
    overlap: Annotated[
        int | None, typer.Option(help="Answers per task, instead of the form's.", show_default=False)
    ] = None,
    level: Annotated[
        str | None,
        typer.Option(help="The project's marking; the least one if left out.", show_default=False),
    ] = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Makes a project from a form, and prints its id."""
    _require_file(form)
    with _room(url, level) as room:
        project = room.create_project(form, name=name, overlap=overlap)
    typer.echo(f"{project.name} is there, marked {project.marking}.", err=True)
    typer.echo(project.id)


def import_(
    project: ProjectName,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="CSV, JSONL, text, CoNLL, or a zip of texts.")
    ],
    format: Annotated[  # noqa: A002 - the word of the API
        Literal["auto", "csv", "jsonl", "text", "conll", "zip"], typer.Option(help="How to read them.")
    ] = "auto",
    text_column: Annotated[
        str | None, typer.Option(help="Where the text is, if not under a usual name.", show_default=False)
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="Where its id is.", show_default=False)] = None,
    marking_column: Annotated[
        str | None, typer.Option(help="Where its marking is.", show_default=False)
    ] = None,
    people_column: Annotated[
        str | None,
        typer.Option(help="Where the logins of those are who may be asked, by `;`.", show_default=False),
    ] = None,
    gold_column: Annotated[
        str | None,
        typer.Option(
            help="Where the right answer is: rows that have one measure or teach.", show_default=False
        ),
    ] = None,
    explanation_column: Annotated[
        str | None, typer.Option(help="Where it says why that is right.", show_default=False)
    ] = None,
    known_as: Annotated[
        Literal["gold", "training"] | None,
        typer.Option(help="What rows with a right answer become; gold if left out.", show_default=False),
    ] = None,
    level: Level = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Brings files into a project.

    Rows that can't be taken are listed and all others go in; the exit status is 1 if there were any.
    """
    for file in files:
        _require_file(file)
    rejected = 0
    with _room(url, level) as anywhere:
        target = _project(anywhere, project)
        room = anywhere.at(level or target.marking.text)
        for file in files:
            started = room.import_file(
                target,
                file,
                format=format,
                text_column=text_column,
                id_column=id_column,
                marking_column=marking_column,
                people_column=people_column,
                gold_column=gold_column,
                explanation_column=explanation_column,
                known_as=known_as,
            )
            done = room.wait(started, on_progress=_ProgressLine(file.name))
            typer.echo(
                f"{file}: {_count(done.added, 'task')} added, {done.already_there} already there, {done.rejected} rejected"
            )
            _list_rejections(room, file, done)
            rejected += done.rejected
    if rejected:
        raise typer.Exit(1)


def export(
    project: ProjectName,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.", show_default=False)],
    format: Annotated[Literal["jsonl", "conll"], typer.Option(help="How to write it.")] = "jsonl",  # noqa: A002
    name: Annotated[str | None, typer.Option(help="A name for the dataset.", show_default=False)] = None,
    only_complete: Annotated[
        bool, typer.Option("--only-complete", help="Only tasks with all the answers that were wanted.")
    ] = False,
    level: Level = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Freezes a project's answers into a dataset, and writes it to a file."""
    if not out.parent.is_dir():
        raise InvalidError(f"There is no folder {out.parent}.")
    with _room(url, level) as anywhere:
        target = _project(anywhere, project)
        room = anywhere.at(level or target.marking.text)
        dataset = room.wait(
            room.export(target, name=name, only_complete=only_complete),
            on_progress=_ProgressLine("Export"),
        )
        room.download(dataset, to=out, format=format)
    typer.echo(
        f"{out}: version {dataset.version}, {_count(dataset.tasks or 0, 'task')}, "
        f"{_count(dataset.answers or 0, 'answer')}, marked {dataset.marking}"
    )


def status(
    project: Annotated[
        str | None,
        typer.Argument(metavar="[PROJECT]", help="Id or name; all of mine if left out.", show_default=False),
    ] = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Shows how far projects are, as far as the token's person may see."""
    with _room(url, None) as room:
        chosen = list(room.projects()) if project is None else [_project(room, project)]
        rows = [_row(each, _progress(room, each)) for each in chosen]
    if not rows:
        typer.echo("You have a role in no project yet.")
        return
    _print_table(["PROJECT", "ID", "MARKING", "TASKS DONE", "ANSWERS", "AGREEMENT", "HOURS LEFT"], rows)


def _room(url: str, level: str | None) -> Strongroom:
    # From the environment alone: a command's arguments can be read by everybody on the machine.
    token = os.environ.get("STRONGROOM_TOKEN")
    if not token:
        raise InvalidError(
            "There is no API token to sign in with.",
            remedy="Make one in the browser, or with `strongroom people token LOGIN --scopes read,label,manage`, "
            "and put it into STRONGROOM_TOKEN.",
        )
    return Strongroom(url, token, level, patience_seconds=5.0)


def _project(room: Strongroom, wanted: str) -> Project:
    """By id, else by name. Raises InvalidError where the name is nobody's or several projects'."""
    found = [each for each in room.projects() if wanted in (each.id, each.name)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise InvalidError(f"You have no project called {wanted}.", remedy="See `strongroom status`.")
    ids = ", ".join(f"{each.id} ({each.marking})" for each in found)
    raise InvalidError(f"Several projects are called {wanted}.", remedy=f"Name one by its id: {ids}.")


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise InvalidError(f"There is no file {path}.")


class _ProgressLine:
    """One line that is written over as a job goes on; nothing where nobody watches."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._width = 0

    def __call__(self, job: Job) -> None:
        if not sys.stderr.isatty():
            return
        share = f"{100 * job.done // job.total:3d} %" if job.total else f"{job.done}"
        left = f", {job.eta_seconds} s left" if job.eta_seconds is not None else ""
        line = "" if job.over else f"{self._title}: {job.message or job.state} {share}{left}"
        typer.echo(f"\r{line:<{self._width}}" + ("\r" if job.over else ""), nl=False, err=True)
        self._width = len(line)


def _list_rejections(room: Strongroom, file: Path, done: Import) -> None:
    for number, rejection in enumerate(room.rejections(done) if done.rejected else ()):
        if number == LISTED_REJECTIONS:
            typer.echo(f"  … and {done.rejected - number} more; the project's page lists them all.", err=True)
            return
        where = f", {rejection.where}" if rejection.where else ""
        expected = f" (expected {rejection.expected})" if rejection.expected else ""
        typer.echo(f"  {file}:{rejection.line}{where}: {rejection.reason}{expected}", err=True)


def _progress(room: Strongroom, project: Project) -> Progress | None:
    try:
        return room.progress(project)
    except (NotPermittedError, NotFoundError):
        return None


def _row(project: Project, progress: Progress | None) -> list[str]:
    named = [project.name, project.id, str(project.marking)]
    if progress is None:
        return [*named, "-", "-", "-", "-"]
    agreement = progress.agreement["percent"]
    return [
        *named,
        f"{progress.tasks.done} of {progress.tasks.total}",
        f"{progress.answers.submitted} of {progress.answers.wanted}",
        "-" if agreement is None else f"{agreement:.0f} %",
        "-" if progress.forecast_hours is None else f"{progress.forecast_hours:.1f}",
    ]


def _print_table(heads: list[str], rows: list[list[str]]) -> None:
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    for row in [heads, *rows]:
        typer.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
