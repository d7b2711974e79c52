"""Finished datasets: listed with their history, downloaded on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import select

from strongroom.errors import ConflictError, NotFoundError, NotPermittedError
from strongroom.jobs import Job, JobOut
from strongroom.label.access import load_for
from strongroom.label.cards import cards
from strongroom.label.export import EXPORTING
from strongroom.label.project import present
from strongroom.label.schemas import DatasetFile, DatasetOut
from strongroom.label.tables import Dataset
from strongroom.people import MarkingOut
from strongroom.vault import Page, ReaderSession, page

Format = Literal["jsonl", "conll"]


class Download(NamedTuple):
    """`content` may be read after the session has ended, and only then: the disclosure is on record by then."""

    file_name: str
    media_type: str
    sha256: str
    size: int
    content: Iterator[bytes]


def of_project(session: ReaderSession, project_id: str, cursor: str | None, limit: int) -> Page[DatasetOut]:
    """Latest first."""
    present(session, project_id)
    listed: Page[Dataset] = page(
        session,
        select(Dataset).where(Dataset.project_id == project_id),
        (Dataset.created_at.desc(), Dataset.id),
        cursor,
        limit,
    )
    return Page(out(session, listed.items), listed.next)


def one(session: ReaderSession, dataset_id: str) -> DatasetOut:
    return out(session, [load_for(session, Dataset, dataset_id, EXPORTING)])[0]


def download(session: ReaderSession, dataset_id: str, format_name: Format) -> Download:
    """Raises NotPermittedError where the clearance doesn't permit export, NotFoundError for a format that it doesn't
    have, ConflictError while it isn't finished."""
    dataset = load_for(session, Dataset, dataset_id, EXPORTING)
    marking = session.marking(dataset)
    if not session.reader.clearance.permits(marking, "export"):
        raise NotPermittedError("Your clearance lets you see this dataset, not take it out.")
    if dataset.manifest is None:
        raise ConflictError("This dataset isn't finished yet.", remedy="Wait for its job.")
    blob_id = dataset.jsonl_blob_id if format_name == "jsonl" else dataset.conll_blob_id
    if blob_id is None:
        raise NotFoundError
    file = next(each for each in _files(dataset) if each.format == format_name)
    content = session.vault.blobs.open(session, blob_id)
    session.audit("dataset.download", "dataset", dataset.id, marking=dataset, format=format_name)
    media_type = "application/jsonl" if format_name == "jsonl" else "text/plain; charset=utf-8"
    return Download(f"dataset-{dataset.version}.{format_name}", media_type, file.sha256, file.bytes, content)


def out(session: ReaderSession, datasets: Sequence[Dataset]) -> list[DatasetOut]:
    started = session.scalars(select(Job).where(Job.id.in_([each.job_id for each in datasets])))
    by_id = {job.id: job for job in started}
    names = cards(session, [each.created_by for each in datasets])
    return [
        DatasetOut(
            id=each.id,
            name=each.name,
            version=each.version,
            job=JobOut.of(by_id[each.job_id]),
            marking=MarkingOut.of(session.marking(each)),
            tasks=each.tasks,
            answers=each.answers,
            sha256=each.sha256,
            files=_files(each),
            guideline_version=each.guideline_version,
            created_at=each.created_at,
            created_by=names[each.created_by],
        )
        for each in datasets
    ]


def _files(dataset: Dataset) -> list[DatasetFile]:
    return [DatasetFile.model_validate(each) for each in (dataset.manifest or {}).get("files", [])]
