"""The job that reads an uploaded file into a project.

Rows are written at their own marking, some hundred to a transaction (see `pace`), each transaction together with the number
of the last row that is dealt with at that marking. A job that is killed reads the file again from the start and passes over
what those numbers say is done: nothing is added twice and nothing counted twice.

What is said at the import's level (progress, refusals) doesn't move with how many rows went to higher markings, and never
quotes a row.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, BinaryIO

from sqlalchemy import select

from strongroom.errors import InvalidError
from strongroom.jobs import JobContext, job
from strongroom.label import known, readers, refit, result, tasks, uploads
from strongroom.label.form import Questions, SpansField
from strongroom.label.pace import Pace
from strongroom.label.readers.row import Refusal, RefusedError, Row
from strongroom.label.rules import first_wanted, rules_of
from strongroom.label.schemas import ImportOptions
from strongroom.label.tables import Import, ImportRejection, ImportTally, Project, Task
from strongroom.markings import Marking, MarkingError
from strongroom.people import Person
from strongroom.vault import ReaderSession, core, load

CHUNK_ROWS = 1_000
"""Rows in one transaction at most."""
WAITING_ROWS = 5_000
"""Rows of all markings that may wait in memory for their chunk to fill."""
FIRST_GROWTH = 500
"""Rows written after which the database is told that the table has grown; after that, each time as many again."""
_ALL_READ = "all read"
MAX_REJECTIONS = 10_000
"""Refusals that are kept one by one; further ones are counted."""


@job("label.import", roles=("owner", "manager"))
def read_file(context: JobContext) -> None:
    """Raises InvalidError when the file as a whole can't be read; what came before stays."""
    assert context.job.subject_id is not None
    with context.reading() as session:
        import_ = load(session, Import, context.job.subject_id)
        project = load(session, Project, import_.project_id)
        people = {login: id_ for id_, login in session.execute(select(Person.id, Person.login))}
        markings = [session.marking(number) for number in _markings_begun(session, import_.id)]
    if project.removed_at is not None:
        raise InvalidError("The project was removed.")
    path = uploads.of_import(context.vault, import_.id)
    if context.job.position == _ALL_READ:  # the worker died before it could say that the job is done
        path.unlink(missing_ok=True)
        return
    if not path.exists():
        raise InvalidError("The uploaded file is no longer there.", remedy="Upload it again.")
    intake = _Intake(context, import_, project, people, markings)
    size = max(1, path.stat().st_size)
    with path.open("rb") as stream:
        for item in readers.read(stream, import_.file_name, import_.format, intake.options):
            intake.take(item)
            if item.number % CHUNK_ROWS == 0:
                context.progress(_percent(stream, size), 100, "Reading rows")
    intake.finish()
    with context.writing() as session:
        context.checkpoint(session, _ALL_READ, done=100, total=100)
    path.unlink()


def _percent(stream: BinaryIO, size: int) -> int:
    """How much of the file is read; not how many rows, for that would tell of rows at higher markings."""
    return min(99, stream.tell() * 100 // size)


def _markings_begun(session: ReaderSession, import_id: str) -> list[int]:
    return list(session.scalars(select(ImportTally.marking_id).where(ImportTally.import_id == import_id)))


class _Intake:
    """Sorts rows by marking and writes them chunk by chunk."""

    def __init__(
        self,
        context: JobContext,
        import_: Import,
        project: Project,
        people: dict[str, str],
        begun: list[Marking],
    ) -> None:
        self._context = context
        self._import = import_
        self._project = project
        self._people = people
        self._level = context.reader.level
        self.options = ImportOptions.model_validate(import_.options)
        self._default = self._level
        if self.options.default_marking:
            self._default = context.vault.scheme.parse(self.options.default_marking)
        self._rules = rules_of(project.rules)
        self._questions = Questions.model_validate(project.form)
        self._answers = answers_of(self.options, Questions.model_validate(project.form), people)
        self._waiting: defaultdict[Marking, list[Row]] = defaultdict(list)
        self._waiting_rows = 0
        self._results: dict[int, dict[str, Any]] = {}
        self._refused: list[Refusal] = []
        self._markings: dict[str, Marking | RefusedError] = {}
        self._through: dict[Marking, int] = {}
        self._pace = Pace(CHUNK_ROWS)
        self._written, self._grown = 0, FIRST_GROWTH
        for marking in begun:
            with context.vault.writing(context.reader, marking) as session:
                self._through[marking] = _tally(session, import_.id).read_through

    def take(self, item: Row | Refusal) -> None:
        if isinstance(item, Refusal):
            self._refuse(item)
            return
        try:
            marking = self._marking(item.marking)
            self._check_people(item)
            if item.known is not None:
                item = item._replace(known=known.checked(self._questions, len(item.text), item.known))
            if self._answers is not None:
                self._results[item.number] = self._answers.result(item)
        except RefusedError as refused:
            self._refuse(Refusal(item.number, item.line, item.place, refused.reason, refused.expected))
            return
        if item.number <= self._through.get(marking, 0):
            return
        waiting = self._waiting[marking]
        waiting.append(item)
        self._waiting_rows += 1
        if len(waiting) >= self._pace.rows:
            self._write(marking)
        elif self._waiting_rows >= WAITING_ROWS:
            self._write(max(self._waiting, key=lambda each: len(self._waiting[each])))

    def finish(self) -> None:
        for marking in list(self._waiting):
            self._write(marking)
        self._write_refusals()

    def _marking(self, text: str | None) -> Marking:
        if text is None:
            found: Marking | RefusedError | None = self._default
        else:
            found = self._markings.get(text)
            if found is None:
                found = self._parsed(text)
                if len(self._markings) < 10_000:
                    self._markings[text] = found
        if isinstance(found, RefusedError):
            raise found
        assert found is not None
        return found

    def _parsed(self, text: str) -> Marking | RefusedError:
        try:
            marking = self._context.vault.scheme.parse(text)
        except MarkingError as error:
            return RefusedError(
                f"the marking can't be read at character {error.position + 1}", error.expected
            )
        if not self._level <= marking:
            return RefusedError(
                "the marking is not at least as restrictive as the level of the import",
                f"at least {self._level}",
            )
        if not self._context.reader.clearance.permits(marking):
            return RefusedError("the importer's clearance does not permit this marking")
        return marking

    def _check_people(self, row: Row) -> None:
        for number, login in enumerate(row.people or (), 1):
            if login not in self._people:
                raise RefusedError(f"person {number} of its list is not known here", "a login")

    def _refuse(self, refusal: Refusal) -> None:
        if refusal.number <= self._import.read_through:
            return
        if self._default != self._level:
            refusal = refusal._replace(place=None)  # the name of a file may be as secret as what is in it
        self._refused.append(refusal)
        if len(self._refused) >= self._pace.rows:
            self._write_refusals()

    def _write(self, marking: Marking) -> None:
        rows = self._waiting.pop(marking)
        self._waiting_rows -= len(rows)
        while rows:
            some, rows = rows[: self._pace.rows], rows[self._pace.rows :]
            self._write_some(marking, some)
            self._written += len(some)
            if self._written >= self._grown:
                self._context.vault.learn_size(core(Task))
                self._grown = 2 * self._written

    def _write_some(self, marking: Marking, rows: list[Row]) -> None:
        answered = None
        if self._answers is not None:
            answered = self._answers.answered(self._project.guideline_version, self._results)
        writing = self._context.vault.writing(self._context.reader, marking)
        with self._pace.kept(writing, len(rows)) as session:
            tally = _tally(session, self._import.id)
            added = tasks.add(
                session,
                self._project.id,
                self._import.id,
                first_wanted(self._project.overlap, self._rules),
                rows,
                self._people,
                answered,
                role=self.options.known_as,
                budget=self._rules.ask.budget if self._rules.ask else None,
            )
            if answered is not None:
                refit.ask(session, self._project.id, self._rules)
            tally.added += added.added
            tally.already_there += added.already_there
            tally.read_through = rows[-1].number
            session.audit("task.import", "import", self._import.id, added=added.added)
        for row in rows:
            self._results.pop(row.number, None)

    def _write_refusals(self) -> None:
        if not self._refused:
            return
        with self._pace.kept(self._context.writing(), len(self._refused)) as session:
            import_ = load(session, Import, self._import.id)
            room = max(0, MAX_REJECTIONS - import_.rejected)
            session.add_all(
                ImportRejection(
                    import_id=import_.id,
                    number=each.number,
                    line=each.line,
                    place=each.place,
                    reason=each.reason,
                    expected=each.expected,
                )
                for each in self._refused[:room]
            )
            import_.rejected += len(self._refused)
            import_.read_through = self._refused[-1].number
        self._refused.clear()


class _Answers:
    """Tags that come with a text, as the answers of one person to one spans field."""

    def __init__(self, questions: Questions, field: str, person_id: str) -> None:
        self._questions = questions
        self._field = field
        self._person_id = person_id

    def result(self, row: Row) -> dict[str, Any]:
        spans = [{"start": start, "end": end, "label": label} for start, end, label in row.tags]
        try:
            return result.check(self._questions, len(row.text), {self._field: spans})
        except InvalidError as unfit:
            places = unfit.extra.get("errors")
            where = places[0]["where"] if isinstance(places, list) else self._field
            raise RefusedError(f"its tags don't fit the form, at {where}") from None

    def answered(self, guideline_version: int, results: dict[int, dict[str, Any]]) -> tasks.Answered:
        return tasks.Answered(self._person_id, guideline_version, results)


def answers_of(options: ImportOptions, questions: Questions, people: dict[str, str]) -> _Answers | None:
    """Raises InvalidError when the options ask for what form or accounts don't have."""
    if options.answers_of is None:
        return None
    fields = [field.key for field in questions.fields if isinstance(field, SpansField)]
    field = options.answers_field or (fields[0] if len(fields) == 1 else None)
    if field not in fields:
        raise InvalidError(
            "Tags are answers to a field of spans.",
            remedy=f"Name one in answers_field: {', '.join(fields) or 'the form has none'}.",
        )
    if options.answers_of not in people:
        raise InvalidError("answers_of is nobody's login.")
    return _Answers(questions, field, people[options.answers_of])


def _tally(session: ReaderSession, import_id: str) -> ImportTally:
    found = session.scalars(
        select(ImportTally).where(
            ImportTally.marking_id == session.level_id, ImportTally.import_id == import_id
        )
    ).one_or_none()
    if found is None:
        found = ImportTally(import_id=import_id, added=0, already_there=0, read_through=0)
        session.add(found)
    return found
