"""Bringing a file in: checked while its owner waits, read by a job, looked at afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from strongroom import jobs
from strongroom.errors import InvalidError, NotPermittedError
from strongroom.jobs import Job, JobOut
from strongroom.label import readers, uploads
from strongroom.label.access import load_for
from strongroom.label.cards import cards
from strongroom.label.form import Questions
from strongroom.label.import_rows import answers_of
from strongroom.label.project import present
from strongroom.label.schemas import ImportOptions, ImportOut, RejectionOut, Tally
from strongroom.label.tables import Import, ImportRejection, ImportTally, Project
from strongroom.markings import MarkingError
from strongroom.people import MarkingOut, Person
from strongroom.vault import Page, ReaderSession, Vault, clock, page

MANAGING = ("owner", "manager")


class Examined(NamedTuple):
    """An upload whose format is known and whose encoding and header are sound."""

    upload: uploads.Upload
    file_name: str
    format: str
    options: ImportOptions


def examine(upload: uploads.Upload, file_name: str, format_name: str, options: ImportOptions) -> Examined:
    """Raises InvalidError for a file that can't be read at all."""
    with upload.path.open("rb") as stream:
        found = readers.examine(stream, file_name, format_name, options)
    if options.answers_of is not None and found != "conll":
        raise InvalidError(
            "Only CoNLL files carry answers.", errors=[{"where": "answers_of", "why": "not CoNLL"}]
        )
    return Examined(upload, file_name, found, options)


def begin(session: ReaderSession, vault: Vault, project: Project, examined: Examined) -> Import:
    """The import and its job, at the session's level. The file is moved to where the job finds it."""
    _check_marking(session, examined.options)
    if examined.options.answers_of is not None:
        known = select(Person.login, Person.id).where(Person.login == examined.options.answers_of)
        people = {row.login: row.id for row in session.execute(known)}
        answers_of(examined.options, Questions.model_validate(project.form), people)
    import_ = Import(
        project_id=project.id,
        job_id="",
        file_name=examined.file_name,
        format=examined.format,
        options=examined.options.model_dump(exclude_none=True),
        rejected=0,
        read_through=0,
        created_at=clock.now(),
        created_by=session.reader.person_id,
    )
    session.add(import_)
    session.flush()
    job = jobs.start(session, "label.import", project_id=project.id, subject_id=import_.id, total=100)
    import_.job_id = job.id
    session.flush()
    session.audit("import.begin", "import", import_.id, project=project.id, bytes=examined.upload.size)
    uploads.hand_over(vault, examined.upload, import_.id)
    return import_


def of_project(session: ReaderSession, project_id: str, cursor: str | None, limit: int) -> Page[ImportOut]:
    """Latest first."""
    present(session, project_id)
    listed: Page[Import] = page(
        session,
        select(Import).where(Import.project_id == project_id),
        (Import.created_at.desc(), Import.id),
        cursor,
        limit,
    )
    return Page(out(session, listed.items), listed.next)


def one(session: ReaderSession, import_id: str) -> ImportOut:
    return out(session, [load_for(session, Import, import_id, MANAGING)])[0]


def rejections(session: ReaderSession, import_id: str, cursor: str | None, limit: int) -> Page[RejectionOut]:
    """In the order of the file."""
    load_for(session, Import, import_id, MANAGING)
    listed: Page[ImportRejection] = page(
        session,
        select(ImportRejection).where(ImportRejection.import_id == import_id),
        (ImportRejection.number, ImportRejection.id),
        cursor,
        limit,
    )
    return Page(
        [
            RejectionOut(line=each.line, reason=each.reason, where=each.place, expected=each.expected)
            for each in listed.items
        ],
        listed.next,
    )


def out(session: ReaderSession, imports: Sequence[Import]) -> list[ImportOut]:
    """With the tallies of the markings that the session sees."""
    tallies: defaultdict[str, list[ImportTally]] = defaultdict(list)
    wanted = select(ImportTally).where(ImportTally.import_id.in_([each.id for each in imports]))
    for tally in session.scalars(wanted):
        tallies[tally.import_id].append(tally)
    started = session.scalars(select(Job).where(Job.id.in_([each.job_id for each in imports])))
    by_id = {job.id: job for job in started}
    names = cards(session, [each.created_by for each in imports])
    return [
        ImportOut(
            id=each.id,
            file_name=each.file_name,
            format=each.format,
            marking=MarkingOut.of(session.marking(each)),
            job=JobOut.of(by_id[each.job_id]),
            tallies=sorted(
                (
                    Tally(
                        marking=MarkingOut.of(session.marking(tally)),
                        added=tally.added,
                        already_there=tally.already_there,
                    )
                    for tally in tallies[each.id]
                ),
                key=lambda tally: tally.marking.text,
            ),
            rejected=each.rejected,
            created_at=each.created_at,
            created_by=names[each.created_by],
        )
        for each in imports
    ]


def _check_marking(session: ReaderSession, options: ImportOptions) -> None:
    if options.default_marking is None:
        return
    try:
        marking = session.vault.scheme.parse(options.default_marking)
    except MarkingError as error:
        mistake = {
            "where": "default_marking",
            "why": str(error),
            "position": error.position,
            "expected": error.expected,
        }
        raise InvalidError("The default marking cannot be read.", errors=[mistake]) from None
    if not session.level <= marking:
        raise InvalidError(f"The default marking must be at least as restrictive as {session.level}.")
    if not session.reader.clearance.permits(marking):
        raise NotPermittedError("Your clearance does not permit the default marking.")
