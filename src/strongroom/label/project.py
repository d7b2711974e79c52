"""Projects: made at the working level, changed at their own, removed without losing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from strongroom.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from strongroom.label import form as forms
from strongroom.label.form import ClassField, Form, Questions, SpansField
from strongroom.label.refusals import LevelChangedError
from strongroom.label.rules import USUAL, Rules, rules_of
from strongroom.label.schemas import ProjectIn, ProjectOut, ProjectPatch
from strongroom.label.tables import Annotation, Project
from strongroom.people import MarkingOut, Membership, Role, projects_of, roles_of, set_roles
from strongroom.vault import Page, Reader, ReaderSession, Vault, clock, load, page


def present(session: ReaderSession, project_id: str) -> Project:
    """The project; NotFoundError when it is absent, hidden or removed."""
    project = load(session, Project, project_id)
    if project.removed_at is not None:
        raise NotFoundError
    return project


@contextmanager
def at_its_level(vault: Vault, reader: Reader, project_id: str) -> Iterator[tuple[ReaderSession, Project]]:
    """A writing session at the project's own level. LevelChangedError when the reader works at another one."""
    with vault.reading(reader) as session:
        marking = session.marking(present(session, project_id))
    if marking != reader.level:
        raise LevelChangedError(
            f"This project is {marking}, and you work at {reader.level}.",
            remedy=f"Switch your working level to {marking} and try again.",
            level=str(marking),
        )
    with vault.writing(reader) as session:
        yield session, present(session, project_id)


@contextmanager
def from_above(vault: Vault, reader: Reader, project_id: str) -> Iterator[tuple[ReaderSession, Project]]:
    """A writing session at the working level, which sees the project. LevelChangedError when the level is too low."""
    refuse_too_low(vault, reader, project_id)
    with vault.writing(reader) as session:
        yield session, present(session, project_id)


def refuse_too_low(vault: Vault, reader: Reader, project_id: str) -> None:
    """LevelChangedError when what comes from the project can't be written at the working level; NotFoundError when
    there is no such project."""
    with vault.reading(reader) as session:
        marking = session.marking(present(session, project_id))
    if not marking <= reader.level:
        raise LevelChangedError(
            f"This project is {marking}; what comes from it can't be written at {reader.level}.",
            remedy=f"Switch your working level to {marking} or higher and try again.",
            level=str(marking),
        )


def create(session: ReaderSession, asked: ProjectIn) -> Project:
    """A new project at the session's level, owned by its reader. Raises InvalidError for a bad form."""
    form = forms.load(asked.form)
    name = asked.name or form.name.strip()
    if not name:
        raise InvalidError("The project needs a name.", errors=[{"where": "name", "why": "is missing"}])
    project = Project(
        name=name,
        description=form.description if asked.description is None else asked.description,
        guideline=form.guideline if asked.guideline is None else asked.guideline,
        guideline_version=1,
        form=_stored(form),
        overlap=asked.overlap or form.overlap,
        lease_seconds=asked.lease_seconds or form.lease_seconds,
        rules=_kept(asked.rules or form.rules),
        created_at=clock.now(),
        created_by=session.reader.person_id,
    )
    session.add(project)
    session.flush()
    set_roles(session, project.id, session.reader.person_id, ["owner"])
    session.audit("project.create", "project", project.id)
    return project


def change(session: ReaderSession, project: Project, asked: ProjectPatch) -> None:
    """Change what is given. A new guideline or form is a new version of the guideline.

    Raises ConflictError when the form would lose a field or label that has answers. Overlap of tasks that are there
    already is not changed here: see `overlap.change`.
    """
    if asked.name is not None:
        project.name = asked.name
    if asked.description is not None:
        project.description = asked.description
    if asked.overlap is not None:
        project.overlap = asked.overlap
    if asked.rules is not None:
        project.rules = _kept(asked.rules)
    renewed = False
    if asked.guideline is not None and asked.guideline != project.guideline:
        project.guideline, renewed = asked.guideline, True
    if asked.form is not None:
        stored = _stored(forms.load(asked.form))
        if stored != project.form:
            _refuse_loss(session, project, Questions.model_validate(stored))
            project.form, renewed = stored, True
    if renewed:
        project.guideline_version += 1
    session.flush()
    session.audit("project.change", "project", project.id, version=project.guideline_version)


def remove(session: ReaderSession, project: Project) -> None:
    """Gone from every list at once. Tasks and answers stay in storage; work under way is kept as drafts."""
    project.removed_at = clock.now()
    session.flush()
    session.audit("project.remove", "project", project.id)


def set_member(session: ReaderSession, project_id: str, person_id: str, roles: Sequence[Role]) -> None:
    """Give a person exactly these roles. An owner is made and unmade by owners alone.

    Raises NotFoundError for nobody, ConflictError when the project would be left without an owner.
    """
    before = roles_of(session, project_id, person_id)
    mine = roles_of(session, project_id, session.reader.person_id)
    if ("owner" in before) != ("owner" in roles) and "owner" not in mine:
        raise NotPermittedError("Only an owner makes or unmakes an owner.")
    set_roles(session, project_id, person_id, roles)
    session.audit("member.set", "project", project_id, person=person_id, roles=sorted(roles))


def mine(session: ReaderSession, cursor: str | None, limit: int) -> Page[ProjectOut]:
    """The projects in which the reader has a role, newest first."""
    person_id = session.reader.person_id
    memberships = select(Membership.project_id).where(Membership.person_id == person_id)
    listed: Page[Project] = page(
        session,
        select(Project).where(Project.removed_at.is_(None), Project.id.in_(memberships)),
        (Project.created_at.desc(), Project.id),
        cursor,
        limit,
    )
    roles = projects_of(session, person_id)
    return Page([_out(session, each, roles.get(each.id, [])) for each in listed.items], listed.next)


def out(session: ReaderSession, project: Project) -> ProjectOut:
    return _out(session, project, roles_of(session, project.id, session.reader.person_id))


def _out(session: ReaderSession, project: Project, roles: list[str]) -> ProjectOut:
    return ProjectOut(
        id=project.id,
        name=project.name,
        description=project.description,
        guideline=project.guideline,
        guideline_version=project.guideline_version,
        form=Questions.model_validate(project.form),
        overlap=project.overlap,
        lease_seconds=project.lease_seconds,
        rules=rules_of(project.rules),
        marking=MarkingOut.of(session.marking(project)),
        roles=roles,
        created_at=project.created_at,
    )


def _kept(rules: Rules) -> dict[str, Any] | None:
    return None if rules == USUAL else rules.model_dump(mode="json")


def _stored(form: Form) -> dict[str, Any]:
    return form.questions.model_dump(mode="json")


def _refuse_loss(session: ReaderSession, project: Project, new: Questions) -> None:
    """What answers hold can't go: they would say what nobody can read. Counts the latest answers that this session
    sees: whether a form changes may not depend on answers above it."""
    lost: dict[tuple[str, str | None], int] = {}
    for field in Questions.model_validate(project.form).fields:
        kept = new.field(field.key)
        if kept is None or _shape(kept) != _shape(field):
            lost[field.key, None] = 0
        elif isinstance(field, ClassField | SpansField) and isinstance(kept, ClassField | SpansField):
            gone = {label.id for label in field.labels} - {label.id for label in kept.labels}
            lost.update({(field.key, label): 0 for label in gone})
    if not lost:
        return
    results = select(Annotation.result).where(Annotation.project_id == project.id, Annotation.latest)
    for result in session.scalars(results):
        for key, label in lost:
            if key in result and (label is None or label in _labels(result[key])):
                lost[key, label] += 1
    for (key, label), count in sorted(lost.items(), key=lambda item: (item[0][0], item[0][1] or "")):
        if count:
            raise _loss(count, f"the field {key!r}" if label is None else f"the label {label!r} of {key!r}")


def _loss(count: int, what: str) -> ConflictError:
    return ConflictError(
        f"{count:,} {'answer holds' if count == 1 else 'answers hold'} {what}, so it can't be removed.",
        kept="The form is as it was.",
        remedy="Change its title instead, or keep it.",
        count=count,
    )


def _shape(field: object) -> tuple[object, ...]:
    return type(field), getattr(field, "multiple", None)


def _labels(value: Any) -> set[str]:
    if isinstance(value, list):
        return {item["label"] if isinstance(item, dict) else item for item in value}
    return {value}
